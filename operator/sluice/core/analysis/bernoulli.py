"""Evidence from whole trials, for common events: the e-value of Turner, Ly and Grünwald (2024) for two proportions.

The likelihood of "stable p, candidate p'" over that of their mean by shares. If the candidate's true rate is at most
the stable's, its expectation is at most 1 whatever the rates are: each arm's factor is 1 + (its rate - mean)·const,
of opposite signs and weights, so p may be a guess; only the power depends on it. p' has r times p's odds, so bad and
good events say the same.
"""

from dataclasses import dataclass
from math import log, log1p

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.points import POINTS

_EDGE = 1e-6
_POINTS = tuple((point - 1, log(point)) for point in POINTS)


@dataclass(frozen=True, slots=True)
class Bernoulli:
    """The method for rates above 10 %; its null is a ratio of 1."""

    def gains(self, counts: Counts, null: float, rate: float) -> tuple[float, ...]:  # noqa: ARG002 -- always 1
        """Return ln of the e-values.

        With s the candidate's share, e = r - 1 and d = 1 + ep, p' is rp/d, the mean p(1 + e(s + (1-s)p))/d, and what
        it lacks to 1 is (1-p)(1 + e(1-s)p)/d. All but three of the logarithms cancel.
        """
        if not counts.comparable:
            return (0.0,) * len(POINTS)
        share, stable = counts.share, min(max(rate, _EDGE), 1 - _EDGE)
        mine, theirs = counts.candidate_failures, counts.stable_requests
        bad = mine + counts.stable_failures
        good = counts.candidate_requests + theirs - bad
        by_good = (1 - share) * stable
        by_bad = share + by_good
        return tuple(
            [
                mine * gain + theirs * log1p(over * stable) - bad * log1p(over * by_bad) - good * log1p(over * by_good)
                for over, gain in _POINTS
            ]
        )
