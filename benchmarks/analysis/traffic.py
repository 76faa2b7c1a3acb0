"""Generated traffic: requests and failures of both arms, for many runs at once, in bins of equal length."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmarks.analysis.worlds import WEIGHT, World

Numbers = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

PODS = 3
"""How many pods the stable arm has."""


@dataclass(frozen=True)
class Traffic:
    """What was served and what failed: each array is (runs, bins)."""

    bin_seconds: float
    candidate_requests: Numbers
    candidate_failures: Numbers
    stable_requests: Numbers
    stable_failures: Numbers
    pods: tuple[tuple[Numbers, Numbers], ...] = field(default=(), kw_only=True)
    """Requests and failures of each stable pod, as far as they are told apart."""
    weights: Numbers = field(default_factory=lambda: np.array([WEIGHT]), kw_only=True)
    """The candidate's configured share in each bin, or in all of them."""

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return len(self.candidate_requests)

    @property
    def seconds(self) -> float:
        """How long each run is."""
        return self.bin_seconds * int(self.candidate_requests.shape[1])

    @property
    def ends(self) -> Numbers:
        """When each bin ends, in seconds from the beginning."""
        return self.bin_seconds * np.arange(1.0, self.candidate_requests.shape[1] + 1)

    def windows(self, seconds: float) -> "Traffic":
        """Return the same in longer bins; what does not fill the last one is left out."""
        return Traffic(seconds, *(_merged(each, round(seconds / self.bin_seconds)) for each in self._arrays))

    def summed(self) -> "Traffic":
        """Return the running totals."""
        return Traffic(self.bin_seconds, *(np.cumsum(each, axis=1) for each in self._arrays))

    def first(self, seconds: float) -> "Traffic":
        """Return the beginning."""
        bins = round(seconds / self.bin_seconds)
        pods = tuple((served[:, :bins], failed[:, :bins]) for served, failed in self.pods)
        parts = (each[:, :bins] for each in self._arrays)
        return Traffic(self.bin_seconds, *parts, pods=pods, weights=self.weights[:bins])

    @property
    def _arrays(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        return self.candidate_requests, self.candidate_failures, self.stable_requests, self.stable_failures


def generate(world: World, seed: tuple[int, int], runs: int, seconds: float, bin_seconds: float) -> Traffic:
    """Return the traffic of so many runs: the same for the same seed, whoever looks at it."""
    rng, shape = np.random.default_rng(seed), (runs, round(seconds / bin_seconds))
    times = bin_seconds * np.arange(shape[1], dtype=np.float64)
    requests = rng.poisson(world.per_second * bin_seconds, shape)
    mine = rng.binomial(requests, world.weight(times))
    rate, worse = world.baseline(times), world.ratio(times)
    failed = _failed(rng, mine, np.minimum(rate * worse, 1.0), world.burst)
    pods = [(served, _failed(rng, served, rate, world.burst)) for served in _spread(rng, requests - mine)]
    theirs = sum(bad for _, bad in pods)
    arrays = (mine, failed, requests - mine, np.asarray(theirs))
    told = tuple((served.astype(np.float64), bad.astype(np.float64)) for served, bad in pods)
    floats = (each.astype(np.float64) for each in arrays)
    return Traffic(bin_seconds, *floats, pods=told, weights=world.weight(times))


def first_time(hit: Truths, times: Numbers) -> Numbers:
    """Return, for each run, the time of the first hit; infinity without one."""
    return np.where(hit.any(axis=1), times[hit.argmax(axis=1)], np.inf)


def _spread(rng: np.random.Generator, requests: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """Yield what each stable pod serves: all alike."""
    for left in range(PODS, 0, -1):
        mine = rng.binomial(requests, 1 / left)
        requests = requests - mine
        yield mine


def _failed(
    rng: np.random.Generator, requests: npt.NDArray[np.int64], rate: Numbers, burst: float
) -> npt.NDArray[np.int64]:
    """Return failures: each by itself, or in bursts of geometric size with this mean."""
    if burst <= 1:
        return rng.binomial(requests, rate)
    bursts = rng.poisson(requests * rate / burst)
    more = rng.negative_binomial(np.maximum(bursts, 1), 1 / burst)
    return np.minimum(np.where(bursts > 0, bursts + more, 0), requests)


def _merged(each: Numbers, size: int) -> Numbers:
    whole = each.shape[1] // size
    merged: Numbers = each[:, : whole * size].reshape(len(each), whole, size).sum(axis=2)
    return merged
