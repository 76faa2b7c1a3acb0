"""Recall at a false-positive rate: of the items of `class`, the share scored at or above a threshold.

The threshold is the lowest score of the model at which at most `fpr` of the other items are; it is drawn anew in every
resample. An item that failed is ranked where it hurts. Bounds: bootstrap over items, never narrower than those of the
share at the model's own threshold (Clopper-Pearson, Newcombe). Source: Pepe, The Statistical Evaluation of Medical
Tests (2003), section 5.2.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.intervals.interval import Floats, Integers
from sluice.evaluation.outcomes import Curve, Share
from sluice.evaluation.outcomes.curve import MOST_CUTS

NAME = "recallAtFpr"
NEEDS = truth.class_and_others


def measure(answers: Answers, params: Mapping[str, str], /) -> Curve:
    """Return the scores for the class."""
    positive, allowed = answers.is_of(params["class"]), float(params["fpr"])
    scores = answers.ranking_scores(params["class"], positive)
    caught = Share(scores > _too_low(scores[~positive], allowed), positive, answers.clusters)
    reading, cuts = partial(_recall, allowed=allowed), partial(_near, allowed=allowed)
    return Curve(positive, scores, reading, cuts, answers.clusters, caught)


def _near(above: Floats, below: Floats, *, allowed: float) -> Integers:
    """Return cuts as near to the threshold as it comes in any resample; where they are too many, evenly spread."""
    rank = allowed * below[-1]
    reach = 12 * np.sqrt(rank + 1)
    first, last = np.searchsorted(below, (rank - reach, rank + reach))
    last = min(int(last), len(above) - 1)
    return np.unique(np.linspace(min(int(first), last), last, MOST_CUTS).astype(np.int64))


def _recall(above: Floats, below: Floats, *, allowed: float) -> Floats:
    within = below <= allowed * below[:, -1:] * (1 + 1e-12)
    return np.asarray(np.where(within, above, 0.0).max(axis=1) / above[:, -1])


def _too_low(others: Floats, allowed: float) -> float:
    """Return the score that must be exceeded: at most the allowed share of the other items does."""
    rank = int(allowed * len(others) * (1 + 1e-12))
    return float(np.sort(others)[::-1][rank]) if rank < len(others) else -np.inf
