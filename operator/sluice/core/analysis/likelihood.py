"""The likelihood ratio of two ratios of rates, given how many requests each arm served.

Of all failures in a round, the candidate's part is binomial with θ(r) = sr / (1 + s(r-1)), s its share of requests.
Given exposures this holds whatever the baseline and the split are at that moment, so rounds multiply (Wald). Where most
requests are bad, the good ones are counted, and a worse candidate has 1/r times the stable's rate of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.points import POINTS

_NOTHING = (0.0,) * len(POINTS)
_LOG_POINTS = tuple(map(log, POINTS))
_INVERSE = tuple(1 / point for point in POINTS)
_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The method for rare events, each on its own."""

    def gains(self, counts: Counts, null: float, rate: float) -> tuple[float, ...]:
        """Return ln of the likelihood ratios."""
        if rate > _MOST and null == 1:
            return log_increments(counts.others, 1.0, _INVERSE)
        mine, failures = counts.candidate_failures, counts.candidate_failures + counts.stable_failures
        if not failures or not counts.comparable:
            return _NOTHING
        share = counts.share
        base, scaled = log1p(share * (null - 1)), share * null
        return tuple(
            [
                mine * log_point + failures * (base - log1p(scaled * point - share))
                for point, log_point in zip(POINTS, _LOG_POINTS, strict=True)
            ]
        )


def log_increments(counts: Counts, null: float, alternatives: Sequence[float]) -> tuple[float, ...]:
    """Return ln of the likelihood of each alternative over that of `null`; 0 when only one arm served."""
    mine, failures = counts.candidate_failures, counts.candidate_failures + counts.stable_failures
    if not counts.comparable or not failures:
        return (0.0,) * len(alternatives)
    share = counts.share
    base = log1p(share * (null - 1))
    return tuple([mine * log(other / null) + failures * (base - log1p(share * (other - 1))) for other in alternatives])
