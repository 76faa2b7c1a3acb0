"""Ways to turn a round into evidence that the candidate is worse. One method a file, the registry here."""

from collections.abc import Mapping
from math import exp, log, log1p
from typing import Protocol

from sluice.core.analysis.bernoulli import Bernoulli
from sluice.core.analysis.bets import Bets
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.likelihood import Likelihood
from sluice.core.analysis.settings import Settings
from sluice.core.analysis.spread import LARGEST, Spread

COMMON_RATE = 0.1
"""Where bad events are this common, whole trials say more than bad events alone."""
KNOWN_REQUESTS = 100
MANY = 2.0
"""Bursts are many from so many times the largest one's events on."""
MOST_AT_ONCE = log(10)
"""A round gains at most so much by them: a larger burst than any was thought possible does not convict by itself."""
COUNTS, TRIALS, BETS = "Counts", "Trials", "Bets"
_LN2 = log(2)


class Method(Protocol):
    """A factor on the wealth at each of `POINTS`: under the null "ratio ≤ null" none exceeds 1 on average."""

    def gains(self, counts: Counts, null: float, rate: float) -> tuple[float, ...]:
        """Return ln of the factors of a round; `rate` is the stable's as it was known before."""


METHODS: Mapping[str, Method] = {COUNTS: Likelihood(), TRIALS: Bernoulli(), BETS: Bets()}


def choose(before: Counts, spread: Spread, settings: Settings) -> str:
    """Return the method for the next round from what came before it: any such choice keeps the evidence fair."""
    doubtful = spread.bursty or not (spread.known or settings.singly)
    return BETS if doubtful else _singly(before, settings)


def gains(counts: Counts, before: Counts, spread: Spread, settings: Settings) -> tuple[float, ...]:
    """Return ln of the factors of a round.

    While bursts are possible, and a round has many times as many events as a burst may have, half of the wealth is on
    the method for single events, with so many of them for one: for bursts up to that size this is fair too, as the
    factor of a burst is convex in its size, and 1 on average at none and at that size.
    """
    name, rate, null = choose(before, spread, settings), before.stable_rate, settings.null_ratio
    if name != BETS:
        return METHODS[name].gains(counts, null, rate)
    guess, events = spread.guess, counts.candidate_failures + counts.stable_failures
    bets = METHODS[BETS].gains(counts if guess == 1 else counts.scaled(1 / guess), null, rate)
    if events < MANY or spread.bursty:
        return bets
    burst = min(spread.most, LARGEST)
    if events < MANY * burst:
        return bets
    singly = METHODS[_singly(before, settings)].gains(counts.scaled(1 / burst), null, rate)
    return tuple([bet + log1p(exp(min(one, MOST_AT_ONCE) - bet)) - _LN2 for bet, one in zip(bets, singly, strict=True)])


def _singly(before: Counts, settings: Settings) -> str:
    """Return the method for events that come one by one.

    Whole trials need events of the round's own opportunities, which late events are not.
    """
    common = before.stable_requests >= KNOWN_REQUESTS and before.stable_rate >= COMMON_RATE
    return TRIALS if common and settings.null_ratio == 1 and not settings.matures_seconds else COUNTS
