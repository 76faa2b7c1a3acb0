"""Evidence from whole trials, for common events: the e-value of Turner, Ly and Grünwald (2024) for two proportions.

The likelihood of "stable p, candidate p'" over that of their mean by shares. If the candidate's true rate is at most
the stable's, its expectation is at most 1 whatever the rates are: each arm's factor is 1 + (its rate - mean)·const,
of opposite signs and weights, so p may be a guess; only the power depends on it. p' has r times p's odds, so bad and
good events say the same.
"""

from dataclasses import dataclass
from math import log

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.points import POINTS

_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Bernoulli:
    """The method for rates above 10 %; its null is a ratio of 1."""

    def gains(self, counts: Counts, null: float, rate: float) -> tuple[float, ...]:  # noqa: ARG002 -- always 1
        """Return ln of the e-values."""
        if not counts.comparable:
            return (0.0,) * len(POINTS)
        stable = min(max(rate, _EDGE), 1 - _EDGE)
        return tuple([_gain(counts, stable, point * stable / (1 + (point - 1) * stable)) for point in POINTS])


def _gain(counts: Counts, stable: float, candidate: float) -> float:
    share = counts.share
    mean = share * candidate + (1 - share) * stable
    mine, theirs = counts.candidate_failures, counts.stable_failures
    return (
        mine * log(candidate / mean)
        + (counts.candidate_requests - mine) * log((1 - candidate) / (1 - mean))
        + theirs * log(stable / mean)
        + (counts.stable_requests - theirs) * log((1 - stable) / (1 - mean))
    )
