"""Whether events come one by one or in bursts: how far the stable arm's pods lie apart, beyond what chance explains.

Pearson's X² of the pods of one round against their common rate; with a single pod, of a round against the one before.
What moves all alike cancels. Only the stable arm is looked at: a candidate at fault must not choose its own judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from sluice.core.analysis.mixture import grained

LIMIT = 1.2
"""X² per degree of freedom above which events are taken to come in bursts."""
SURE = 2.33
"""In standard errors: so far above 1 it must be for chance to explain it once in a hundred times."""
MOST = 10.0
"""Per degree of freedom a round says no more than this: a single blip is no habit."""

Stratum = tuple[float, float]
"""Requests and events."""


@dataclass(frozen=True, slots=True)
class Spread:
    """X², its degrees of freedom and its variance, summed over rounds; and the last round's stable arm."""

    squares: float = 0.0
    freedom: float = 0.0
    noise: float = 0.0
    last: Stratum = (0.0, 0.0)

    def add(self, strata: Sequence[Stratum], whole: Stratum) -> "Spread":
        """Take in a round: its stable pods, and their sum."""
        served = [one for one in strata if one[0] > 0]
        if len(served) < 2:  # noqa: PLR2004 -- one pod has no other to be held against
            served = [one for one in (self.last, whole) if one[0] > 0]
        requests, events = sum([of for of, _ in served]), sum([mine for _, mine in served])
        if len(served) < 2 or not 0 < events < requests:  # noqa: PLR2004
            return Spread(self.squares, self.freedom, self.noise, whole)
        freedom = len(served) - 1
        between = sum([mine * mine / of for of, mine in served]) - events * events / requests
        squares = between * requests * (requests - 1) / (events * (requests - events))
        # The variance of X² where few events are expected in a pod (Haldane 1937).
        parts = requests * sum([1 / of for of, _ in served]) - len(served) ** 2 - 2 * freedom
        return Spread(
            grained(self.squares + min(squares, MOST * freedom)),
            self.freedom + freedom,
            grained(self.noise + 2 * freedom + max(parts, 0.0) / min(events, requests - events)),
            whole,
        )

    @property
    def factor(self) -> float:
        """How many times the variance of single events the true one is; at least 1."""
        return max(1.0, self.squares / self.freedom) if self.freedom else 1.0

    @property
    def effect(self) -> float:
        """The same where events come in bursts; else 1."""
        return self.factor if self.bursty else 1.0

    @property
    def bursty(self) -> bool:
        """Whether events come in bursts."""
        return self.factor > LIMIT and self.squares - self.freedom > SURE * sqrt(self.noise)
