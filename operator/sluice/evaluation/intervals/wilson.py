"""Score bounds of a share. Source: Wilson, Journal of the American Statistical Association 22 (1927)."""

from math import sqrt

from sluice.evaluation.intervals.interval import Interval, normal_quantile


def wilson(happened: int, items: int, level: float) -> Interval:
    """Return the share `happened / items` with score bounds; `items` is at least 1."""
    z = normal_quantile(level)
    share, square = happened / items, z * z
    centre = (share + square / (2 * items)) / (1 + square / items)
    half = z / (1 + square / items) * sqrt(share * (1 - share) / items + square / (4 * items * items))
    return Interval(share, min(centre - half, share), max(centre + half, share))
