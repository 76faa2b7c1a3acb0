"""Latency: how much a slower candidate serves before it is rolled back, by shifts and by tails, and false rollbacks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isnan, log
from statistics import NormalDist
from typing import Any

import numpy as np

from benchmarks import figures
from benchmarks.analysis.chunks import Chunk, worked
from benchmarks.analysis.driven import crossed
from benchmarks.analysis.rules import sluice
from benchmarks.analysis.rules.rule import MINUTE
from benchmarks.analysis.shares import Mean, Share
from benchmarks.analysis.traffic import PODS, Numbers, first_time
from benchmarks.analysis.worlds import HOUR, RATE, TRAFFIC, WEIGHT
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.rounds import Joint, Round

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Of the executor's histogram, in seconds."""
MEDIAN, SIGMA = 0.05, 0.6
"""Of the stable arm's latencies, which are lognormal: one in a hundred takes 0.2 s."""
MOST_P99, FAILURE_LIMIT = 0.5, 3
LONGEST_SECONDS = 1800.0
SEED = 301


@dataclass(frozen=True)
class Slow:
    """How the candidate is slower: all of it, or a part of it by far."""

    times: float = 1.0
    part: float = 1.0

    def shares(self) -> Numbers:
        """Return the share of requests that falls between each two bounds."""
        below = [self.part * _below(bound / self.times) + (1 - self.part) * _below(bound) for bound in BOUNDS]
        shares: Numbers = np.diff([0.0, *below, 1.0])
        return shares


EQUAL = "equal, one hour"
CASES: Mapping[str, Slow] = {
    EQUAL: Slow(),
    "all 1.1 times as slow": Slow(1.1),
    "all 1.25 times": Slow(1.25),
    "2 % ten times": Slow(10.0, 0.02),
}


@dataclass(frozen=True)
class Served:
    """Requests by the bounds that they fall between: each array is (runs, bins, bounds + 1), of the stable by pod."""

    bin_seconds: float
    candidate: Numbers
    stable: tuple[Numbers, ...]


def _sluice(served: Served) -> Numbers:
    rule = sluice.planned()
    runs = range(len(served.candidate))
    return np.array([crossed(_joints(served, run), rule.settings, rule.turns) for run in runs])


def _threshold(served: Served) -> Numbers:
    """Roll back when the 99th percentile of a minute was above the limit more than three times."""
    size = round(MINUTE / served.bin_seconds)
    whole = served.candidate.shape[1] // size
    minutes = served.candidate[:, : whole * size].reshape(len(served.candidate), whole, size, -1).sum(axis=2)
    within = minutes.cumsum(axis=2)[:, :, BOUNDS.index(MOST_P99)]
    failed = within < 0.99 * minutes.sum(axis=2)
    return first_time(failed.cumsum(axis=1) > FAILURE_LIMIT, MINUTE * np.arange(1.0, whole + 1))


RULES: Mapping[str, Callable[[Served], Numbers]] = {
    "Sluice": _sluice,
    f"Argo-like, p99 ≤ {MOST_P99:g} s": _threshold,
}
Table = Mapping[str, Mapping[str, Share | Mean]]


def measure(runs: int, workers: int, progress: Callable[[str], None]) -> Table:
    """Return false rollbacks, and candidate requests until rollback, by rule and case."""
    found: dict[str, dict[str, Share | Mean]] = {name: {} for name in RULES}
    for case in CASES:
        parts = worked(_ends, case, runs, workers)
        for name, row in found.items():
            times = np.concatenate([part[name] for part in parts])
            row[case] = Share.of(np.isfinite(times)) if case == EQUAL else Mean.of(times * RATE * WEIGHT)
        progress(f"latency, {case}: done")
    return found


def data(found: Table) -> dict[str, Any]:
    """Return the table for the JSON file."""
    return {
        name: {
            case: {"value": round(one.value, 4), "error": round(one.error, 4)}
            for case, one in row.items()
            if not isnan(one.value)
        }
        for name, row in found.items()
    }


def text(found: Table, runs: int) -> str:
    """Return the table for the page."""
    what = (
        f"Lognormal latencies of median {MEDIAN * 1000:.0f} ms, {len(BOUNDS)} bounds of the executor's histogram, "
        f"{TRAFFIC}, {runs:,} runs: percent rolled back within an hour "
        "though equal; candidate requests until rollback, looked at every second."
    )
    rows = [
        (name, *(one.text if isinstance(one, Share) else one.text(0) for one in row.values()))
        for name, row in found.items()
    ]
    return f"{what}\n\n{figures.table(('latency', *CASES), rows)}"


def _ends(chunk: Chunk) -> dict[str, Numbers]:
    rng = np.random.default_rng((SEED + list(CASES).index(chunk.case), chunk.number))
    seconds, bin_seconds = (HOUR, 5.0) if chunk.case == EQUAL else (LONGEST_SECONDS, 1.0)
    shape = (chunk.runs, round(seconds / bin_seconds))

    def arm(share: float, slow: Slow) -> Numbers:
        return rng.multinomial(rng.poisson(RATE * share * bin_seconds, shape), slow.shares()).astype(np.float64)

    stable = tuple(arm((1 - WEIGHT) / PODS, Slow()) for _ in range(PODS))
    served = Served(bin_seconds, arm(WEIGHT, CASES[chunk.case]), stable)
    return {name: rule(served) for name, rule in RULES.items()}


def _joints(served: Served, run: int) -> Iterator[Joint]:
    """Yield the rounds of one run: a channel for each bound, of what took longer."""
    pods = [pod[run] for pod in (served.candidate, *served.stable)]
    totals = [pod.sum(axis=1).tolist() for pod in pods]
    slower = [(pod.sum(axis=1, keepdims=True) - pod.cumsum(axis=1)).tolist() for pod in pods]
    for place, requests in enumerate(zip(*totals, strict=True)):
        begin = place * served.bin_seconds
        end = begin + served.bin_seconds
        channels = {}
        for number, bound in enumerate(BOUNDS):
            mine, *strata = [(of, one[place][number]) for of, one in zip(requests, slower, strict=True)]
            theirs, events = (sum(column) for column in zip(*strata, strict=True))
            counts = Counts(mine[1], mine[0], events, theirs)
            channels[f"{bound:g}"] = Round(begin, end, counts, strata, f"{bound:g}")
        yield Joint(begin, end, channels)


def _below(bound: float) -> float:
    return NormalDist(log(MEDIAN), SIGMA).cdf(log(bound))
