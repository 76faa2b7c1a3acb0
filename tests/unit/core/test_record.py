"""When a status is worth a write: news at once, numbers now and then."""

from datetime import timedelta
from typing import Any

import pytest

from sluice.api.candidate import Checkpoint, MetricStatus, ModelCandidateStatus
from sluice.api.conditions import Condition, ConditionType, Reason
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.core.record import MOST_SECONDS, Record
from tests.support.observations import NOW, a_status, a_traffic, ago

YOUNG, OLD = a_traffic(applied_at=ago(20)), a_traffic(applied_at=ago(3600))


def waiting(message: str, reason: Reason = Reason.STEP_WAITING) -> Condition:
    return Condition(
        type=ConditionType.RECONCILING, status="True", reason=reason, message=message, last_transition_time=ago(20)
    )


def evidence(ratio: str = "1.00", verdict: Verdict = Verdict.INCONCLUSIVE) -> tuple[MetricStatus, ...]:
    return (MetricStatus(name="errors", verdict=verdict, ratio=ratio, message=f"ratio {ratio}"),)


def status(**fields: Any) -> ModelCandidateStatus:
    known: dict[str, Any] = {"metrics": evidence(), "conditions": (waiting("needs 900"),), "traffic": YOUNG}
    return a_status(**(known | fields))


MOVED = {"metrics": evidence("1.10"), "checkpoint": Checkpoint(time="1", state="{}"), "conditions": (waiting("800"),)}
CASES = [
    pytest.param({}, {}, 3600, False, id="the same is never written again"),
    pytest.param({}, MOVED, 9, False, id="numbers that moved wait for half the age of the step"),
    pytest.param({}, MOVED, 10, True, id="then they are written"),
    pytest.param({"traffic": OLD}, MOVED, MOST_SECONDS - 1, False, id="an old step is written once a minute"),
    pytest.param({"traffic": OLD}, MOVED, MOST_SECONDS, True, id="an old step is written every minute"),
    pytest.param({"traffic": OLD}, {"metrics": evidence(verdict=Verdict.PASS)}, 0, True, id="a new verdict at once"),
    pytest.param({"traffic": OLD}, {"conditions": (waiting("x", Reason.NO_DATA),)}, 0, True, id="a new reason at once"),
    pytest.param({"traffic": OLD}, {"conditions": ()}, 0, True, id="a condition that went at once"),
    pytest.param({"traffic": OLD}, {"phase": Phase.ROLLING_BACK}, 0, True, id="a new phase at once"),
    pytest.param({"traffic": OLD}, {"observed_generation": 9}, 0, True, id="a generation that was seen at once"),
    pytest.param({"traffic": None}, {"metrics": evidence("2")}, 59, False, id="without a step as with an old one"),
]


@pytest.mark.parametrize(("before", "after", "seconds", "want"), CASES)
def test_due(before: dict[str, Any], after: dict[str, Any], seconds: float, *, want: bool) -> None:
    record = Record(status(**before), NOW - timedelta(seconds=seconds))
    assert record.due(status(**(before | after)), NOW) is want


def test_what_an_earlier_process_wrote_is_written_anew_as_soon_as_a_number_moved() -> None:
    assert Record(status()).due(status(**MOVED), NOW)
    assert not Record(status()).due(status(), NOW)
