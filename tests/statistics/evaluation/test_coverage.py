"""How often each bound is right, by simulation: 95 % but for chance (2 standard errors), also for clustered items."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm

from sluice.evaluation.intervals.bootstrap import bootstrap_sums
from sluice.evaluation.intervals.delong import Areas
from sluice.evaluation.intervals.interval import Floats, Integers, Interval

LEVEL = 0.95
Draw = np.random.Generator


@dataclass(frozen=True)
class Coverage:
    """Share of simulations in which the bounds were right."""

    lower: float
    upper: float
    two_sided: float
    rounds: int

    def is_nominal(self) -> bool:
        """Say whether all three are what they claim, within 2 standard errors."""
        claims = ((self.lower, LEVEL), (self.upper, LEVEL), (self.two_sided, 2 * LEVEL - 1))
        return all(abs(seen - said) <= 2 * sqrt(said * (1 - said) / self.rounds) for seen, said in claims)


def coverage(intervals: Iterable[Interval], truth: float) -> Coverage:
    found = list(intervals)
    low = np.array([one.lower <= truth for one in found])
    high = np.array([truth <= one.upper for one in found])
    return Coverage(float(low.mean()), float(high.mean()), float((low & high).mean()), len(found))


def simulate(one: Callable[[Draw], Interval], truth: float, *, rounds: int = 500, seed: int = 11) -> Coverage:
    draw = np.random.default_rng(seed)
    return coverage((one(draw) for _ in range(rounds)), truth)


def difference_of_means(sums: Floats) -> Floats:
    return ((sums[..., 0] - sums[..., 1]) / sums[..., 2])[..., None]


def paired(first: Floats, second: Floats, clusters: Integers | None = None) -> Interval:
    rows = np.stack([first, second, np.ones(len(first))], axis=1)
    return bootstrap_sums(rows, difference_of_means, LEVEL, clusters)[0]


def skewed(draw: Draw) -> Interval:
    """Errors of two regressions on the same 120 items: skewed, and related."""
    shared = draw.exponential(size=120)
    return paired(shared + draw.exponential(0.5, 120), shared + draw.exponential(0.4, 120))


def test_paired_bootstrap_of_skewed_errors() -> None:
    found = simulate(skewed, 0.1)

    assert found.is_nominal(), found


def clustered(draw: Draw, *, known: bool) -> Interval:
    """120 users with 1 to 7 items each; a user's items share most of what the models differ by."""
    sizes = draw.integers(1, 8, 120)
    users = np.repeat(np.arange(120), sizes)
    own = draw.normal(0.2, 1.0, 120)[users]
    first, second = own + draw.normal(0, 0.5, len(users)), draw.normal(0, 0.5, len(users))
    return paired(first, second, users if known else None)


def test_cluster_bootstrap_of_items_that_hang_together() -> None:
    found = simulate(lambda draw: clustered(draw, known=True), 0.2)

    assert found.is_nominal(), found


def test_items_that_hang_together_fool_a_bootstrap_of_items() -> None:
    found = simulate(lambda draw: clustered(draw, known=False), 0.2, rounds=60)

    assert found.two_sided < 0.75


def root_mean_square(draw: Draw) -> Interval:
    errors = draw.normal(0, 2, 150) ** 2
    rows = np.stack([errors, np.ones(150)], axis=1)
    return bootstrap_sums(rows, lambda sums: np.sqrt(sums[..., 0] / sums[..., 1])[..., None], LEVEL)[0]


def test_bootstrap_of_a_root() -> None:
    found = simulate(root_mean_square, 2.0)

    assert found.is_nominal(), found


GAPS = (1.2, 1.0)
"""By how much the positives' scores of two models are higher, in standard deviations."""


def areas(draw: Draw, *, users: int, size: int) -> Areas:
    """Scores of two models on items of users: what a user adds to the scores is shared by the user's items."""
    who = np.repeat(np.arange(users), size)
    positive = draw.random(len(who)) < 0.3
    shared = sqrt(0.5) * draw.normal(size=users)[who]
    scores = [gap * positive + shared + sqrt(0.5) * draw.normal(size=len(who)) for gap in GAPS]
    return Areas(positive, np.array(scores), who)


def true_area(gap: float) -> float:
    return float(norm.cdf(gap / sqrt(2)))


@pytest.mark.parametrize(
    ("users", "size"), [pytest.param(300, 1, id="300 items"), pytest.param(80, 5, id="80 users with 5 items each")]
)
def test_delong_of_one_model_and_of_two_on_the_same_items(users: int, size: int) -> None:
    draw = np.random.default_rng(12)
    seen = [areas(draw, users=users, size=size) for _ in range(1000)]
    alone = coverage((one.interval(0, LEVEL) for one in seen), true_area(GAPS[0]))
    change = coverage((one.difference(0, 1, LEVEL) for one in seen), true_area(GAPS[0]) - true_area(GAPS[1]))

    assert alone.is_nominal(), alone
    assert change.is_nominal(), change
