"""How the benchmarks of the live analysis say what they found."""

from math import nan

import numpy as np
import pytest

from benchmarks.analysis.chunks import SIZE, Chunk, worked
from benchmarks.analysis.cost import slope
from benchmarks.analysis.reached import Goal
from benchmarks.analysis.shares import Mean, Share
from benchmarks.analysis.traffic import generate
from benchmarks.analysis.worlds import EQUAL, World, steady


@pytest.mark.parametrize(
    ("share", "text"),
    [
        pytest.param(Share(5, 1000), "0.5 ± 0.2", id="with its standard error"),
        pytest.param(Share(0, 100), "0.0 ± 1.0", id="none is not certain"),
        pytest.param(Share(100, 100), "100.0 ± 1.0", id="nor is all"),
    ],
)
def test_a_share(share: Share, text: str) -> None:
    assert share.text == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        pytest.param([1.0, 2.0, 3.0], "2.00 ± 0.58", id="the mean with its standard error"),
        pytest.param([1.0, 3.0, np.inf, np.inf], "2.00 ± 1.00 (50 % missed)", id="what never ended is told"),
        pytest.param([np.inf], "never", id="nothing ended"),
        pytest.param([], "never", id="nothing was there to end"),
    ],
)
def test_a_mean(values: list[float], text: str) -> None:
    assert Mean.of(np.array(values)).text() == text


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        pytest.param(Goal("it", 1.25, 1.25), "reached", id="the limit itself is in reach"),
        pytest.param(Goal("it", 1.4, 1.25, " times"), "missed by 0.15 times", id="by how much it was missed"),
        pytest.param(Goal("it", nan, 1.25), "not measured", id="nothing is nothing"),
    ],
)
def test_a_goal(goal: Goal, verdict: str) -> None:
    assert goal.verdict == verdict


def test_growth_is_the_exponent() -> None:
    assert slope({10: {"seconds": 0.02}, 100: {"seconds": 0.2}, 1000: {"seconds": 2.0}}) == pytest.approx(1.0)


@pytest.mark.parametrize("place", EQUAL)
def test_both_arms_fail_alike(place: str) -> None:
    """Weighted by the expected share, so that a moving weight does not matter."""
    traffic = generate(EQUAL[place], (5, 0), 40, 3600, 60.0)
    theirs = traffic.stable_failures / np.maximum(traffic.stable_requests, 1)
    expected = (theirs * traffic.candidate_requests).sum()
    assert traffic.candidate_failures.sum() == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("workers", [1, 2])
def test_all_runs_are_worked_in_chunks(workers: int) -> None:
    found = worked(echoed, "case", 2 * SIZE + 7, workers)
    assert found == [Chunk("case", 0, SIZE), Chunk("case", 1, SIZE), Chunk("case", 2, 7)]


def echoed(chunk: Chunk) -> Chunk:
    return chunk


def test_bursts_have_their_mean_size() -> None:
    calm = generate(World(baseline=steady(0.01)), (6, 0), 50, 600, 5.0)
    bursty = generate(World(baseline=steady(0.01), burst=8.0), (6, 0), 50, 600, 5.0)
    assert bursty.stable_failures.mean() == pytest.approx(calm.stable_failures.mean(), rel=0.05)
    assert bursty.stable_failures.var() / bursty.stable_failures.mean() == pytest.approx(15, rel=0.1)
