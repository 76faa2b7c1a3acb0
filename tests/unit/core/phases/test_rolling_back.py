"""RollingBack, as a table: drain when it can, remove when it must, leave nothing behind."""

from typing import Any

import pytest

from sluice.api.candidate import Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.observed import Candidate
from sluice.core.phases import rolling_back
from sluice.core.target import Problem
from sluice.core.turn import Turn
from tests.support.observations import (
    CANDIDATE,
    a_candidate,
    a_status,
    a_target,
    a_traffic,
    a_workload,
    ago,
    observed,
    with_candidate,
)
from tests.support.outcomes import Outcome, outcome

BACK = Phase.ROLLING_BACK
REMOVED = f"remove {CANDIDATE}, or by the route"
LEFT = a_workload(CANDIDATE, 1)


def back(stage: Stage = Stage.DRAINING, seconds: float = 1, **traffic: Any) -> Candidate:
    """Return a candidate whose rollback began so many seconds ago."""
    known: dict[str, Any] = {"weight": 0, "outcome": Phase.ROLLED_BACK, "cause": Reason.BREACHED}
    known |= {"since": ago(seconds), "applied_at": None}
    return a_candidate(a_status(BACK, traffic=a_traffic(stage, **(known | traffic))))


CASES = [
    pytest.param(
        back(),
        with_candidate(0, weights={"main": 95, CANDIDATE: 5}),
        Outcome(phase=BACK, stage=Stage.DRAINING, weight=0),
        id="the route still has the old weight: drains",
    ),
    pytest.param(
        back(),
        with_candidate(5),
        Outcome(phase=BACK, stage=Stage.DRAINING, weight=0, writes=(f"{CANDIDATE} to weight 0, or by the route",)),
        id="the first write was lost, and Seldon repaired the route: written once more",
    ),
    pytest.param(
        back(seconds=60),
        with_candidate(0),
        Outcome(phase=BACK, stage=Stage.DRAINING, weight=0),
        id="the route shows 0 just now: gateways may not have heard of it",
    ),
    pytest.param(
        back(applied_at=ago(1.9)),
        with_candidate(0),
        Outcome(phase=BACK, stage=Stage.DRAINING, weight=0),
        id="the route shows 0 for a moment: requests end",
    ),
    pytest.param(
        back(applied_at=ago(1)),
        with_candidate(5, weights={"main": 100, CANDIDATE: 0}),
        Outcome(phase=BACK, stage=Stage.DRAINING, weight=0, writes=(f"{CANDIDATE} to weight 0, or by the route",)),
        id="only the route has weight 0: the spec is written again, before Seldon's manager is back",
    ),
    pytest.param(
        back(applied_at=ago(2)),
        with_candidate(0),
        Outcome(phase=BACK, stage=Stage.REMOVING, weight=0, writes=(REMOVED,)),
        id="the route shows 0 for long enough: the predictor is removed",
    ),
    pytest.param(
        back(seconds=2.5),
        with_candidate(0, weights={"main": 95, CANDIDATE: 5}),
        Outcome(phase=BACK, stage=Stage.REMOVING, weight=0, writes=(REMOVED,)),
        id="the weight does not move: the predictor is removed all the same",
    ),
    pytest.param(
        back(applied_at=ago(2)),
        with_candidate(0, listed=frozenset()),
        Outcome(phase=BACK, stage=Stage.DRAINING, weight=0),
        id="Seldon does not list its Deployment yet: removed now, it would stay for ever",
    ),
    pytest.param(
        back(seconds=11, applied_at=ago(10)),
        with_candidate(0, listed=frozenset()),
        Outcome(phase=BACK, stage=Stage.REMOVING, weight=0, writes=(REMOVED,)),
        id="Seldon never lists it: removed after a while",
    ),
    pytest.param(
        back(Stage.REMOVING, seconds=11),
        with_candidate(5, weights={"main": 100, CANDIDATE: 0}),
        Outcome(phase=BACK, stage=Stage.REMOVING, weight=0, writes=(REMOVED,)),
        id="Seldon was down, the route was written directly: the removal is still to do",
    ),
    pytest.param(
        back(Stage.REMOVING),
        a_target(workloads=[a_workload(), LEFT]),
        Outcome(phase=BACK, stage=Stage.REMOVING, weight=0),
        id="removed: Seldon gets a moment to delete the Deployment",
    ),
    pytest.param(
        back(Stage.REMOVING, seconds=4),
        a_target(workloads=[a_workload(), LEFT]),
        Outcome(phase=BACK, stage=Stage.REMOVING, weight=0, writes=(f"delete {LEFT.name}",)),
        id="an orphan is deleted",
    ),
    pytest.param(
        back(Stage.REMOVING),
        a_target(weights={"main": 95, CANDIDATE: 5}),
        Outcome(phase=BACK, stage=Stage.REMOVING, weight=0),
        id="removed from the spec and still in the route: not over",
    ),
    pytest.param(
        back(Stage.REMOVING),
        a_target(),
        Outcome(phase=Phase.ROLLED_BACK, stage=Stage.REMOVING, weight=0, told=(Reason.BREACHED,)),
        id="nothing is left of it: rolled back",
    ),
    pytest.param(
        back(Stage.REMOVING, outcome=Phase.ABORTED, cause=Reason.ABORTED),
        a_target(),
        Outcome(phase=Phase.ABORTED, stage=Stage.REMOVING, weight=0, told=(Reason.ABORTED,)),
        id="an abort ends as one",
    ),
    pytest.param(
        back(),
        Problem(reason=Reason.TARGET_MISSING, message="gone"),
        Outcome(phase=Phase.ROLLED_BACK, stage=Stage.DRAINING, weight=0, told=(Reason.BREACHED,)),
        id="the target is gone: so is the candidate's traffic",
    ),
]


@pytest.mark.parametrize(("candidate", "target", "want"), CASES)
def test_rolling_back(candidate: Candidate, target: Any, want: Outcome) -> None:
    seen = observed(candidate=candidate, target=target, plan=None, samples=None)
    assert outcome(rolling_back.decide(Turn.start(seen))) == want
