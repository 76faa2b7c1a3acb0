"""Bootstrap and permutation: against scipy, and against loops that draw the same units one by one."""

import numpy as np
import pytest
from scipy.stats import bootstrap, norm, permutation_test, t

from sluice.evaluation.intervals.bca import bca
from sluice.evaluation.intervals.bootstrap import (
    MOST_UNITS,
    SEED,
    bootstrap_sums,
    bootstrap_units,
    bootstrap_weights,
    draws,
    resamples_for,
    units_of,
)
from sluice.evaluation.intervals.interval import Floats, Integers, Interval
from sluice.evaluation.intervals.sign_flip import sign_flip
from sluice.evaluation.outcomes.curve import MOST_GROUPS

LEVEL = 0.95


def means(sums: Floats) -> Floats:
    """Return mean of the first, of the second, and the difference, from sums of (first, second, 1)."""
    first, second = sums[..., 0] / sums[..., 2], sums[..., 1] / sums[..., 2]
    return np.stack([first, second, first - second], axis=-1)


def rows_of(items: int, seed: int = 1) -> Floats:
    draw = np.random.default_rng(seed)
    first = draw.exponential(size=items)
    return np.stack([first, 0.5 * first + draw.exponential(0.6, size=items), np.ones(items)], axis=1)


def bounds(interval: Interval) -> tuple[float, float]:
    return interval.lower, interval.upper


def test_paired_bca_is_scipys_but_for_the_draws() -> None:
    rows = rows_of(120)
    found = bootstrap_sums(rows, means, LEVEL)
    for place, weights in enumerate([(1, 0), (0, 1), (1, -1)]):
        values = weights[0] * rows[:, 0] + weights[1] * rows[:, 1]
        want = bootstrap(
            (values,), np.mean, method="BCa", confidence_level=0.9, n_resamples=20_000, rng=np.random.default_rng(2)
        ).confidence_interval

        assert bounds(found[place]) == pytest.approx((want.low, want.high), abs=0.08 * (want.high - want.low))


def looped(rows: Floats, groups: Integers) -> list[Interval]:
    """Draw groups one resample at a time and sum their rows; the jackknife leaves out one group at a time."""
    source, names = np.random.default_rng(SEED), np.unique(groups)
    sums = [rows[groups == name].sum(axis=0) for name in names]
    drawn = []
    for _ in range(resamples_for(LEVEL)):
        places = source.integers(0, len(names), len(names))
        drawn.append(means(np.sum([sums[place] for place in places], axis=0)))
    without = [means(rows[groups != name].sum(axis=0)) for name in names]
    whole = means(rows.sum(axis=0))
    return [bca(whole[k], np.array(drawn)[:, k], np.array(without)[:, k], LEVEL) for k in range(3)]


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param(np.arange(90), id="items"),
        pytest.param(np.arange(90) // 4, id="clusters of like size"),
        pytest.param(np.array([7, 3, 3, 7, 5, 9, 9, 9, 2] * 10) + np.arange(90) % 3, id="clusters of any size"),
    ],
)
def test_the_bootstrap_is_the_loop(groups: Integers) -> None:
    rows = rows_of(90)
    found = bootstrap_sums(rows, means, LEVEL, groups)
    want = looped(rows, groups)

    assert [bounds(one) for one in found] == [pytest.approx(bounds(one), rel=1e-9) for one in want]


def test_weights_and_sums_are_the_same_bootstrap() -> None:
    rows = rows_of(150)
    weighted = bootstrap_weights(len(rows), lambda weights: means(weights @ rows), LEVEL)
    summed = bootstrap_sums(rows, means, LEVEL)

    assert [bounds(one) for one in weighted] == [pytest.approx(bounds(one)) for one in summed]


def test_draws_come_in_chunks_and_are_the_same_every_time() -> None:
    units = 30_000
    chunks = list(draws(units, 300))

    assert [len(chunk) for chunk in chunks] == [133, 133, 34]
    assert all((chunk.sum(axis=1) == units).all() for chunk in chunks)
    assert np.array_equal(chunks[2], list(draws(units, 300))[2])


def test_very_many_items_spread_as_theory_says() -> None:
    items = 3 * MOST_UNITS
    rows = rows_of(items)
    found = bootstrap_sums(rows, means, LEVEL)[2]
    half = 1.6449 * (rows[:, 0] - rows[:, 1]).std() / items**0.5

    assert (found.estimate - found.lower, found.upper - found.estimate) == pytest.approx((half, half), rel=0.12)


def difference(sums: Floats) -> Floats:
    return means(sums)[..., 2:]


def test_groups_by_chance_vary_as_their_items_but_for_the_number_of_groups() -> None:
    """The variance is off by the root of 2 over the number of groups; the width of bounds feels half of that."""
    most, rounds = 250, 400
    off = []
    for seed in range(rounds):
        rows = rows_of(5_000, seed)
        units = units_of(rows, None, most)
        item, group = (one[:, 0] - one[:, 1] for one in (rows, units))
        off.append(most * group.var(ddof=1) / (len(item) * item.var(ddof=1)) - 1)

    assert np.mean(off) == pytest.approx(0, abs=3 * np.sqrt(2 / most / rounds))
    assert np.std(off) == pytest.approx(np.sqrt(2 / (most - 1)), rel=0.15)


def test_groups_by_chance_cost_what_students_t_costs() -> None:
    assert LEVEL - t.cdf(norm.ppf(LEVEL), MOST_GROUPS - 1) == pytest.approx(3e-5, rel=0.1)


@pytest.mark.parametrize("size", [1, 3], ids=["items", "clusters"])
def test_bounds_from_groups_by_chance_are_right_as_often_as_said(size: int) -> None:
    """Of 250 groups, made of 2,000 skewed items or clusters; Sluice draws 5,000 and more."""
    draw, rounds = np.random.default_rng(9), 500
    clusters = np.repeat(np.arange(2_000), size)
    right = []
    for _ in range(rounds):
        shared = draw.exponential(size=2_000)[clusters] + draw.exponential(0.6, len(clusters))
        rows = np.stack([shared, draw.exponential(size=2_000)[clusters], np.ones(len(clusters))], axis=1)
        (found,) = bootstrap_units(units_of(rows, clusters if size > 1 else None, 250), difference, LEVEL)
        right.append((found.lower <= 0.6, found.upper >= 0.6))

    allowed = 2 * np.sqrt(LEVEL * (1 - LEVEL) / rounds)
    assert np.mean(right, axis=0) == pytest.approx(LEVEL, abs=allowed)


@pytest.mark.parametrize(
    ("level", "want"), [(0.5, 2000), (0.95, 2000), (0.975, 4000), (0.99, 10_000), (0.9999, 20_000)]
)
def test_higher_levels_take_more_resamples(level: float, want: int) -> None:
    assert resamples_for(level) == want


def test_a_level_beyond_the_resamples_is_not_read_off_the_last_one() -> None:
    resamples = np.random.default_rng(1).standard_normal(2000)
    found = bca(0.0, resamples, np.zeros(10), 1 - 1e-6)

    assert found.lower < min(-4.5, resamples.min())
    assert found.upper > max(4.5, resamples.max())


@pytest.mark.parametrize("items", [3, 7, 11])
def test_all_flips_are_scipys_exact_test(items: int) -> None:
    differences = np.random.default_rng(items).normal(0.4, 1, items)
    want = permutation_test((differences,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue

    assert sign_flip(differences) == pytest.approx(want)


def test_drawn_flips_are_near_scipys() -> None:
    differences = np.random.default_rng(5).normal(0.15, 1, 200)
    want = permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=9999, rng=np.random.default_rng(6)
    ).pvalue

    assert sign_flip(differences) == pytest.approx(want, abs=0.02)


def test_no_difference_at_all_is_no_evidence() -> None:
    assert sign_flip(np.zeros(50)) == 1.0
