"""Ticks that are not what the plan has: said once, a condition while it lasts."""

from typing import Any

import pytest

from sluice.api.candidate import HistoryEntry
from sluice.api.conditions import Condition, ConditionType, Reason, find
from sluice.api.phase import Phase
from sluice.core.analysis.samples import Series
from sluice.core.phases.cadence import watched
from sluice.core.turn import Turn
from tests.support.observations import NOW, a_candidate, a_status, ago, observed

TICK = 5
SAID = HistoryEntry(time=ago(100), phase=Phase.SHIFTING, reason=Reason.TICK_LATE, message="late")


def standing(seconds: float, reason: Reason = Reason.TICK_LATE) -> Condition:
    """Return the condition as it was set so long ago."""
    return Condition(
        type=ConditionType.CADENCE_MISMATCH, status="True", reason=reason, last_transition_time=ago(seconds)
    )


def every(seconds: float) -> tuple[Series, ...]:
    """Return a series of ten samples so far apart, the last of them 2 s old."""
    return (Series({}, tuple((NOW.timestamp() - 2 - seconds * back, 0.0) for back in reversed(range(10)))),)


CASES = [
    pytest.param(0, None, {}, (None, ()), id="nothing is known yet"),
    pytest.param(0, 5.0, {}, (None, ()), id="on time, and a sample each tick"),
    pytest.param(2, None, {}, (None, ()), id="two late ticks are a hiccup"),
    pytest.param(3, None, {}, (Reason.TICK_LATE, (Reason.TICK_LATE,)), id="three in a row are not"),
    pytest.param(3, None, {"history": (SAID,)}, (Reason.TICK_LATE, ()), id="late again: the condition, no more news"),
    pytest.param(0, 15.0, {}, (Reason.TICK_TOO_SHORT, (Reason.TICK_TOO_SHORT,)), id="scraped every 15 s"),
    pytest.param(0, 5.3, {}, (None, ()), id="scrapes that jitter are no mismatch"),
    pytest.param(3, 15.0, {}, (Reason.TICK_LATE, (Reason.TICK_LATE,)), id="both: what the operator does comes first"),
    pytest.param(0, 5.0, {"conditions": (standing(59),)}, (Reason.TICK_LATE, ()), id="on time again: it stays"),
    pytest.param(0, 5.0, {"conditions": (standing(60),)}, (None, ()), id="on time for a minute: it goes"),
]


@pytest.mark.parametrize(("missed", "scraped", "status", "want"), CASES)
def test_watched(missed: int, scraped: float | None, status: dict[str, Any], want: Any) -> None:
    samples = () if scraped is None else every(scraped)
    seen = observed(candidate=a_candidate(a_status(**status)), missed_ticks=missed, samples=samples)
    turn = watched(Turn.start(seen), TICK)
    found = find(turn.status.conditions, ConditionType.CADENCE_MISMATCH)
    assert (None if found is None else found.reason, tuple(entry.reason for entry in turn.news)) == want
