"""How many items it would take to decide, at 80 % power, if the truth is what was seen.

Source: sample size of a one-sided z-test on a mean of n independent items; where only an interval is known, its reach
shrinks with the root of n; for a share of exactly 0 or 1, the exact bound ("0 of n" proves less than p once
(1 - p)^n <= 1 - level).
"""

from math import ceil, log
from statistics import NormalDist

from sluice.api.evaluation_result import EXACT_SHARE, Measurement
from sluice.core.gates.question import Question

POWER = 0.8
MOST = 100_000_000
"""A need of more items than this is no advice."""


def items_for(measured: Measurement, question: Question, *, paired: bool) -> int | None:
    """Return the items needed to answer a question; None when no practical number would do."""
    if paired and measured.pairs is not None:
        differ = (measured.pairs.candidate_only + measured.pairs.champion_only) / measured.pairs.total
        variance = max(1 / measured.pairs.total, differ) - question.quantity.estimate**2
        return items_by_variance(variance, question.gap, measured.level)
    limit, share = float(question.limit.point), question.quantity.estimate
    if not paired and _is_exact(measured) and share in {0, 1} and 0 < limit < 1:
        return items_by_none(1 - limit if share == 0 else limit, measured.level)
    return items_by_reach(measured.denominator, question, measured.level)


def _is_exact(measured: Measurement) -> bool:
    return measured.candidate is not None and measured.candidate.method == EXACT_SHARE


def items_by_none(chance: float, level: float) -> int | None:
    """Return after how many items without exception a chance of `chance` for each is ruled out."""
    return _practical(log(1 - level) / log(chance))


def items_by_variance(variance: float, gap: float, level: float) -> int | None:
    """Return the items needed to see a gap, from the variance of one item."""
    if not gap:
        return None
    z = NormalDist().inv_cdf(level) + NormalDist().inv_cdf(POWER)
    return _practical(max(0.0, variance) * (z / gap) ** 2)


def items_by_reach(items: int, question: Question, level: float) -> int | None:
    """Return the items needed to see a gap, from how far the bounds reach now."""
    z = NormalDist().inv_cdf(level)
    return items_by_variance(items * (question.reach / z) ** 2, question.gap, level) if z else None


def _practical(items: float) -> int | None:
    return max(1, ceil(items)) if items < MOST else None
