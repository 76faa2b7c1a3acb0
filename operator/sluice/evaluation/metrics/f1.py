"""F1 of `class`: the harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN).

Bounds: bootstrap over items. An item that failed is missed if it is of the class, and else a false alarm.
Source: van Rijsbergen, Information Retrieval (1979).
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.outcomes import Full, Sums

NAME = "f1"
NEEDS = truth.class_and_others


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return true positives and mistakes, an item each."""
    positive = answers.is_of(params["class"])
    chosen = answers.predicted.are(params["class"]) | (answers.failed & ~positive)
    return Sums(
        rows=Full.of(positive & chosen, positive ^ chosen),
        value=_f1,
        extremes=(np.array([0.0, 1.0]), np.array([1.0, 0.0])),
        limits=(0.0, 1.0),
        denominator=int(positive.sum()),
        clusters=answers.clusters,
    )


def _f1(sums: Floats) -> Floats:
    return np.asarray(2 * sums[..., 0] / (2 * sums[..., 0] + sums[..., 1]))
