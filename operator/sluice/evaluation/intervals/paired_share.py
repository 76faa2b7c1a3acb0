"""Bounds of the difference of two shares on the same items.

Source: Newcombe, Statistics in Medicine 17 (1998) 2635, method 10.
"""

from math import sqrt

from sluice.evaluation.intervals.interval import Interval
from sluice.evaluation.intervals.recovered import recovered_difference
from sluice.evaluation.intervals.wilson import wilson

NEWCOMBE_PAIRED = "newcombe-paired"


def newcombe_paired(both: int, first_only: int, second_only: int, neither: int, level: float) -> Interval:
    """Return the difference of two shares on the same items, first minus second, by Newcombe's paired score method.

    The four counts are of items where the thing happened under both, only the first, only the second, neither.
    """
    items = both + first_only + second_only + neither
    first, second = wilson(both + first_only, items, level), wilson(both + second_only, items, level)
    return recovered_difference(first, second, _correlation(both, first_only, second_only, neither))


def _correlation(both: int, first_only: int, second_only: int, neither: int) -> float:
    """Return phi with Newcombe's continuity correction; 0 where a margin is empty."""
    items = both + first_only + second_only + neither
    margins = (both + first_only) * (second_only + neither) * (both + second_only) * (first_only + neither)
    if not margins:
        return 0.0
    product = float(both * neither - first_only * second_only)
    if product > 0:
        product = max(product - items / 2, 0.0)
    return product / sqrt(margins)
