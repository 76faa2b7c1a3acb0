"""What one tick costs on one core without input and output, by the number of candidates: processor and memory.

`python -m benchmarks.analysis.cost N` measures one number in a process of its own and prints JSON.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import log
from statistics import median
from typing import Any

from benchmarks import figures
from benchmarks.fleet import METRICS
from benchmarks.healthy import SCRAPE_SECONDS, result
from benchmarks.process import usage
from lab.paths import LAB
from sluice.api.candidate import Checkpoint
from sluice.api.live import LiveMetric
from sluice.core.analysis.engine import Context, Sightings, advance, window_seconds
from sluice.core.analysis.samples import Arms, Series
from sluice.core.analysis.settings import Settings, Step
from sluice.core.analysis.signals import signal_of
from sluice.core.analysis.state import State
from sluice.core.judgement import judge_step
from sluice.core.observed import Observed
from sluice.runtime import garbage
from tests.support import observations

COUNTS = (10, 100, 1000, 10_000)
TICKS, WARM = 5, 2
"""Ticks that are taken; those before them fill the state."""
_SETTINGS = Settings(share=1 / len(METRICS), restarts=3)
_STEP = Step(index=0, started_at=observations.NOW.timestamp() - 20, weight=0.05, margin=3.0, floor=0.005)
_ARMS = Arms(observations.CANDIDATE, "main")
_LIVE = tuple(LiveMetric.model_validate(metric) for metric in METRICS)
_SIGNALS = {metric.name: signal_of(metric) for metric in _LIVE}


@dataclass
class Fleet:
    """So many candidates, all alike, each with a state of its own; samples are shared, as if just read."""

    count: int
    states: list[dict[str, State]] = field(default_factory=list)
    checkpoints: list[Checkpoint | None] = field(default_factory=list)

    def engine(self, now: float) -> float:
        """Take in one tick's samples and return the processor seconds of the engine alone."""
        self.states = self.states or [{name: State() for name in _SIGNALS} for _ in range(self.count)]
        samples = _samples(now, window_seconds(next(iter(self.states[0].values())), now, _SETTINGS))
        contexts = {name: Context(_SETTINGS, _STEP, _ARMS, now, signal) for name, signal in _SIGNALS.items()}
        begun = time.process_time()
        for states in self.states:
            sightings = Sightings()
            for name, context in contexts.items():
                states[name], _ = advance(states[name], samples[name], context, sightings)
        return time.process_time() - begun

    def judgement(self, now: float) -> float:
        """Judge everybody's step, from checkpoint to checkpoint, and return the processor seconds."""
        self.checkpoints = self.checkpoints or [None] * self.count
        observed = _observed(now)
        traffic = observed.candidate.status.traffic
        assert traffic is not None
        begun = time.process_time()
        for place, checkpoint in enumerate(self.checkpoints):
            judgement = judge_step(observed, traffic, checkpoint)
            self.checkpoints[place] = judgement.checkpoint if judgement else None
        return time.process_time() - begun


def measure(most: int, progress: Callable[[str], None]) -> dict[int, dict[str, float]]:
    """Return what a tick costs by the number of candidates, each measured in a process of its own."""
    found = {}
    for count in (one for one in COUNTS if one <= most):
        command = [sys.executable, "-m", "benchmarks.analysis.cost", str(count)]
        environment = {**os.environ, "PYTHONPATH": f"operator{os.pathsep}."}
        answer = subprocess.run(command, cwd=LAB.parent, env=environment, check=True, capture_output=True, text=True)
        found[count] = json.loads(answer.stdout)
        progress(f"one tick of {count:,} candidates: {found[count]['seconds']:.3f} s")
    return found


def data(found: Mapping[int, Mapping[str, float]]) -> dict[str, Any]:
    """Return everything for the JSON file."""
    return {"candidates": {str(count): dict(one) for count, one in found.items()}, "exponent": round(slope(found), 3)}


def text(found: Mapping[int, Mapping[str, float]]) -> str:
    """Return the table for the page."""
    what = (
        f"One tick of {len(METRICS)} metrics (two of them latency over eleven bounds), one core, no input or output, "
        f"processor seconds, median of {TICKS}. Engine: samples that were read to verdicts. Judgement: the engine, and "
        "the checkpoint of the status taken in and written anew. Memory: what the engine remembers between ticks. "
        f"Seconds grow as candidates to the power of {slope(found):.2f}."
    )
    rows = [
        (
            f"{count:,}",
            f"{one['seconds']:.3f}",
            f"{1e6 * one['seconds'] / count / len(METRICS):.0f}",
            f"{one['judgement']:.3f}",
            f"{one['mib']:.1f}",
        )
        for count, one in found.items()
    ]
    head = ("candidates", "engine, s", "µs a metric", "judgement, s", "memory, MiB")
    return f"{what}\n\n{figures.table(head, rows)}"


def slope(found: Mapping[int, Mapping[str, float]]) -> float:
    """Return the exponent of growth: the least-squares slope of ln seconds over ln candidates."""
    points = [(log(count), log(one["seconds"])) for count, one in found.items()]
    middle = [sum(column) / len(points) for column in zip(*points, strict=True)]
    spread = sum((x - middle[0]) ** 2 for x, _ in points)
    return sum((x - middle[0]) * (y - middle[1]) for x, y in points) / spread if spread else float("nan")


def one_count(count: int) -> dict[str, float]:
    """Return what a tick of so many candidates costs, measured in this process."""
    garbage.settle()  # as in the operator
    fleet, begin = Fleet(count), observations.NOW.timestamp()
    before = _resident()
    times = [fleet.engine(begin + SCRAPE_SECONDS * tick) for tick in range(WARM + TICKS)]
    mib = (_resident() - before) / 2**20
    fleet.states = []
    whole = [fleet.judgement(begin + SCRAPE_SECONDS * tick) for tick in range(WARM + TICKS)]
    return {
        "seconds": round(median(times[WARM:]), 5),
        "judgement": round(median(whole[WARM:]), 5),
        "mib": round(mib, 2),
    }


def _samples(now: float, seconds: int) -> dict[str, tuple[Series, ...]]:
    """Return each metric's samples as the provider would: a counter is read once for all metrics that count it."""
    specs = dict.fromkeys(spec for signal in _SIGNALS.values() for spec in signal.counters)
    read = {spec: tuple(_series(spec.metric, now, seconds)) for spec in specs}
    return {name: tuple(one for spec in signal.counters for one in read[spec]) for name, signal in _SIGNALS.items()}


def _series(metric: str, now: float, seconds: int) -> Iterator[Series]:
    query = f'{metric}{{namespace="models",deployment_name="shop"}}[{seconds}s]'
    for one in result(query, now, {"models/shop": observations.CANDIDATE}):
        yield Series(one["metric"], tuple((at, float(value)) for at, value in one["values"]))


def _observed(now: float) -> Observed:
    """Return what a decision on one candidate sees at a later tick."""
    traffic = {**observations.PLAN["traffic"], "metrics": list(METRICS)}
    seen = observations.observed(plan=observations.a_plan(traffic=traffic), samples={})
    later = observations.NOW + timedelta(seconds=now - observations.NOW.timestamp())
    return replace(seen, now=later, samples=_samples(now, 90))


def _resident() -> int:
    gc.collect()
    return usage(os.getpid()).rss


if __name__ == "__main__":
    print(json.dumps(one_count(int(sys.argv[1]))))
