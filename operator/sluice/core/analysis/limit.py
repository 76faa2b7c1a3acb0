"""Evidence that the candidate alone exceeds its hard limit, whatever the stable arm does.

The likelihood of a rate above the limit over that of the limit itself: given rates up to the limit its expectation is
at most 1 (Wald). Where events come in bursts a round is one bet on its rate instead. Starts are mixed as in `breach`.
"""

from math import inf, log, log1p

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.mixture import grained, log_sum
from sluice.core.analysis.pace import Pace
from sluice.core.analysis.points import STAKES
from sluice.core.analysis.settings import Settings

SHARE = 0.25
"""What the hard limit holds of its metric's part of alpha; the comparison holds the rest."""
ODDS = (1.15, 1.3, 1.6, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Alternatives, as multiples of the limit's odds, equally likely."""


@frozen
class Limit:
    """The wealth of all starts together."""

    wealth: tuple[float, ...] = ()
    pace: Pace = Pace()
    observed: float = 0.0
    requests: float = 0.0

    def extend(self, counts: Counts, begin: float, settings: Settings, *, bursty: bool = False) -> "Limit":
        """Take in the candidate's part of a round."""
        if settings.hard_limit is None:
            return self
        pace, part = self.pace.step(begin, settings)
        gains = _bets(counts, settings.hard_limit.rate) if bursty else _likelihoods(counts, settings.hard_limit.rate)
        wealth = self.wealth or (-inf,) * len(ODDS)
        if part:
            prior = log(part / len(ODDS))
            wealth = tuple([log_sum((old, prior)) for old in wealth])
        return Limit(
            tuple([grained(old + gain) for old, gain in zip(wealth, gains, strict=True)]),
            pace,
            self.observed + counts.candidate_failures,
            self.requests + counts.candidate_requests,
        )

    def log_evidence(self) -> float:
        """Return ln of the mixture; what is still to start stays at 1."""
        return log_sum([*self.wealth, log(self.pace.left)] if self.pace.left > 0 else self.wealth)


def _likelihoods(counts: Counts, limit: float) -> tuple[float, ...]:
    bad, good = counts.candidate_failures, counts.candidate_requests - counts.candidate_failures
    # With odds o times the limit's the rate is oL / (1 + (o-1)L): both likelihood ratios share that denominator.
    return tuple([bad * log(odds) - (bad + good) * log1p((odds - 1) * limit) for odds in ODDS])


def _bets(counts: Counts, limit: float) -> tuple[float, ...]:
    if not counts.candidate_requests:
        return (0.0,) * len(ODDS)
    surprise = (counts.candidate_rate - limit) / limit
    return tuple([log1p(stake * surprise) for stake in STAKES])
