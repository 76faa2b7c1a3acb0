"""From counters to what was gained: resets, first samples, missing counters."""

import pytest

from sluice.core.analysis.deltas import Cursor, track
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.samples import Pod, Scrape


def pod(*scrapes: tuple[float, int | None, int | None]) -> Pod:
    """Build a pod from (time, 200s, 500s) rows; None is a series that is not there."""
    rows = (Scrape(time, _counters(ok, failed)) for time, ok, failed in scrapes)
    return Pod("stable/s-0", "stable", "source", tuple(rows))


def _counters(ok: int | None, failed: int | None) -> dict[str, float]:
    return {code: float(value) for code, value in (("200", ok), ("500", failed)) if value is not None}


def cursor(time: float, ok: int | None, failed: int | None, *, source: str = "source") -> Cursor:
    return Cursor(0.0, time, source, _counters(ok, failed))


@pytest.mark.parametrize(
    ("given", "since", "want"),
    [
        pytest.param(pod((1, 5, 1)), None, [], id="the first sample of a pod is a starting point"),
        pytest.param(pod((1, 5, 1), (2, 9, 2)), None, [(1, 2, 5, 1)], id="the second is a gain"),
        pytest.param(pod((1, 5, None), (2, 9, None)), None, [(1, 2, 4, 0)], id="no failure series: no failures"),
        pytest.param(pod((1, 5, None), (2, 9, 3)), None, [(1, 2, 7, 3)], id="one that appears began at zero"),
        pytest.param(pod((1, 5, 3), (2, 9, None)), None, [(1, 2, 4, 0)], id="one that is missing has not moved"),
        pytest.param(
            pod((1, 5, 3), (2, 9, None), (3, 9, 4)), None, [(1, 2, 4, 0), (2, 3, 1, 1)], id="and goes on when back"
        ),
        pytest.param(pod((1, None, 5), (2, None, 7)), None, [(1, 2, 2, 2)], id="failures only: all requests failed"),
        pytest.param(pod((1, 5, 1), (2, 3, None)), None, [(1, 2, 3, 0)], id="a counter that fell began anew"),
        pytest.param(pod((1, 5, 1), (2, 3, 4)), None, [(1, 2, 7, 4)], id="and all others of its pod with it"),
        pytest.param(pod((1, 50, 4), (2, 60, 1)), None, [(1, 2, 61, 1)], id="whichever of them fell"),
        pytest.param(pod((1, 5, 0), (2, 5, 0)), None, [(1, 2, 0, 0)], id="no requests"),
        pytest.param(
            pod((1, 5, 0), (2, 7, 0), (3, 8, 0)), cursor(2, 7, 0), [(2, 3, 1, 0)], id="what was used is not used again"
        ),
        pytest.param(pod((1, 5, 0), (2, 7, 0)), cursor(2, 7, 0), [], id="nothing new"),
        pytest.param(pod((1, 5, 0)), cursor(2, 7, 0), [], id="older than what was used: late, left out"),
        pytest.param(pod((9, 95, 2)), cursor(2, 7, 0), [(2, 9, 90, 2)], id="a gap loses nothing"),
        pytest.param(
            pod((3, 4, 0), (4, 9, 0)), cursor(2, 7, 0, source="other"), [(3, 4, 5, 0)], id="another source starts anew"
        ),
    ],
)
def test_gains(given: Pod, since: Cursor | None, want: list[tuple[float, ...]]) -> None:
    found = track(given, since, ErrorRate(), warm_up_seconds=0)
    assert [(delta.begin, delta.end, *delta.tally[""]) for delta in found.deltas] == want


def test_a_pod_that_warms_up_does_not_count() -> None:
    found = track(pod((1, 0, 0), (6, 0, 9), (11, 5, 9)), None, ErrorRate(), warm_up_seconds=5)
    assert [dict(delta.tally) for delta in found.deltas] == [{}, {"": (5, 0)}]


def test_a_crash_does_not_begin_a_new_warm_up() -> None:
    found = track(pod((1, 0, 0), (6, 9, 0), (11, 0, 3)), None, ErrorRate(), warm_up_seconds=5)
    assert [dict(delta.tally) for delta in found.deltas] == [{}, {"": (3, 3)}]
