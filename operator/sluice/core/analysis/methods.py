"""Ways to turn a round into evidence that the candidate is worse. One method a file, the registry here."""

from collections.abc import Mapping
from typing import Protocol

from sluice.core.analysis.bernoulli import Bernoulli
from sluice.core.analysis.bets import Bets
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.likelihood import Likelihood
from sluice.core.analysis.settings import Settings
from sluice.core.analysis.spread import Spread

COMMON_RATE = 0.1
"""Where bad events are this common, whole trials say more than bad events alone."""
KNOWN_REQUESTS = 100


class Method(Protocol):
    """A factor on the wealth at each of `POINTS`: under the null "ratio ≤ null" none exceeds 1 on average."""

    def gains(self, counts: Counts, null: float, rate: float) -> tuple[float, ...]:
        """Return ln of the factors of a round; `rate` is the stable's as it was known before."""


METHODS: Mapping[str, Method] = {"Counts": Likelihood(), "Trials": Bernoulli(), "Bets": Bets()}


def choose(before: Counts, spread: Spread, settings: Settings) -> str:
    """Return the method for the next round from what came before it: any such choice keeps the evidence fair.

    Whole trials need events of the round's own opportunities, which late events are not.
    """
    if spread.bursty:
        return "Bets"
    common = before.stable_requests >= KNOWN_REQUESTS and before.stable_rate >= COMMON_RATE
    fits = settings.null_ratio == 1 and not settings.matures_seconds
    return "Trials" if common and fits else "Counts"
