"""Precision of `class`: of the items that are predicted as it, the share that is of it.

Which items count depends on the model; an item that failed counts as predicted wrongly. Source: Powers, Journal of
Machine Learning Technologies 2 (2011) 37.
"""

from collections.abc import Mapping

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share

NAME = "precision"


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:
    """Return which items are right; those predicted as the class count."""
    name, failed = params["class"], answers.failed
    return Share(answers.labels.are(name) & ~failed, answers.predicted.are(name) | failed, answers.clusters)
