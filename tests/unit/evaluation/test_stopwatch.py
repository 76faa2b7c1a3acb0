"""Seconds by part of the work, and how often it is said how far it is."""

from collections.abc import Iterator, Sequence

import pytest

from sluice.api.progress import Step
from sluice.evaluation.stopwatch import Stopwatch


def watch(steps: list[Step], *times: float) -> Stopwatch:
    """Return a stopwatch that reads these times, one after the other, and notes what it says."""
    read: Iterator[float] = iter(times)
    return Stopwatch(say=steps.append, clock=lambda: next(read))


def test_parts_add_up_and_are_announced() -> None:
    said: list[Step] = []
    found = watch(said, 0.0, 1.5, 10.0, 12.0)
    for part in ("candidate.load", "candidate.load"):
        with found.time(part):
            pass

    assert (found.seconds, said) == ({"candidate.load": 3.5}, [Step("candidate.load")] * 2)


@pytest.mark.parametrize(
    ("total", "batches", "seconds", "want"),
    [
        pytest.param(512, [512], 0.0, [0, 512], id="one batch: the beginning and the end"),
        pytest.param(2000, [500] * 4, 0.1, [0, 2000], id="all within a second"),
        pytest.param(2000, [500] * 4, 2.0, [0, 500, 1000, 1500, 2000], id="slow: after each batch"),
        pytest.param(1000, [1] * 30, 2.0, [0, 10, 20, 30], id="very many slow ones: after each percent"),
    ],
)
def test_it_is_said_now_and_then_how_far_it_is(
    total: int, batches: Sequence[int], seconds: float, want: Sequence[int]
) -> None:
    said: list[Step] = []
    told = watch(said, *(place * seconds for place in range(1000))).counter("candidate on holdout", total)
    for some in batches:
        told(some)

    assert said == [Step("candidate on holdout", done, total) for done in want]
