"""False-positive rate of `class`: of the items that are not of it, the share that is predicted as it.

An item that failed counts as a false alarm. Source: Fawcett, Pattern Recognition Letters 27 (2006) 861.
"""

from collections.abc import Mapping

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share

NAME = "fpr"


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:
    """Return which items are false alarms; those of other classes count."""
    name = params["class"]
    return Share(answers.predicted.are(name) | answers.failed, ~answers.labels.are(name), answers.clusters)
