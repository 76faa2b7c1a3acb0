"""How many items it would take to decide, at 80 % power, if the truth is what was seen.

Source: sample size of a one-sided z-test on a mean of n independent items; for a share of exactly 0 or 1, the exact
bound ("0 of n" proves less than p once (1 - p)^n <= 1 - level).
"""

from decimal import Decimal
from math import ceil, log
from statistics import NormalDist

from sluice.api.evaluation_result import Measurement

POWER = 0.8
MOST = 100_000_000
"""A need of more items than this is no advice."""


def items_for_share(share: float, limit: Decimal, level: float) -> int | None:
    """Return the items needed to tell a share from its limit; None when no practical number would do."""
    bound = float(limit)
    if share == 0 and 0 < bound < 1:
        return _practical(log(1 - level) / log(1 - bound))
    if share == 1 and 0 < bound < 1:
        return _practical(log(1 - level) / log(bound))
    return _items(share * (1 - share), bound - share, level)


def items_for_difference(measured: Measurement, worse: float, limit: Decimal) -> int | None:
    """Return the items needed to tell a paired difference from its limit; None when no practical number would do."""
    return _items(_discordance(measured) - worse * worse, float(limit) - worse, measured.level)


def _discordance(measured: Measurement) -> float:
    """Return the share of items on which the two models differ: as if by chance where the counts are unknown."""
    least = 1 / max(1, measured.denominator)
    if measured.pairs is not None:
        return max(least, (measured.pairs.candidate_only + measured.pairs.champion_only) / measured.pairs.total)
    shares = [arm.estimate for arm in (measured.candidate, measured.champion) if arm is not None]
    return max(least, sum(share * (1 - share) for share in shares))


def _items(variance: float, gap: float, level: float) -> int | None:
    if not gap:
        return None
    z = NormalDist().inv_cdf(level) + NormalDist().inv_cdf(POWER)
    return _practical(max(0.0, variance) * (z / gap) ** 2)


def _practical(items: float) -> int | None:
    return max(1, ceil(items)) if items < MOST else None
