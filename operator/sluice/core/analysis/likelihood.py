"""The likelihood ratio of two ratios of rates, given how many requests each arm served.

Of all failures in a round, the candidate's part is binomial with θ(r) = sr / (1 + s(r-1)), s its share of requests.
Given exposures this holds whatever the baseline and the split are at that moment, so rounds multiply (Wald). Where most
requests are bad, the good ones are counted, and a worse candidate has 1/r times the stable's rate of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import log, log1p

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.points import POINTS

_NOTHING = (0.0,) * len(POINTS)
_LOG_POINTS = tuple(map(log, POINTS))
_MOST = 0.5
Others = tuple[tuple[float, float], ...]
"""Of each alternative, ln of its multiple of the null, and how far it is above 1."""


def beyond(null: float, alternatives: Sequence[float]) -> Others:
    """Return, for each alternative, ln of its multiple of `null`, and how far it is above 1."""
    return tuple([(log(other / null), other - 1) for other in alternatives])


_INVERSE = beyond(1.0, [1 / point for point in POINTS])


@frozen
class Likelihood:
    """The method for rare events, each on its own."""

    def gains(self, counts: Counts, null: float, rate: float) -> tuple[float, ...]:
        """Return ln of the likelihood ratios."""
        if rate > _MOST and null == 1:
            return log_increments(counts.others, 1.0, _INVERSE)
        mine, failures = counts.candidate_failures, counts.candidate_failures + counts.stable_failures
        if not failures or not counts.comparable:
            return _NOTHING
        losses = _losses(counts.share, null)
        if not mine:
            return tuple([failures * loss for loss in losses])
        return tuple([mine * log_point + failures * loss for log_point, loss in zip(_LOG_POINTS, losses, strict=True)])


@lru_cache(maxsize=8)
def _losses(share: float, null: float) -> tuple[float, ...]:
    """Return what any event costs at each of `POINTS`: all bounds of a histogram have the round's share in common."""
    base, scaled = log1p(share * (null - 1)), share * null
    return tuple([base - log1p(scaled * point - share) for point in POINTS])


def log_increments(counts: Counts, null: float, others: Others) -> tuple[float, ...]:
    """Return ln of the likelihood of each of the others over that of `null`; 0 when only one arm served."""
    mine, failures = counts.candidate_failures, counts.candidate_failures + counts.stable_failures
    if not failures or not counts.comparable:
        return (0.0,) * len(others)
    share = counts.share
    base = log1p(share * (null - 1))
    return tuple([mine * one + failures * (base - log1p(share * over)) for one, over in others])
