"""What a step without a verdict could cost: bounds that hold whenever one looks."""

import random
from math import inf

import pytest

from sluice.core.error_budget import Arm, Coming, highest_excess, highest_rate, lowest_rate, worst_cost

STABLE = Arm(bad=100, requests=10_000)
NONE = Arm(bad=0, requests=0)


@pytest.mark.parametrize(
    ("candidate", "stable", "least", "most"),
    [
        pytest.param(NONE, STABLE, 0.98, 1.0, id="nothing is known of a candidate without requests"),
        pytest.param(Arm(10, 1000), NONE, 0.015, 0.03, id="without a stable the candidate's own rate is the bound"),
        pytest.param(Arm(10, 1000), STABLE, 0.007, 0.025, id="as good as the stable, and little is known"),
        pytest.param(Arm(1_000, 100_000), Arm(10_000, 1_000_000), 0.0005, 0.002, id="as good, and much is known"),
        pytest.param(Arm(0, 100_000), STABLE, 0.0, 0.0, id="better for sure: it costs nothing"),
        pytest.param(Arm(30, 1000), STABLE, 0.03, 0.055, id="three times as bad"),
        pytest.param(Arm(1000, 1000), Arm(0, 1000), 0.98, 1.0, id="everything fails"),
    ],
)
def test_the_highest_excess(candidate: Arm, stable: Arm, least: float, most: float) -> None:
    assert least <= highest_excess(candidate, stable) <= most


@pytest.mark.parametrize(
    ("arm", "least", "most"),
    [
        pytest.param(NONE, 0.0, 1.0, id="without requests everything is possible"),
        pytest.param(Arm(0, 1000), 0.0, 0.02, id="no failure"),
        pytest.param(Arm(1000, 1000), 0.98, 1.0, id="nothing but failures"),
        pytest.param(Arm(10**7, 10**9), 0.0099, 0.0101, id="a thousand million requests overflow nothing"),
    ],
)
def test_the_rates_that_are_possible(arm: Arm, least: float, most: float) -> None:
    assert least <= lowest_rate(arm, 0.05) <= highest_rate(arm, 0.05) <= most


def test_the_cost_is_excess_times_share_times_traffic_times_time() -> None:
    candidate = Arm(10, 1000)
    cost = worst_cost(candidate, STABLE, Coming(weight=0.25, requests_per_second=100, seconds=60))
    assert cost == pytest.approx(highest_excess(candidate, STABLE) * 0.25 * 100 * 60)


def test_more_requests_at_the_same_rates_never_raise_the_bound() -> None:
    bounds = [highest_excess(Arm(n / 100, n), Arm(n / 10, n * 10)) for n in (100, 1_000, 10_000, 100_000)]
    assert bounds == sorted(bounds, reverse=True)


@pytest.mark.parametrize(
    ("dispersion", "factor"),
    [
        pytest.param(4.0, 4, id="in bursts of four a request tells a fourth"),
        pytest.param(1.0, 1, id="independent ones tell all"),
        pytest.param(0.5, 1, id="nor more than all where they are spread evenly"),
    ],
)
def test_bursts_tell_less(dispersion: float, factor: float) -> None:
    assert Arm(20, 2000).thinned(dispersion) == Arm(20 / factor, 2000 / factor)


def test_the_bound_holds_at_all_looks_at_once() -> None:
    """At risk 0.05, of 400 candidates looked at after every 50 requests, no more than 5 % and the noise of 400 fail."""
    dice, rate, runs = random.Random(7), 0.02, 400  # noqa: S311 -- a simulation
    missed = sum(not _always_held(dice, rate) for _ in range(runs))
    assert missed / runs <= 0.05 + 2 * (0.05 * 0.95 / runs) ** 0.5


def _always_held(dice: random.Random, rate: float) -> bool:
    bad, lowest = 0, inf
    for look in range(1, 41):
        bad += sum(dice.random() < rate for _ in range(50))
        lowest = min(lowest, highest_rate(Arm(bad, look * 50), 0.05))
    return lowest >= rate
