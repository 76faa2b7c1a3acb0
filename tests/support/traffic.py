"""Random traffic of two arms, round by round, for simulations of whole rollouts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.rounds import Round


def bound(rate: float, runs: int) -> float:
    """Return a rate and two standard errors of its simulation."""
    return rate + 2 * sqrt(rate * (1 - rate) / runs)


@dataclass(frozen=True)
class World:
    """Traffic and failure rates by time."""

    baseline: Callable[[float], float] = lambda _: 0.01
    ratio: Callable[[float], float] = lambda _: 1.0
    weight: Callable[[float], float] = lambda _: 0.1
    per_second: float = 100.0
    pods: Callable[[float], int] = lambda _: 1
    """Pods of the stable arm."""
    seconds: float = 5.0
    """The length of a round."""
    burst: int = 1
    """Events come so many at a time, to one pod."""
    geometric: bool = False
    """So many on average, then: how many is a matter of chance."""

    def rounds(self, rng: np.random.Generator, number: int) -> Iterator[Round]:
        """Yield rounds of random traffic and failures."""
        for place in range(number):
            at = place * self.seconds
            requests = rng.poisson(self.per_second * self.seconds)
            mine = rng.binomial(requests, self.weight(at))
            theirs = self._spread(rng, requests - mine, self.pods(at))
            rate = self.baseline(at)
            failed = self._failed(rng, mine, min(1.0, rate * self.ratio(at)))
            strata = [(float(of), float(self._failed(rng, of, rate))) for of in theirs]
            counts = Counts(float(failed), float(mine), sum(one[1] for one in strata), sum(one[0] for one in strata))
            yield Round(at, at + self.seconds, counts, strata)

    def _spread(self, rng: np.random.Generator, requests: int, pods: int) -> list[int]:
        return [requests] if pods == 1 else [int(one) for one in rng.multinomial(requests, [1 / pods] * pods)]

    def _failed(self, rng: np.random.Generator, requests: int, rate: float) -> int:
        if self.burst == 1:
            return int(rng.binomial(requests, rate))
        bursts = int(rng.poisson(requests * rate / self.burst))
        if not self.geometric:
            return min(requests, self.burst * bursts)
        return min(requests, bursts + int(rng.negative_binomial(bursts, 1 / self.burst))) if bursts else 0
