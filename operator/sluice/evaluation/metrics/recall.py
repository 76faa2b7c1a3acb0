"""Recall of `class` (sensitivity): of the items of it, the share that is predicted as it.

An item that failed is missed. Source: Powers, Journal of Machine Learning Technologies 2 (2011) 37.
"""

from collections.abc import Mapping

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share

NAME = "recall"


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:
    """Return which items are found; those of the class count."""
    name = params["class"]
    return Share(answers.predicted.are(name), answers.labels.are(name), answers.clusters)
