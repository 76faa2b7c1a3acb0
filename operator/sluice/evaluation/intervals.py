"""Confidence bounds for shares and for differences of paired shares. All bounds are one-sided at `level`.

Sources: Clopper and Pearson, Biometrika 26 (1934); Newcombe, Statistics in Medicine 17 (1998) 2635, method 10;
McNemar, Psychometrika 12 (1947), exact form.
"""

from dataclasses import dataclass
from math import hypot, sqrt

from scipy.stats import beta, binomtest, norm

CLOPPER_PEARSON = "clopper-pearson"
NEWCOMBE_PAIRED = "newcombe-paired"


@dataclass(frozen=True)
class Interval:
    """A point estimate between its two one-sided bounds."""

    estimate: float
    lower: float
    upper: float


def clopper_pearson(happened: int, items: int, level: float) -> Interval:
    """Return the share `happened / items` with exact bounds; `items` is at least 1."""
    lower = float(beta.ppf(1 - level, happened, items - happened + 1)) if happened else 0.0
    upper = float(beta.ppf(level, happened + 1, items - happened)) if happened < items else 1.0
    share = happened / items
    return Interval(share, min(lower, share), max(upper, share))


def newcombe_paired(both: int, first_only: int, second_only: int, neither: int, level: float) -> Interval:
    """Return the difference of two shares on the same items, first minus second, by Newcombe's paired score method.

    The four counts are of items where the thing happened under both, only the first, only the second, neither.
    """
    items = both + first_only + second_only + neither
    first, second = both + first_only, both + second_only
    low1, high1 = _wilson(first, items, level)
    low2, high2 = _wilson(second, items, level)
    share1, share2 = first / items, second / items
    phi = _correlation(both, first_only, second_only, neither)
    down, up = (share1 - low1, high2 - share2), (high1 - share1, share2 - low2)
    difference = share1 - share2
    return Interval(difference, difference - _norm(*down, phi), difference + _norm(*up, phi))


def _norm(first: float, second: float, phi: float) -> float:
    """Return the length of the sum of two vectors of these lengths whose cosine is -phi."""
    return sqrt(max(0.0, hypot(first, second) ** 2 - 2 * phi * first * second))


def _wilson(happened: int, items: int, level: float) -> tuple[float, float]:
    z = float(norm.ppf(level))
    share, square = happened / items, z * z
    centre = (share + square / (2 * items)) / (1 + square / items)
    half = z / (1 + square / items) * sqrt(share * (1 - share) / items + square / (4 * items * items))
    return min(centre - half, share), max(centre + half, share)


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


def mcnemar_exact(first_only: int, second_only: int) -> float:
    """Return the two-sided p-value of "neither is the more frequent", from the discordant pairs."""
    discordant = first_only + second_only
    return float(binomtest(first_only, discordant, 0.5).pvalue) if discordant else 1.0
