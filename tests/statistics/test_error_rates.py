"""False rollbacks, false passes and power, by simulation of whole rollouts through the code that decides.

Each bound is the stated error rate plus two standard errors of the simulation. Runs are seeded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import exp, sin, sqrt

import numpy as np
import pytest

from sluice.core.analysis import progress
from sluice.core.analysis.breach import Breach
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings, Step
from tests.support.analysis import step

RUNS = 200
ROUND_SECONDS = 5.0


@dataclass(frozen=True)
class World:
    """Traffic and failure rates by time."""

    baseline: Callable[[float], float] = lambda _: 0.01
    ratio: Callable[[float], float] = lambda _: 1.0
    weight: Callable[[float], float] = lambda _: 0.1
    per_second: float = 100.0

    def rounds(self, rng: np.random.Generator, number: int) -> Iterator[Round]:
        """Yield rounds of random traffic and failures."""
        for place in range(number):
            at = place * ROUND_SECONDS
            requests = rng.poisson(self.per_second * ROUND_SECONDS)
            mine = rng.binomial(requests, self.weight(at))
            rate = self.baseline(at)
            failed = rng.binomial(mine, min(1.0, rate * self.ratio(at))), rng.binomial(requests - mine, rate)
            counts = Counts(float(failed[0]), float(mine), float(failed[1]), float(requests - mine))
            yield Round(at, at + ROUND_SECONDS, counts)


def bound(rate: float) -> float:
    return rate + 2 * sqrt(rate * (1 - rate) / RUNS)


def rolled_back_at(world: World, seed: int, number: int, settings: Settings) -> float | None:
    """Return when the breach crossed, looking after every round."""
    state = Breach()
    for one in world.rounds(np.random.default_rng(seed), number):
        state = state.extend(one, settings)
        if state.crossed_at is not None:
            return state.crossed_at
    return None


def ever_passes(world: World, seed: int, number: int, at: Step) -> bool:
    """Return whether the step is passed at any look."""
    state = progress.fresh()
    for one in world.rounds(np.random.default_rng(seed), number):
        state = state.extend(one, at)
        if progress.log_evidence(state, at) >= progress.threshold(Settings()):
            return True
    return False


def ramp(at: float) -> float:
    """Weights of a whole rollout, each step as long as a restart."""
    return (0.05, 0.1, 0.25, 0.5)[min(int(at // 200), 3)]


EQUAL = [
    pytest.param(World(), id="constant"),
    pytest.param(World(baseline=lambda at: 0.01 * (1 + 0.8 * sin(at / 150))), id="waves"),
    pytest.param(World(baseline=lambda at: 0.3 if 600 <= at < 660 else 0.01), id="a blip in both arms"),
    pytest.param(World(baseline=lambda at: 0.005 * exp(at / 600), weight=ramp), id="a ramp while the baseline rises"),
    pytest.param(World(baseline=lambda at: 0.05 * exp(-at / 300), weight=ramp), id="a ramp while the baseline falls"),
    pytest.param(World(baseline=lambda _: 0.0), id="no failures at all"),
    pytest.param(World(per_second=0.4, baseline=lambda _: 0.05), id="two requests a round"),
    pytest.param(World(ratio=lambda _: 0.5), id="better"),
]


@pytest.mark.parametrize("world", EQUAL)
def test_a_candidate_that_is_no_worse_is_rarely_rolled_back(world: World) -> None:
    """Without the absolute floor, which would only help; with restarts, and a look after every round of 15 minutes."""
    loose, strict = (Settings(alpha=alpha, min_excess=0.0, restarts=3, restart_seconds=200) for alpha in (0.1, 0.01))
    wrong = [seed for seed in range(RUNS) if rolled_back_at(world, seed, 180, loose) is not None]
    worse = [seed for seed in wrong if rolled_back_at(world, seed, 180, strict) is not None]
    assert len(wrong) / RUNS <= bound(0.1)
    assert len(worse) / RUNS <= bound(0.01)


MARGIN, FLOOR = 3.0, 0.005
CORNER = FLOOR / (MARGIN - 1)
UNACCEPTABLE = [
    pytest.param(World(baseline=lambda _: CORNER, ratio=lambda _: MARGIN), id="the corner"),
    pytest.param(World(baseline=lambda _: 4 * CORNER, ratio=lambda _: MARGIN), id="at the margin, above the floor"),
    pytest.param(World(baseline=lambda _: CORNER / 50, ratio=lambda _: 1 + 50 * (MARGIN - 1)), id="at the floor"),
    pytest.param(World(baseline=lambda at: CORNER * (1 + at / 600), ratio=lambda _: MARGIN), id="rising baseline"),
]


@pytest.mark.parametrize("world", UNACCEPTABLE)
def test_an_unacceptable_candidate_rarely_passes(world: World) -> None:
    at = step(margin=MARGIN, floor=FLOOR)
    wrong = sum(ever_passes(world, seed, 240, at) for seed in range(RUNS))
    assert wrong / RUNS <= bound(Settings().beta)


@pytest.mark.parametrize(
    ("ratio", "limit", "times"),
    [
        pytest.param(1.5, 4746, 1.4, id="half as many failures again"),
        pytest.param(2.0, 1345, 1.5, id="twice as many"),
        pytest.param(5.0, 135, 1.8, id="five times as many"),
    ],
)
def test_a_worse_candidate_serves_little_more_than_it_must(ratio: float, limit: float, times: float) -> None:
    """Against the information limit at alpha = 0.01, null 1: requests that even a test that knows the ratio needs."""
    world, settings = World(ratio=lambda _: ratio), Settings(null_ratio=1.0)
    crossings = [rolled_back_at(world, seed, 6000, settings) for seed in range(RUNS // 2)]
    found = [at for at in crossings if at is not None]
    assert len(found) == len(crossings)
    assert np.mean(found) * world.per_second * 0.1 <= times * limit


def test_a_fault_that_sets_in_late_is_found_by_a_later_start() -> None:
    world = World(ratio=lambda at: 3.0 if at >= 1800 else 1.0)
    settings = Settings(null_ratio=1.0, restarts=3)
    crossings = [rolled_back_at(world, seed, 2000, settings) for seed in range(RUNS // 5)]
    late = [(at - 1800) * world.per_second * 0.1 for at in crossings if at is not None and at > 1800]
    assert len(late) == len(crossings)
    assert np.mean(late) <= 1000


@pytest.mark.parametrize(
    ("baseline", "requests"),
    [
        pytest.param(0.0, 950, id="spotless: by the floor"),
        pytest.param(0.01, 950, id="1 % failures: by the ratio"),
    ],
)
def test_a_good_candidate_passes_soon(baseline: float, requests: float) -> None:
    world, at = World(baseline=lambda _: baseline), step(margin=MARGIN, floor=FLOOR)
    rounds = int(requests / (world.per_second * 0.1 * ROUND_SECONDS))
    assert sum(ever_passes(world, seed, rounds, at) for seed in range(100)) >= 60
    assert sum(ever_passes(world, seed, 3 * rounds, at) for seed in range(100)) >= 95
