"""Intervals of the offline evaluation: against independent implementations, and their coverage by simulation."""

from itertools import product
from math import sqrt

import numpy as np
import pytest
from scipy.stats import binom, norm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from sluice.evaluation.intervals import clopper_pearson, mcnemar_exact, newcombe_paired

LEVEL = 0.95
SHARES = [(0, 1), (1, 1), (0, 300), (1, 300), (98, 454), (833, 1281), (1281, 1281)]


@pytest.mark.parametrize(("happened", "items"), SHARES)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_clopper_pearson_is_statsmodels_beta_interval(happened: int, items: int, level: float) -> None:
    lower, upper = proportion_confint(happened, items, alpha=2 * (1 - level), method="beta")
    found = clopper_pearson(happened, items, level)

    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=1e-12)


def test_none_of_300_proves_less_than_one_percent_only() -> None:
    assert clopper_pearson(0, 300, LEVEL).upper == pytest.approx(0.00994, abs=1e-5)


def test_clopper_pearson_never_covers_less_than_it_says() -> None:
    for items, share in product([20, 150], [0.001, 0.02, 0.3, 0.5, 0.97]):
        bounds = [clopper_pearson(happened, items, LEVEL) for happened in range(items + 1)]
        weights = binom.pmf(np.arange(items + 1), items, share)
        below = weights[[interval.upper >= share for interval in bounds]].sum()
        above = weights[[interval.lower <= share for interval in bounds]].sum()

        assert min(below, above) >= LEVEL


# From table II of Newcombe (1998), method 10: counts, then the two-sided 95 % interval.
PUBLISHED = [
    ((36, 12, 2, 0), (0.0569, 0.3404)),
    ((20, 12, 2, 16), (0.0562, 0.3292)),
]


@pytest.mark.parametrize(("counts", "want"), PUBLISHED, ids=str)
def test_newcombe_paired_is_the_published_one(counts: tuple[int, int, int, int], want: tuple[float, float]) -> None:
    found = newcombe_paired(*counts, 0.975)

    assert (found.lower, found.upper) == pytest.approx(want, abs=6e-4)


@pytest.mark.parametrize("counts", [(0, 10, 0, 40), (0, 3, 0, 297), (5, 10, 10, 20)], ids=str)
def test_newcombe_paired_without_correlation_is_statsmodels_unpaired_one(counts: tuple[int, int, int, int]) -> None:
    both, first, second, _ = counts
    items = sum(counts)
    lower, upper = confint_proportions_2indep(
        both + first, items, both + second, items, method="newcomb", compare="diff", alpha=2 * (1 - LEVEL)
    )
    found = newcombe_paired(*counts, LEVEL)

    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=1e-9)


def test_newcombe_paired_mirrors_when_the_models_change_places() -> None:
    one, other = newcombe_paired(792, 51, 41, 397, LEVEL), newcombe_paired(792, 41, 51, 397, LEVEL)

    assert (-other.upper, -other.estimate, -other.lower) == pytest.approx((one.lower, one.estimate, one.upper))


@pytest.mark.parametrize(
    "counts", [(0, 0, 0, 1), (5, 0, 0, 0), (0, 3, 0, 0), (0, 0, 4, 0), (0, 2, 2, 0), (1, 0, 0, 1)], ids=str
)
def test_newcombe_paired_has_bounds_where_a_margin_is_empty(counts: tuple[int, int, int, int]) -> None:
    found = newcombe_paired(*counts, LEVEL)

    assert -1 <= found.lower <= found.estimate <= found.upper <= 1


def test_newcombe_paired_uses_what_pairing_gives() -> None:
    """With the same shares, agreeing models are compared more sharply than independent ones would be."""
    paired = newcombe_paired(792, 51, 41, 397, LEVEL)
    first, second = 843 / 1281, 833 / 1281
    half = norm.ppf(LEVEL) * sqrt((first * (1 - first) + second * (1 - second)) / 1281)

    assert paired.upper - paired.lower < 0.5 * 2 * half


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (32, 0), (51, 41), (300, 200)])
def test_mcnemar_is_statsmodels_exact_test(first: int, second: int) -> None:
    want = float(mcnemar([[10, first], [second, 10]], exact=True).pvalue)

    assert mcnemar_exact(first, second) == pytest.approx(want)


@pytest.mark.parametrize(
    ("shares", "items", "most"),
    [
        pytest.param((0.60, 0.05, 0.05, 0.30), 1281, 0.95, id="accuracy of like models on the hold-out"),
        pytest.param((0.12, 0.07, 0.02, 0.79), 454, 0.96, id="a cell that rises"),
        pytest.param((0.02, 0.01, 0.03, 0.94), 300, 0.97, id="a rare cell: a dozen items that differ say less"),
    ],
)
def test_newcombe_paired_covers_what_it_says(
    shares: tuple[float, float, float, float], items: int, most: float
) -> None:
    """Each one-sided bound is right in 95 % of 2,000 data sets but for chance (2 standard errors).

    Where few items differ it is right more often, up to `most`: it errs on the safe side.
    """
    rounds, truth = 2000, shares[1] - shares[2]
    tables = np.random.default_rng(7).multinomial(items, shares, size=rounds)
    bounds = [newcombe_paired(int(a), int(b), int(c), int(d), LEVEL) for a, b, c, d in tables]
    error = 2 * sqrt(LEVEL * (1 - LEVEL) / rounds)
    covered = [np.mean([bound.lower <= truth for bound in bounds]), np.mean([truth <= bound.upper for bound in bounds])]

    assert LEVEL - error <= min(covered)
    assert max(covered) <= most + error
