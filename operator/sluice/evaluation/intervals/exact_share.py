"""Exact bounds of a share. Source: Clopper and Pearson, Biometrika 26 (1934)."""

from scipy.special import betaincinv

from sluice.evaluation.intervals.interval import Interval

CLOPPER_PEARSON = "clopper-pearson"


def clopper_pearson(happened: int, items: int, level: float) -> Interval:
    """Return the share `happened / items` with exact bounds; `items` is at least 1."""
    lower = float(betaincinv(happened, items - happened + 1, 1 - level)) if happened else 0.0
    upper = float(betaincinv(happened + 1, items - happened, level)) if happened < items else 1.0
    share = happened / items
    return Interval(share, min(lower, share), max(upper, share))
