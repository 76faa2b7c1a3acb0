"""Rounds: when the counts of both arms may be held against each other."""

import pytest

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.deltas import track
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.rounds import Clock, next_round
from sluice.core.analysis.samples import pods
from tests.support.analysis import ARMS, counts
from tests.support.scraped import Scraped


def world(rows: str, *, requests: int = 10) -> Scraped:
    """Build from lines "time pod pod…": each pod named serves `requests` and is then scraped at that time."""
    found = Scraped()
    for row in rows.strip().splitlines():
        time, *names = row.split()
        for name in names:
            found.serve("candidate" if name.startswith("c") else "stable", name, ok=requests)
        found.scrape(float(time), names)
    return found


def first(given: Scraped, *, pool: float = 60) -> tuple[float, float, Counts] | None:
    found = [track(pod, None, ErrorRate(), 0) for pod in pods(given.series(), ARMS, ErrorRate(), 15)]
    newest = max((one.deltas[-1].end if one.deltas else one.cursor.time for one in found), default=0)
    candidate, stable = ([one for one in found if one.arm == arm] for arm in ("candidate", "stable"))
    done = next_round(candidate, stable, Clock(newest, 15, pool))
    return (done.begin, done.end, done.channels[""].counts) if done else None


def both(candidate: float, stable: float) -> Counts:
    return counts((0, candidate), (0, stable))


@pytest.mark.parametrize(
    ("rows", "want"),
    [
        pytest.param("", None, id="nothing"),
        pytest.param("0 c s\n5 s", None, id="the candidate's scrape is awaited"),
        pytest.param("0 c s\n5 c", None, id="the stable's scrape at or after the candidate's is awaited"),
        pytest.param("0 c s\n5 c s", (0, 5, both(10, 10)), id="scraped together"),
        pytest.param("0 c\n1 s\n5 c\n6 s", (0, 5, both(10, 10)), id="stable shortly after"),
        pytest.param("0 s\n4 c\n5 s\n9 c\n10 s", (4, 9, both(10, 20)), id="the stable is counted beyond the candidate"),
        pytest.param(
            "0 s\n5 s\n10 s\n11 c\n15 s\n16 c\n20 s", (11, 16, both(10, 20)), id="but not from before it came"
        ),
        pytest.param("0 c s t\n5 c s", None, id="every stable pod is awaited"),
        pytest.param("0 c s t\n5 c s t", (0, 5, both(10, 20)), id="two stable pods"),
        pytest.param("0 c c2 s\n4 c\n5 s", None, id="every candidate pod is awaited"),
        pytest.param("0 c c2 s\n4 c\n5 c2\n6 s", (0, 5, both(20, 10)), id="two candidate pods"),
        pytest.param(
            "0 c s t\n5 c s\n10 c s\n15 c s\n20 c s\n21 c s", (0, 5, both(10, 10)), id="a stable pod that is gone"
        ),
        pytest.param(
            "0 c c2 s\n5 c s\n10 c s\n15 c s\n20 c s\n21 c s", (0, 5, both(10, 10)), id="a candidate pod that is gone"
        ),
        pytest.param(
            "0 t\n5 t\n40 c s\n45 c s",
            (40, 45, both(10, 10)),
            id="a stable pod that had gone before, an older release's",
        ),
        pytest.param("0 c2\n40 c s\n45 c s", (40, 45, both(10, 10)), id="a candidate pod that had gone before"),
        pytest.param("0 c s\n3 t\n5 c s", None, id="a pod that came in between is awaited"),
        pytest.param("0 c s\n5 c s\n6 t", (0, 5, both(10, 10)), id="one that came after is not"),
    ],
)
def test_the_first_round(rows: str, want: object) -> None:
    assert first(world(rows)) == want


def test_a_pod_given_up_before_is_not_awaited_again() -> None:
    given = world("0 t\n40 c s\n45 c s")
    assert first(given) == (40, 45, both(10, 10))


def test_with_little_traffic_a_round_stays_open_until_both_arms_served() -> None:
    given = Scraped().serve("candidate", "c", ok=1).serve("stable", "s", ok=1).scrape(0)
    given.serve("candidate", "c", ok=1).scrape(5).serve("stable", "s", ok=1).scrape(10)
    assert first(given) == (0, 10, both(1, 1))


def test_but_no_longer_than_it_may() -> None:
    given = Scraped().serve("candidate", "c", ok=1).serve("stable", "s", ok=1).scrape(0)
    for time in (5, 10, 15):
        given.serve("stable", "s", ok=7).scrape(time)
    assert first(given, pool=10) == (0, 10, both(0, 14))


def test_a_blip_in_both_arms_is_never_seen_in_the_candidate_first() -> None:
    """The candidate is scraped right after the blip, the stable pods up to a whole interval later."""
    for offset in (0.5, 1.0, 2.5, 4.0, 4.9):
        given = Scraped().serve("candidate", "c", ok=10).serve("stable", "s", ok=90)
        given.scrape(0, ["c"]).scrape(offset, ["s"])
        given.serve("candidate", "c", failed=10).scrape(5, ["c"])
        assert first(given) is None
        given.serve("stable", "s", failed=90).scrape(5 + offset, ["s"])
        assert first(given) == (0, 5, counts((10, 10), (90, 90)))
