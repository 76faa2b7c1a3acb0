"""The dice of backtests: exact counts, and exact intervals."""

import random
from math import comb, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sluice.core.backtest.chance import binomial, clopper_pearson, rounded


@pytest.mark.parametrize(
    ("trials", "rate"), [(1, 0.5), (16, 0.1), (17, 0.1), (40, 0.3), (40, 0.9), (500, 0.02), (500, 0.5)]
)
def test_counts_have_the_binomial_distribution(trials: int, rate: float) -> None:
    """Every count turns up as often as it should, within five standard errors."""
    dice, draws = random.Random(5), 20_000  # noqa: S311 -- dice
    found = [0] * (trials + 1)
    for _ in range(draws):
        found[binomial(dice, trials, rate)] += 1
    for hits, times in enumerate(found):
        chance = comb(trials, hits) * rate**hits * (1 - rate) ** (trials - hits)
        assert abs(times / draws - chance) <= 5 * sqrt(chance * (1 - chance) / draws) + 2 / draws


@given(trials=some.integers(0, 10**9), rate=some.floats(-1, 2), seed=some.integers())
def test_a_count_is_never_out_of_bounds(trials: int, rate: float, seed: int) -> None:
    found = binomial(random.Random(seed), trials, rate)  # noqa: S311 -- dice
    assert 0 <= found <= trials
    assert rate > 0 or found == 0
    assert rate < 1 or found == trials


def test_rounding_keeps_the_mean() -> None:
    dice = random.Random(3)  # noqa: S311 -- dice
    assert sum(rounded(dice, 2.3) for _ in range(10_000)) / 10_000 == pytest.approx(2.3, abs=0.03)
    assert {rounded(dice, 2.0) for _ in range(100)} == {2}


@pytest.mark.parametrize(
    ("hits", "runs", "want"),
    [
        pytest.param(0, 60, (0.0, 0.05963), id="none of 60"),
        pytest.param(60, 60, (0.94037, 1.0), id="all of 60"),
        pytest.param(3, 200, (0.00310, 0.04318), id="3 of 200"),
        pytest.param(5, 10, (0.18709, 0.81291), id="half of 10"),
        pytest.param(100, 10_000, (0.00814, 0.01215), id="1 % of 10,000"),
    ],
)
def test_intervals_are_those_of_clopper_and_pearson(hits: int, runs: int, want: tuple[float, float]) -> None:
    assert clopper_pearson(hits, runs) == pytest.approx(want, abs=5e-5)


@given(runs=some.integers(1, 300), data=some.data())
def test_intervals_hold_the_share_and_grow_with_it(runs: int, data: some.DataObject) -> None:
    hits = data.draw(some.integers(0, runs))
    low, high = clopper_pearson(hits, runs)
    assert 0 <= low <= hits / runs <= high <= 1
    if hits < runs:
        assert clopper_pearson(hits + 1, runs)[0] > low
