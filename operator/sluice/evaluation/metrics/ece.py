"""Expected calibration error: how far confidence (the greatest probability) is from how often it is right.

The mean over `bins` bins of equal width of |share right - mean confidence|, by items. An item that failed was wrong
with confidence 1. Bounds: bootstrap over items; the plain error is biased upwards where bins hold few items, and more
so when resampled, which BCa corrects in part only. Source: Guo et al., 34th International Conference on Machine
Learning (2017).
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.outcomes import Placed, Sums

NAME = "ece"


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return each item's bin and gap."""
    names, found = answers.probabilities()
    bins = int(params["bins"])
    best = np.argmax(found, axis=1)
    confidence = np.where(answers.failed, 1.0, found[np.arange(len(found)), best])
    right = (answers.labels.columns(names) == best) & ~answers.failed
    places = np.minimum((confidence * bins).astype(np.int8), bins - 1)
    rows = Placed(right - confidence, places, bins)
    return Sums(
        rows=rows,
        value=_error,
        extremes=(np.append(np.zeros(bins), 1.0), _worst(rows.total)),
        limits=(0.0, 1.0),
        denominator=len(found),
        clusters=answers.clusters,
    )


def _error(sums: Floats) -> Floats:
    return np.asarray(np.abs(sums[..., :-1]).sum(axis=-1) / sums[..., -1])


def _worst(total: Floats) -> Floats:
    """Return the row of an item that widens the widest gap by as much as one can."""
    gaps, worst = total[:-1], np.zeros(len(total))
    widest = int(np.argmax(np.abs(gaps)))
    worst[widest], worst[-1] = np.sign(gaps[widest]) or 1.0, 1.0
    return worst
