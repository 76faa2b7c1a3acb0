"""Flip rate: of the items that the champion predicts as class `from`, the share that the candidate predicts as `to`.

An item on which the candidate failed counts as flipped where `from` and `to` differ. The champion against itself flips
none, so the difference is the candidate's rate. Without a champion nothing can flip, and no item counts.
Source: one direction of the churn of Milani Fard et al., "Launch and Iterate: Reducing Prediction Churn" (NIPS 2016).
"""

from collections.abc import Mapping

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share

NAME = "flipRate"


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:
    """Return which items flip; those that the champion predicts as `from` count."""
    start, end = params["from"], params["to"]
    ends = answers.predicted.are(end) | (answers.failed & (start != end))
    return Share(ends, answers.reference_predicts(start), answers.clusters)
