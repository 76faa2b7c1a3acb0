"""Whole metrics as they are judged: latency over several bounds, shares that rise, events that come late."""

from collections.abc import Iterator
from math import inf

import numpy as np
import pytest

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.evidence import ONLY, Evidence
from sluice.core.analysis.progress import threshold
from sluice.core.analysis.rounds import Joint, Round
from sluice.core.analysis.settings import HardLimit, Settings
from tests.support.analysis import step
from tests.support.traffic import World, bound

RUNS, ROUNDS = 120, 150
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
PLAN = Settings(alpha=0.1, restarts=3, restart_seconds=200, min_excess=0.0, min_ratio=1.0)


def timed(
    rng: np.random.Generator, slower: float, pods: int = 1, *, most: float = inf, number: int = ROUNDS
) -> Iterator[Joint]:
    """Yield rounds of log-normal latencies that are slow together now and then; the candidate's are `slower` times.

    None takes longer than `most`.
    """
    for place in range(number):
        at, drag = 5.0 * place, 1 + 0.5 * (rng.random() < 0.1)
        arms = [
            np.sort(np.minimum(rng.lognormal(-2.2, 0.8, rng.poisson(500 * share)) * drag * factor, most))
            for share, factor in [(0.1, slower), *[(0.9 / pods, 1.0)] * pods]
        ]
        slow = [[float(len(times) - np.searchsorted(times, edge)) for edge in BOUNDS] for times in arms]
        served = [float(len(times)) for times in arms]
        channels = {}
        for bound_, mine, *theirs in zip(BOUNDS, *slow, strict=True):
            counts = Counts(mine, served[0], sum(theirs), sum(served[1:]))
            strata = list(zip(served[1:], theirs, strict=True))
            channels[f"{bound_:g}"] = Round(at, at + 5, counts, strata, f"{bound_:g}")
        yield Joint(at, at + 5, channels)


def breached(rounds: Iterator[Joint], settings: Settings) -> float | None:
    evidence = Evidence().enter(step(), first=True)
    for joint in rounds:
        evidence = evidence.extend(joint, step(), settings)
        if evidence.crossed_at is not None:
            return evidence.crossed_at
    return None


@pytest.mark.parametrize(
    ("pods", "most"),
    [
        pytest.param(1, inf, id="one stable pod"),
        pytest.param(4, inf, id="four"),
        pytest.param(4, 0.04, id="none ever above the lowest bound"),
    ],
)
def test_equal_latencies_are_rarely_rolled_back(pods: int, most: float) -> None:
    rounds = (timed(np.random.default_rng(seed), 1.0, pods, most=most) for seed in range(RUNS))
    assert sum(breached(one, PLAN) is not None for one in rounds) / RUNS <= bound(PLAN.alpha, RUNS)


@pytest.mark.parametrize("rate", [pytest.param(0.0008, id="seldom"), pytest.param(0.0002, id="hardly ever")])
def test_nor_are_stray_slow_ones_where_the_stable_seemed_to_have_none(rate: float) -> None:
    """Bounds that hardly any request exceeds say nothing until one arm exceeds them: that must not favour a side."""
    wrong = sum(breached(stray(np.random.default_rng(seed), rate), PLAN) is not None for seed in range(RUNS))
    assert wrong / RUNS <= bound(PLAN.alpha, RUNS)


def stray(rng: np.random.Generator, rate: float) -> Iterator[Joint]:
    """Yield rounds of two arms of which so few requests exceed the lowest bound, and half of those the next."""
    for place in range(ROUNDS):
        at = 5.0 * place
        arms = [(number, rng.binomial(number, rate)) for number in rng.poisson((50, 150, 150, 150))]
        slow = [(float(number), float(bad), float(rng.binomial(bad, 0.5))) for number, bad in arms]
        channels = {}
        for column, edge in enumerate(BOUNDS[:2], start=1):
            mine, *theirs = [(one[0], one[column]) for one in slow]
            requests, events = map(sum, zip(*theirs, strict=True))
            counts = Counts(mine[1], mine[0], events, requests)
            channels[f"{edge:g}"] = Round(at, at + 5, counts, theirs, f"{edge:g}")
        yield Joint(at, at + 5, channels)


@pytest.mark.parametrize(
    ("pods", "requests"),
    [pytest.param(4, 950, id="four stable pods"), pytest.param(1, 1300, id="one: bursts are in doubt for longer")],
)
def test_a_quarter_slower_is_found_soon(pods: int, requests: float) -> None:
    """A threshold on the 99th percentile would never notice."""
    found = [breached(timed(np.random.default_rng(seed), 1.25, pods), Settings(restarts=3)) for seed in range(40)]
    times = [at for at in found if at is not None]
    assert len(times) == len(found)
    assert np.mean(times) * 10 <= requests


def joints(world: World, seed: int, number: int, delay: int = 0) -> Iterator[Joint]:
    """Yield the rounds of a world as a metric of one channel, events `delay` rounds late."""
    late = [(0.0, 0.0)] * delay
    for done in world.rounds(np.random.default_rng(seed), number):
        counts = done.counts
        late.append((counts.candidate_failures, counts.stable_failures))
        mine, theirs = late.pop(0)
        counts = Counts(mine, counts.candidate_requests, theirs, counts.stable_requests)
        yield Joint(done.begin, done.end, {ONLY: Round(done.begin, done.end, counts)})


BUSY = World(baseline=lambda at: 0.1 if at < 300 else 0.2, per_second=20)


@pytest.mark.parametrize("delay", [0, 5, 12])
@pytest.mark.parametrize("higher", [False, True])
def test_late_events_that_are_equal_are_rarely_rolled_back(delay: int, higher: bool) -> None:  # noqa: FBT001
    """Of any delay up to the one that the plan names, while the baseline jumps."""
    plan = Settings(alpha=0.1, restarts=3, higher=higher, matures_seconds=60, min_excess=0.0, min_ratio=1.0)
    wrong = sum(breached(joints(BUSY, seed, ROUNDS, delay), plan) is not None for seed in range(RUNS))
    assert wrong / RUNS <= bound(plan.alpha, RUNS)


@pytest.mark.parametrize("delay", [0, 12])
def test_late_events_that_are_fewer_are_found(delay: int) -> None:
    plan = Settings(higher=True, matures_seconds=60)
    world = World(baseline=lambda _: 0.1, ratio=lambda _: 0.5)
    found = [breached(joints(world, seed, 360, delay), plan) for seed in range(20)]
    assert all(at is not None for at in found)


def test_late_events_that_are_unacceptable_rarely_pass() -> None:
    at, plan = step(margin=3.0, floor=0.005), Settings(matures_seconds=60)
    world, wrong = World(baseline=lambda _: 0.01, ratio=lambda _: 3.0), 0
    for seed in range(RUNS):
        evidence = Evidence().enter(at, first=True)
        for joint in joints(world, seed, ROUNDS, 7):
            evidence = evidence.extend(joint, at, plan)
            if ONLY in evidence.channels and evidence.channels[ONLY].favour(at, plan) >= threshold(plan):
                wrong += 1
                break
    assert wrong / RUNS <= bound(plan.beta, RUNS)


@pytest.mark.parametrize("higher", [False, True])
def test_shares_of_either_direction_are_fair(higher: bool) -> None:  # noqa: FBT001
    plan = Settings(alpha=0.1, restarts=3, higher=higher, min_excess=0.0, min_ratio=1.0)
    wrong = sum(breached(joints(BUSY, seed, ROUNDS), plan) is not None for seed in range(RUNS))
    assert wrong / RUNS <= bound(plan.alpha, RUNS)


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(World(baseline=lambda _: 0.02), id="within"),
        pytest.param(World(baseline=lambda _: 0.05), id="at the limit"),
        pytest.param(World(baseline=lambda _: 0.05, burst=10, geometric=True), id="at the limit, in bursts"),
    ],
)
def test_a_hard_limit_is_rarely_found_exceeded_by_one_who_keeps_it(world: World) -> None:
    """Bursts of which nothing is known at first."""
    plan = Settings(alpha=0.1, hard_limit=HardLimit(0.05), restarts=3, restart_seconds=200)
    wrong = sum(breached(joints(world, seed, ROUNDS), plan) is not None for seed in range(RUNS))
    assert wrong / RUNS <= bound(plan.alpha, RUNS)
