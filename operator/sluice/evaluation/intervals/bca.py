"""Bounds from bootstrap resamples, bias-corrected and accelerated.

Source: Efron, Journal of the American Statistical Association 82 (1987) 171.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from sluice.evaluation.intervals.interval import Floats, Interval, normal_quantile

_FEW = 5


def bca(estimate: float, resamples: Floats, jackknife: Floats, level: float) -> Interval:
    """Return the bounds; `jackknife` holds the statistic without each unit (or each group of units) in turn."""
    near = 1e-12 * max(abs(estimate), float(np.abs(resamples).max()))
    below = float(np.mean(resamples < estimate - near) + np.mean(np.abs(resamples - estimate) <= near) / 2)
    bias = float(ndtri(np.clip(below, 0.5 / len(resamples), 1 - 0.5 / len(resamples))))
    lift = _acceleration(jackknife)
    lower = _bound(estimate, resamples, _adjusted(bias, lift, 1 - level))
    upper = -_bound(-estimate, -resamples, 1 - _adjusted(bias, lift, level))
    return Interval(estimate, min(lower, estimate), max(upper, estimate))


def _adjusted(bias: float, lift: float, tail: float) -> float:
    """Return which quantile of the resamples is the bound that `tail` of the sampling distribution is below."""
    shifted = bias + float(ndtri(tail))
    return float(ndtr(bias + shifted / max(1e-3, 1 - lift * shifted)))


def _bound(estimate: float, resamples: Floats, tail: float) -> float:
    """Return the quantile; where hardly a resample is beyond it, not nearer than a normal distribution puts it."""
    bound = float(np.quantile(resamples, tail))
    if tail * len(resamples) >= _FEW:
        return bound
    far = normal_quantile(max(tail, 1e-9)) * float(resamples.std())
    return min(bound, estimate + far)


def _acceleration(jackknife: Floats) -> float:
    if not jackknife.size:
        return 0.0
    pull = jackknife.mean() - jackknife
    spread = float(np.sum(pull**2)) ** 1.5
    return float(np.sum(pull**3)) / (6 * spread) if spread > 0 else 0.0
