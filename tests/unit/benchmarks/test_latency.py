"""Generated latencies, and the threshold on their 99th percentile."""

from math import inf

import numpy as np
import pytest

from benchmarks.analysis.latency import BOUNDS, RULES, Served, Slow

FAST, SLOW = BOUNDS.index(0.1), BOUNDS.index(1.0)
_, THRESHOLD = RULES.values()


def minutes(*slow: int) -> Served:
    """Return minutes of a thousand candidate requests, so many of them slow."""
    arm = np.zeros((1, len(slow), len(BOUNDS) + 1))
    arm[0, :, SLOW] = slow
    arm[0, :, FAST] = 1000 - arm[0, :, SLOW]
    return Served(60.0, arm, (arm,))


@pytest.mark.parametrize(
    ("served", "seconds"),
    [
        pytest.param(minutes(11, 11, 11, 11), 240, id="four minutes with more than one slow in a hundred"),
        pytest.param(minutes(11, 11, 11, 10, 10), inf, id="three are allowed, and one in a hundred is"),
    ],
)
def test_the_threshold(served: Served, seconds: float) -> None:
    assert THRESHOLD(served).tolist() == [seconds]


@pytest.mark.parametrize("slow", [Slow(), Slow(1.25), Slow(10.0, 0.02)])
def test_every_latency_falls_between_two_bounds(slow: Slow) -> None:
    assert slow.shares().sum() == pytest.approx(1)
    assert (slow.shares() >= 0).all()


def test_slower_is_slower() -> None:
    above = {times: slow.shares()[FAST + 1 :].sum() for times, slow in ((1.0, Slow()), (1.25, Slow(1.25)))}
    assert above[1.25] > 1.5 * above[1.0]
