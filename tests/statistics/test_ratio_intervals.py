"""The interval of the ratio holds the truth at every look, in 95 of 100 rollouts or more."""

from math import inf

import numpy as np
import pytest

from sluice.core.analysis.counts import Tally
from sluice.core.analysis.interval import RISK, interval
from tests.support.traffic import World, bound

RUNS = 300


def misses(world: World, seed: int, number: int, truth: float, factor: float = 1.0) -> bool:
    """Return whether any look of a rollout showed an interval without the truth."""
    tally = Tally()
    for done in world.rounds(np.random.default_rng(seed), number):
        tally = tally.add(done.counts)
        found = interval(tally, factor)
        if found is not None and not found.low <= truth <= found.high:
            return True
    return False


@pytest.mark.parametrize("truth", [0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize(
    "baseline", [pytest.param(0.0002, id="hardly any"), pytest.param(0.002, id="few"), pytest.param(0.05, id="many")]
)
@pytest.mark.parametrize("weight", [0.05, 0.5])
def test_it_holds_the_truth_whenever_one_looks(truth: float, baseline: float, weight: float) -> None:
    world = World(baseline=lambda _: baseline, ratio=lambda _: truth, weight=lambda _: weight)
    wrong = sum(misses(world, seed, 120, truth) for seed in range(RUNS // 3))
    assert wrong / (RUNS // 3) <= bound(RISK, RUNS // 3)


def test_also_while_weights_and_the_baseline_move() -> None:
    def weight(at: float) -> float:
        return (0.05, 0.1, 0.25, 0.5)[min(int(at // 200), 3)]

    world = World(baseline=lambda at: 0.005 * (1 + at / 200), ratio=lambda _: 1.5, weight=weight)
    assert sum(misses(world, seed, 160, 1.5) for seed in range(RUNS)) / RUNS <= bound(RISK, RUNS)


def test_and_in_bursts_that_are_known() -> None:
    world = World(burst=10)
    assert sum(misses(world, seed, 160, 1.0, factor=10.0) for seed in range(RUNS)) / RUNS <= bound(RISK, RUNS)


@pytest.mark.parametrize(
    ("tally", "want"),
    [
        pytest.param(Tally(), None, id="nothing expected"),
        pytest.param(Tally(100, 3, 0.5, 0.05), (0.0, inf), id="too few for an upper bound"),
        pytest.param(Tally(1e6, 10_000, 10_000, 1_000), (0.95, 1.05), id="many"),
        pytest.param(Tally(1e9, 2e7, 1e7, 1e6), (1.998, 2.003), id="very many"),
    ],
)
def test_it_narrows(tally: Tally, want: tuple[float, float] | None) -> None:
    found = interval(tally)
    assert (found and (found.low, found.high)) == (want and pytest.approx(want, abs=0.02))
