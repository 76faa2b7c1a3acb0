"""What passes add to the operator's metrics: missing data by why, lateness, steps by how they ended."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sluice.adapters.memory_clock import MemoryClock
from sluice.api.candidate import MetricStatus, Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.core.phases import shifting
from sluice.core.target import Problem
from sluice.core.turn import Turn
from sluice.ports import Unavailable
from sluice.runtime.counting import count
from sluice.runtime.telemetry import Telemetry
from tests.golden.play import Play
from tests.golden.stories import errors
from tests.support.observations import a_candidate, a_status, a_traffic, ago, observed


def counted(of: Telemetry, *names: str) -> dict[str, float]:
    """Return the samples of these names that are not 0, by name and label."""
    samples = [one for family in of.registry.collect() for one in family.samples]
    return {" ".join([one.name, *one.labels.values()]): one.value for one in samples if one.name in names and one.value}


STEPS, MISSING = "sluice_step_seconds_count", "sluice_no_data_total"


def worse() -> Play:
    play = Play()
    play.clients.rate = errors("43", 0.05)
    return play


def aborted() -> Play:
    play = Play()
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.later(20, lambda: play.edit(abort=True)))
    return play


@pytest.mark.parametrize(
    ("tell", "want"),
    [
        pytest.param(Play, {f"{STEPS} passed": 3}, id="three steps that passed"),
        pytest.param(worse, {f"{STEPS} breached": 1}, id="a breach"),
        pytest.param(aborted, {f"{STEPS} passed": 1, f"{STEPS} ended": 1}, id="people ended the second"),
    ],
)
def test_steps_by_how_they_ended(tell: Callable[[], Play], want: Mapping[str, float]) -> None:
    play = tell()
    play.apply()
    play.run()
    assert counted(play.telemetry, STEPS) == want


def test_a_step_is_as_long_as_it_took() -> None:
    play = Play()
    play.apply()
    play.run()
    told = {entry["reason"]: entry["time"] for entry in reversed(play.status()["history"])}
    assert told["StepStarted"] < told["StepPassed"]
    assert 60 < counted(play.telemetry, "sluice_step_seconds_sum")["sluice_step_seconds_sum passed"] < 1800


def test_missing_data_are_counted_by_why_and_only_while_they_are_missing() -> None:
    play = Play()

    def away() -> None:
        play.metrics.problem = Unavailable("connection refused", reason="Refused")

    def back() -> None:
        play.metrics.problem = None

    play.cue(play.at(Phase.SHIFTING, 25), away)
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.later(61, back))
    play.apply()
    play.run()
    assert counted(play.telemetry, MISSING) == {f"{MISSING} Unread": 12}


@pytest.mark.parametrize(
    ("late", "want"),
    [
        pytest.param(None, {}, id="a pass that was not awaited"),
        pytest.param(0.1, {"sluice_tick_late_seconds_count": 1}, id="a little late"),
        pytest.param(
            5.0, {"sluice_tick_late_seconds_count": 1, "sluice_ticks_missed_total": 1}, id="a whole tick late"
        ),
    ],
)
def test_lateness(late: float | None, want: Mapping[str, float]) -> None:
    telemetry = Telemetry(clock=MemoryClock().seconds, heartbeat_seconds=60)
    seen = observed(late_seconds=late)
    count(telemetry, seen, shifting.decide(Turn.start(seen)))
    assert counted(telemetry, "sluice_tick_late_seconds_count", "sluice_ticks_missed_total") == want


def test_a_reason_of_another_version_is_counted_as_other() -> None:
    telemetry = Telemetry(clock=MemoryClock().seconds, heartbeat_seconds=60)
    metric: Any = MetricStatus(name="errors", verdict=Verdict.NO_DATA, finding="FromTheFuture")
    traffic = a_traffic(Stage.STEPPING, applied_at=ago(60))
    seen = observed(
        candidate=a_candidate(a_status(traffic=traffic)), samples=Problem(reason=Reason.NO_DATA, message="away")
    )
    plan = shifting.decide(Turn.start(seen))
    changed = plan.status.model_copy(update={"metrics": (metric,)})
    count(telemetry, seen, type(plan)(status=changed))
    assert counted(telemetry, MISSING) == {f"{MISSING} Other": 1}
