"""Pending, Queued and the terminal phases, as tables."""

from datetime import timedelta
from typing import Any

import pytest

from sluice.api.candidate import ModelCandidateStatus
from sluice.api.conditions import ConditionType, Reason, find, is_true
from sluice.api.phase import TERMINAL, Phase
from sluice.core.observed import Rival
from sluice.core.phases import ended, pending, queued
from sluice.core.target import Problem
from sluice.core.turn import Turn, timestamp
from tests.support.observations import (
    DIGEST,
    NOW,
    PLAN,
    a_candidate,
    a_model,
    a_plan,
    a_predictor,
    a_status,
    a_target,
    observed,
    with_candidate,
)
from tests.support.outcomes import Outcome, outcome

FRESH = ModelCandidateStatus()
READY: dict[str, Any] = {"model": a_model(), "target": a_target()}
IN_A_STORE = PLAN["evaluation"] | {
    "datasets": [{"name": "holdout", "uri": "store://reviews/holdout.parquet", "digest": DIGEST}]
}
IGNORED = PLAN["evaluation"] | {"datasets": [PLAN["evaluation"]["datasets"][0] | {"reuse": "Ignore"}]}
TURN: dict[str, Any] = {"champion": a_model("42"), "target": a_target(), "uses": {DIGEST: 1}}


def missing(reason: Reason, message: str = "it is not there") -> Problem:
    return Problem(reason=reason, message=message)


@pytest.mark.parametrize(
    ("seen", "want"),
    [
        pytest.param(
            READY,
            Outcome(phase=Phase.QUEUED, writes=("SetFinalizer", "PinPlan"), told=(Reason.PINNED,)),
            id="all is there: pinned, with the finalizer first",
        ),
        pytest.param(
            READY | {"plan": missing(Reason.PLAN_MISSING)},
            Outcome(phase=Phase.PENDING, told=(Reason.PLAN_MISSING,)),
            id="no plan",
        ),
        pytest.param(
            READY | {"plan": missing(Reason.PLAN_MISSING), "target": missing(Reason.TARGET_MISSING)},
            Outcome(phase=Phase.PENDING, told=(Reason.PLAN_MISSING,)),
            id="one complaint at a time",
        ),
        pytest.param(
            READY | {"target": missing(Reason.TARGET_MISSING)},
            Outcome(phase=Phase.PENDING, told=(Reason.TARGET_MISSING,)),
            id="no target",
        ),
        pytest.param(
            READY | {"target": a_target(a_predictor(replicas=0))},
            Outcome(phase=Phase.PENDING, told=(Reason.TARGET_UNSUPPORTED,)),
            id="a target that cannot be shifted",
        ),
        pytest.param(
            READY | {"model": missing(Reason.REGISTRY_UNAVAILABLE)},
            Outcome(phase=Phase.PENDING, told=(Reason.REGISTRY_UNAVAILABLE,)),
            id="the registry is down: it waits and says so",
        ),
        pytest.param(
            READY
            | {"target": with_candidate(), "rivals": (Rival(name="a", uid="a", created=NOW, phase=Phase.SHIFTING),)},
            Outcome(phase=Phase.QUEUED, writes=("SetFinalizer", "PinPlan"), told=(Reason.PINNED,)),
            id="a rival's predictor on the target is no fault of the target: it queues",
        ),
        pytest.param(
            READY | {"target": with_candidate()},
            Outcome(phase=Phase.PENDING, told=(Reason.TARGET_UNSUPPORTED,)),
            id="a second predictor that is nobody's is one",
        ),
        pytest.param(
            READY | {"plan": a_plan(traffic={**a_plan().raw["traffic"], "metricsProvider": "other"})},
            Outcome(phase=Phase.PENDING, told=(Reason.PROVIDER_MISSING,)),
            id="a metrics provider that nobody configured",
        ),
        pytest.param(
            READY | {"plan": a_plan(evaluation=IN_A_STORE)},
            Outcome(phase=Phase.PENDING, told=(Reason.STORE_MISSING,)),
            id="a store that nobody configured",
        ),
        pytest.param(
            READY | {"plan": a_plan(evaluation=PLAN["evaluation"] | {"engine": {"ray": {"cluster": "shared"}}})},
            Outcome(phase=Phase.PENDING, told=(Reason.ENGINE_MISSING,)),
            id="a Ray cluster that nobody configured",
        ),
        pytest.param(
            READY | {"candidate": a_candidate(FRESH, abort=True)},
            Outcome(phase=Phase.ABORTED, told=(Reason.ABORTED,)),
            id="aborted before it began",
        ),
    ],
)
def test_pending(seen: dict[str, Any], want: Outcome) -> None:
    assert outcome(pending.decide(Turn.start(observed(**({"candidate": a_candidate(FRESH)} | seen))))) == want


def test_a_complaint_is_told_once_and_again_when_its_reason_changes() -> None:
    status = FRESH
    told: list[Reason] = []
    for reason in (Reason.PLAN_MISSING, Reason.PLAN_MISSING, Reason.PLAN_INVALID, Reason.PLAN_INVALID):
        plan = pending.decide(Turn.start(observed(candidate=a_candidate(status), plan=missing(reason))))
        status, told = plan.status, [*told, *(entry.reason for entry in plan.news)]
    assert told == [Reason.PLAN_MISSING, Reason.PLAN_INVALID]


def rival(name: str, phase: Phase, minutes: float = 0, **fields: Any) -> Rival:
    """Return a rival created so many minutes before (positive) or after our candidate."""
    created = a_candidate().created - timedelta(minutes=minutes)
    return Rival(name=name, uid=name, created=created, phase=phase, **fields)


@pytest.mark.parametrize(
    ("rivals", "fields", "want"),
    [
        pytest.param((), {}, Outcome(phase=Phase.EVALUATING, told=(Reason.EVALUATION_STARTED,)), id="alone"),
        pytest.param(
            (rival("a", Phase.SHIFTING, -5),), {}, Outcome(phase=Phase.QUEUED, told=(Reason.QUEUED,)), id="one flies"
        ),
        pytest.param(
            (rival("a", Phase.QUEUED, 5),), {}, Outcome(phase=Phase.QUEUED, told=(Reason.QUEUED,)), id="an older waits"
        ),
        pytest.param(
            (rival("a", Phase.QUEUED, -5), rival("b", Phase.PENDING, 9), rival("c", Phase.REJECTED, 9)),
            {},
            Outcome(phase=Phase.EVALUATING, told=(Reason.EVALUATION_STARTED,)),
            id="younger, unready and ended ones do not count",
        ),
        pytest.param(
            (rival("a", Phase.QUEUED, 5, deleting=True),),
            {},
            Outcome(phase=Phase.EVALUATING, told=(Reason.EVALUATION_STARTED,)),
            id="nor one that is being deleted",
        ),
        pytest.param(
            (rival("a", Phase.QUEUED, -5),),
            {"plan": a_plan(concurrency="Supersede")},
            Outcome(phase=Phase.SUPERSEDED, told=(Reason.SUPERSEDED,)),
            id="a younger one takes its place when the plan says so",
        ),
        pytest.param(
            (),
            {"champion": missing(Reason.MODEL_MISSING)},
            Outcome(phase=Phase.EVALUATING, told=(Reason.EVALUATION_STARTED,)),
            id="no champion is no obstacle here: the gates decide what it means",
        ),
        pytest.param(
            (),
            {"champion": missing(Reason.REGISTRY_UNAVAILABLE)},
            Outcome(phase=Phase.QUEUED, told=(Reason.REGISTRY_UNAVAILABLE,)),
            id="an unknown champion is not no champion",
        ),
        pytest.param(
            (),
            {"champion": a_model()},
            Outcome(phase=Phase.FAILED, told=(Reason.SERVES_ALREADY,)),
            id="the version serves already: there is nothing to prove",
        ),
        pytest.param(
            (),
            {"uses": {}},
            Outcome(phase=Phase.QUEUED, writes=("CountUse",)),
            id="the use of its data set is counted before anything looks at it",
        ),
        pytest.param(
            (),
            {"uses": missing(Reason.REGISTRY_UNAVAILABLE)},
            Outcome(phase=Phase.QUEUED, told=(Reason.REGISTRY_UNAVAILABLE,)),
            id="unknown uses are not none: it waits for the registry",
        ),
        pytest.param(
            (),
            {"uses": {}, "plan": a_plan(evaluation=IGNORED)},
            Outcome(phase=Phase.EVALUATING, told=(Reason.EVALUATION_STARTED,)),
            id="a set whose uses do not count",
        ),
        pytest.param(
            (),
            {"target": a_target(a_predictor(replicas=0))},
            Outcome(phase=Phase.QUEUED, told=(Reason.TARGET_UNSUPPORTED,)),
            id="the target is not fit any more when its turn comes",
        ),
    ],
)
def test_queued(rivals: tuple[Rival, ...], fields: dict[str, Any], want: Outcome) -> None:
    candidate = a_candidate(a_status(Phase.QUEUED, traffic=None, evaluation=None))
    assert outcome(queued.decide(Turn.start(observed(candidate=candidate, rivals=rivals, **(TURN | fields))))) == want


def test_the_evaluation_says_which_use_of_its_sets_it_is() -> None:
    candidate = a_candidate(a_status(Phase.QUEUED, traffic=None, evaluation=None))
    plan = queued.decide(Turn.start(observed(candidate=candidate, **(TURN | {"uses": {DIGEST: 3}}))))
    assert plan.status.evaluation is not None
    assert [(one.dataset, one.use) for one in plan.status.evaluation.uses] == [("holdout", 3)]


@pytest.mark.parametrize(
    ("phase", "fields", "writes"),
    [
        pytest.param(Phase.PROMOTED, {}, ("tag Promoted, alias champion",), id="promoted: tags and alias"),
        pytest.param(Phase.REJECTED, {}, ("tag Rejected",), id="rejected: tags only"),
        pytest.param(Phase.PROMOTED, {"registry_noted": True}, ("ClearFinalizer",), id="told: the object may go"),
        pytest.param(Phase.FAILED, {"model": None}, ("ClearFinalizer",), id="nothing pinned: nothing to tell"),
    ],
)
def test_ended(phase: Phase, fields: dict[str, Any], writes: tuple[str, ...]) -> None:
    plan = ended.decide(Turn.start(observed(candidate=a_candidate(a_status(phase, **fields)))))
    assert outcome(plan).writes == writes


def test_a_registry_that_is_away_never_holds_a_deletion_up() -> None:
    candidate = a_candidate(a_status(Phase.ABORTED), deleting=True)
    assert outcome(ended.decide(Turn.start(observed(candidate=candidate)))).writes == ("ClearFinalizer",)


@pytest.mark.parametrize("phase", sorted(TERMINAL))
def test_terminal_phases_satisfy_kstatus(phase: Phase) -> None:
    conditions = ended.decide(Turn.start(observed(candidate=a_candidate(a_status(phase))))).status.conditions
    well = phase in {Phase.PROMOTED, Phase.SUPERSEDED}
    got = {kind: is_true(conditions, kind) for kind in (ConditionType.READY, ConditionType.STALLED)}
    assert got == {ConditionType.READY: well, ConditionType.STALLED: not well}
    reconciling = find(conditions, ConditionType.RECONCILING)
    assert reconciling is not None
    assert reconciling.status == "False"
    assert all(one.observed_generation == 1 and one.last_transition_time == timestamp(NOW) for one in conditions)
