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
from sluice.evaluation.outcomes import Sums

NAME = "ece"


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return each item's bin and gap."""
    names, found = answers.probabilities()
    bins, items = int(params["bins"]), np.arange(len(found))
    best = np.argmax(np.nan_to_num(found), axis=1)
    confidence = np.where(answers.failed, 1.0, np.nan_to_num(found)[items, best])
    right = (answers.labels.columns(names) == best) & ~answers.failed
    rows = np.zeros((len(found), bins + 1))
    rows[items, np.minimum((confidence * bins).astype(np.int64), bins - 1)] = right - confidence
    rows[:, bins] = 1.0
    return Sums(
        rows=rows,
        value=_error,
        extremes=(np.append(np.zeros(bins), 1.0), _worst(rows)),
        limits=(0.0, 1.0),
        denominator=len(rows),
        clusters=answers.clusters,
    )


def _error(sums: Floats) -> Floats:
    return np.asarray(np.abs(sums[..., :-1]).sum(axis=-1) / sums[..., -1])


def _worst(rows: Floats) -> Floats:
    """Return the row of an item that widens the widest gap by as much as one can."""
    gaps, worst = rows[:, :-1].sum(axis=0), np.zeros(rows.shape[1])
    widest = int(np.argmax(np.abs(gaps)))
    worst[widest], worst[-1] = np.sign(gaps[widest]) or 1.0, 1.0
    return worst
