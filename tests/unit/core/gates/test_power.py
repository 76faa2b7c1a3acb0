"""How many items it would take: against published figures, and scaled from intervals."""

from decimal import Decimal
from math import sqrt
from statistics import NormalDist

import pytest

from sluice.api.evaluation_result import EXACT_SHARE, Measurement
from sluice.core.gates.power import items_for
from sluice.core.gates.question import Limit, Question, Span
from sluice.evaluation.intervals import CLOPPER_PEARSON
from tests.support.evaluations import estimate, measurement

LEVEL = 0.95
PAIRS_TEN_PERCENT = {"both": 600, "candidateOnly": 50, "championOnly": 50, "neither": 300}


def question(estimate: float, limit: str, reach: float, *, at_most: bool = True) -> Question:
    """Return a question about an estimate whose bounds are `reach` away."""
    span = Span(estimate=estimate, lower=estimate - reach, upper=estimate + reach)
    return Question(quantity=span, limit=Limit.fixed(Decimal(limit)), at_most=at_most)


def needed(asked: Question, *, paired: bool = False, **fields: object) -> int | None:
    """Return the items that it would take."""
    return items_for(Measurement.model_validate(measurement(**fields)), asked, paired=paired)


def of_share(share: float, items: int) -> float:
    """Return how far the bound of a share reaches."""
    return NormalDist().inv_cdf(LEVEL) * sqrt(share * (1 - share) / items)


@pytest.mark.parametrize(
    ("asked", "want"),
    [
        pytest.param(question(0.0, "0.001", 0.01), 2995, id="none seen, at most 0.1 %: the exact bound"),
        pytest.param(question(0.0, "0.01", 0.01), 299, id="none seen, at most 1 %"),
        pytest.param(question(1.0, "0.99", 0.02, at_most=False), 299, id="all right, at least 99 %"),
        pytest.param(question(0.5, "0.5", 0.1), None, id="at the limit no number helps"),
        pytest.param(question(0.5, "0.50000001", 0.1), None, id="nor does one that nobody can label"),
        pytest.param(question(0.9, "0.88", of_share(0.9, 1000), at_most=False), 1392, id="a share: as the z-test says"),
    ],
)
def test_items_for_a_share(asked: Question, want: int | None) -> None:
    assert needed(asked) == want


@pytest.mark.parametrize(
    ("limit", "published"),
    [
        pytest.param("0.01", 6174, id="1 point at 10 % discordance"),
        pytest.param("0.02", 1542, id="2 points"),
        pytest.param("0.05", 245, id="5 points"),
    ],
)
def test_items_for_a_paired_difference(limit: str, published: int) -> None:
    found = needed(question(0.0, limit, 0.1), paired=True, pairs=PAIRS_TEN_PERCENT)

    assert found == pytest.approx(published, rel=0.015)


def test_without_counts_the_reach_of_the_bounds_tells_the_same() -> None:
    counted = needed(question(0.0, "0.02", 0.5), paired=True, pairs=PAIRS_TEN_PERCENT)
    reach = NormalDist().inv_cdf(LEVEL) * sqrt(0.1 / 1000)

    assert needed(question(0.0, "0.02", reach), paired=True) == counted == 1546


def test_what_is_resampled_by_queries_is_counted_in_queries() -> None:
    asked = question(-0.0002, "0.003", 0.0038)
    few, many = (needed(asked, n=9000, denominator=queries) for queries in (600, 1200))

    assert (few, many) == (1934, 3867)


def test_none_of_items_that_hang_together_proves_less_than_none_of_independent_ones() -> None:
    alone = needed(question(0.0, "0.01", 0.02))
    together = needed(question(0.0, "0.01", 0.02), candidate=estimate(0.0, 0.0, 0.02, method="cluster-bootstrap-bca"))

    assert (alone, together) == (299, 9141)


def test_the_evaluation_means_the_same_by_an_exact_share() -> None:
    assert CLOPPER_PEARSON == EXACT_SHARE


def test_a_limit_that_is_a_part_of_something_measured_costs_items_too() -> None:
    fixed = question(0.0, "0.02", 0.03)
    loose = Question(
        quantity=fixed.quantity, limit=Limit(point=Decimal("0.02"), lower=Decimal("0.01"), upper=Decimal("0.03"))
    )

    assert (needed(fixed, paired=True), needed(loose, paired=True)) == (5142, 9141)


def test_at_even_odds_a_bound_tells_nothing_of_its_reach() -> None:
    assert needed(question(0.4, "0.5", 0.0), level=0.5) is None
