"""ROC AUC: the chance that an item of `class` is scored above an item of another class; ties count half.

An item that failed is ranked where it hurts: last if it is of the class, else first. Bounds: DeLong.
Source: Hanley and McNeil, Radiology 143 (1982) 29.
"""

from collections.abc import Mapping

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Area

NAME = "rocAuc"
NEEDS = truth.class_and_others


def measure(answers: Answers, params: Mapping[str, str], /) -> Area:
    """Return the scores for the class."""
    positive = answers.is_of(params["class"])
    return Area(positive, answers.ranking_scores(params["class"], positive), answers.clusters)
