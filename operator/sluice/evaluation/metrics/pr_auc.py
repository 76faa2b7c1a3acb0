"""Average precision of `class`: the area under the precision-recall curve, as a sum of steps.

Over the distinct scores from the top: the rise of recall times the precision there. An item that failed is ranked where
it hurts. Bounds: bootstrap over items. Source: Boyd, Eng and Page, ECML PKDD (2013) 451.
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.intervals.interval import Floats, Integers
from sluice.evaluation.outcomes import Curve
from sluice.evaluation.outcomes.curve import MOST_CUTS

NAME = "prAuc"
NEEDS = truth.class_and_others


def measure(answers: Answers, params: Mapping[str, str], /) -> Curve:
    """Return the scores for the class."""
    positive = answers.is_of(params["class"])
    scores = answers.ranking_scores(params["class"], positive)
    return Curve(positive, scores, _average_precision, _evenly, answers.clusters)


def _evenly(above: Floats, below: Floats) -> Integers:
    """Return cuts at even steps of recall, and at even steps of the logarithm of the rank, where precision moves."""
    steps = MOST_CUTS // 2
    recall = np.searchsorted(above, np.linspace(0, above[-1], steps))
    ranks = np.searchsorted(above + below, np.geomspace(1, above[-1] + below[-1], steps))
    return np.minimum(np.append(recall, ranks), len(above) - 1)


def _average_precision(above: Floats, below: Floats) -> Floats:
    seen = above + below
    precision = np.divide(above, seen, out=np.zeros_like(above), where=seen > 0)
    rises = np.diff(above, axis=1, prepend=0.0)
    return np.asarray((rises * precision).sum(axis=1) / above[:, -1])
