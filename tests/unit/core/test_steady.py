"""Which passes may rest on the objects of the last one: only those that change nothing in an undisturbed world."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.api.candidate import HistoryEntry, Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.observed import Observed
from sluice.core.plan import Plan, SetFinalizer
from sluice.core.steady import steady
from sluice.core.target import Problem
from tests.support.observations import (
    CANDIDATE,
    a_candidate,
    a_status,
    a_traffic,
    a_workload,
    ago,
    observed,
    with_candidate,
)

PROBLEM = Problem(reason=Reason.TARGET_MISSING, message="gone")
NEWS = HistoryEntry(time=ago(0), phase=Phase.SHIFTING, reason=Reason.STEP_PASSED, message="passed")
LOST = [a_workload(replicas=4, ready_replicas=3), a_workload(CANDIDATE, 1)]


def left(seen: Observed, **fields: Any) -> Plan:
    """Return the plan that leaves everything as it was seen, but for these fields."""
    known: dict[str, Any] = {"status": seen.candidate.status, "requeue": 5.0}
    return Plan(**(known | fields))


def test_a_step_in_force_that_waits_is_steady() -> None:
    assert steady(observed(), left(observed()))
    assert steady(observed(), left(observed(), status=a_status(metrics=())))


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param({"actions": (SetFinalizer(),)}, id="a write"),
        pytest.param({"news": (NEWS,)}, id="something to tell"),
        pytest.param({"status": a_status(Phase.ROLLING_BACK)}, id="another phase"),
        pytest.param({"status": a_status(traffic=a_traffic(weight=25, step=1))}, id="another step"),
        pytest.param({"status": a_status(traffic=a_traffic(Stage.DRAINING))}, id="another stage"),
    ],
)
def test_what_leads_to_more_than_waiting_is_not(plan: dict[str, Any]) -> None:
    assert not steady(observed(), left(observed(), **plan))


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param({"target": PROBLEM}, id="no target"),
        pytest.param({"target": replace(with_candidate(), deleting=True)}, id="a target that goes"),
        pytest.param({"target": with_candidate(workloads=LOST)}, id="a pod that is missing"),
        pytest.param({"plan": PROBLEM}, id="no plan"),
        pytest.param({"candidate": a_candidate(deleting=True)}, id="a candidate that goes"),
        pytest.param({"candidate": a_candidate(a_status(Phase.PROMOTING))}, id="a promotion"),
        pytest.param(
            {"candidate": a_candidate(a_status(traffic=a_traffic(applied_at=None)))}, id="a weight on its way"
        ),
    ],
)
def test_a_world_in_which_anything_moves_is_not(seen: dict[str, Any]) -> None:
    assert not steady(observed(**seen), left(observed(**seen)))
