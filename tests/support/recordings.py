"""Histories of a target, made by dice: pods that serve, fail and are slow at given rates, scraped at set times."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluice.api.live import Traffic
from sluice.api.plan import RolloutPlanSpec
from sluice.cli.recording_file import Header, Rollout, write
from sluice.core.analysis.error_rate import METRIC as COUNT
from sluice.core.analysis.latency import METRIC as BUCKET
from sluice.core.analysis.samples import Series
from sluice.core.backtest.chance import binomial
from sluice.core.history import Origin, Portion, counters_of
from tests.support import objects as make

AT = 1_700_000_000.0
BOUNDS = {"0.1": 0.9, "0.5": 0.99, "+Inf": 1.0}
"""Bounds of the histogram, and the share of requests up to each."""
Rate = Callable[[float], float]


@dataclass
class Fleet:
    """Pods of one predictor: requests a second of each, and how often one fails."""

    predictor: str = "main"
    pods: int = 4
    rps: float = 25.0
    failing: float | Rate = 0.01
    stagger: float = 0.0
    """Seconds between the scrapes of one pod and the next."""
    since: float = 0.0
    """When they begin, after the history does."""
    name: str = ""
    """What its pods are called; without it as the predictor."""
    shares: Callable[[float], float] = lambda _: 1.0
    """What part of its requests it gets, by time."""


@dataclass
class World:
    """What a Prometheus scraped of some fleets."""

    fleets: tuple[Fleet, ...] = (Fleet(),)
    hours: float = 1.0
    interval: float = 15.0
    seed: int = 1
    _counters: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def end(self) -> float:
        """When the history ends."""
        return AT + 3600 * self.hours

    def portions(self, seconds: float = 1800.0) -> Iterator[Portion]:
        """Yield the history."""
        dice, begin = random.Random(self.seed), AT  # noqa: S311 -- dice
        while begin < self.end:
            end = min(begin + seconds, self.end)
            yield Portion(begin, end, tuple(self._series(dice, begin, end)))
            begin = end

    def _series(self, dice: random.Random, begin: float, end: float) -> Iterator[Series]:
        for fleet in self.fleets:
            for pod in range(fleet.pods):
                yield from self._pod(dice, fleet, pod, (begin, end))

    def _pod(self, dice: random.Random, fleet: Fleet, pod: int, span: tuple[float, float]) -> Iterator[Series]:
        name = f"{fleet.name or fleet.predictor}-{pod}"
        samples: dict[tuple[str, str], list[tuple[float, float]]] = {}
        first = AT + fleet.since + pod * fleet.stagger
        time = first
        while time <= span[1]:
            if time > span[0] or time == span[0] == AT:
                for key, gain in self._gains(dice, fleet, time, first=time == first).items():
                    self._counters[name, str(key)] = self._counters.get((name, str(key)), 0.0) + gain
                    samples.setdefault(key, []).append((time, self._counters[name, str(key)]))
            time += self.interval
        for (label, value), found in samples.items():
            yield Series(_labels(fleet.predictor, name, label, value), tuple(found))

    def _gains(self, dice: random.Random, fleet: Fleet, time: float, *, first: bool) -> Mapping[tuple[str, str], int]:
        requests = 0 if first else round(fleet.rps * fleet.shares(time - AT) * self.interval)
        rate = fleet.failing(time - AT) if callable(fleet.failing) else fleet.failing
        failed = binomial(dice, requests, rate)
        gains, below = {("code", "200"): requests - failed, ("code", "500"): failed}, 0
        left, share = requests, 0.0
        for bound, up_to in BOUNDS.items():
            within = binomial(dice, left, (up_to - share) / (1 - share))
            below, left, share = below + within, left - within, up_to
            gains["le", bound] = below
        return gains


def _labels(predictor: str, pod: str, label: str, value: str) -> Mapping[str, str]:
    return {
        "__name__": COUNT if label == "code" else BUCKET,
        "namespace": "models",
        "deployment_name": "reviews",
        "predictor_name": predictor,
        "service": "predictions",
        "pod": pod,
        label: value,
    }


def traffic(**fields: Any) -> Traffic:
    """Return a plan's traffic; its steps are short unless said otherwise."""
    base = {"steps": [make.step(25, maxDurationSeconds=600), make.step(50, margin="2", maxDurationSeconds=900)]}
    return RolloutPlanSpec.model_validate(make.plan(traffic=make.traffic(**{**base, **fields}))["spec"]).traffic


def recorded(path: Path, world: World, plan: Traffic, rollout: Rollout | None = None) -> Path:
    """Write a world's history to a file, as `sluice record` does."""
    origin = Origin(namespace="models", target="reviews", begin=AT, end=world.end, counters=counters_of(plan))
    write(path, Header(origin=origin, rollout=rollout), world.portions())
    return path
