"""Shifting, as a table: what is seen, what follows."""

from typing import Any

import pytest

from sluice.api.candidate import Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.observed import Candidate, Rival
from sluice.core.phases import shifting
from sluice.core.target import Problem, Route
from sluice.core.turn import Turn
from tests.support.observations import (
    CANDIDATE,
    NOW,
    a_candidate,
    a_plan,
    a_predictor,
    a_status,
    a_target,
    a_traffic,
    a_workload,
    ago,
    observed,
    troubled,
    with_candidate,
)
from tests.support.outcomes import Outcome, outcome

TO_STABLE = f"{CANDIDATE} to weight 0, or by the route"
REMOVED = f"remove {CANDIDATE}, or by the route"
STABLE_WORKLOAD = a_workload()
MANUAL = Problem(reason=Reason.NO_DATA, message="the provider is away")


def at(stage: Stage = Stage.STEPPING, *, spec: dict[str, Any] | None = None, **traffic: Any) -> Candidate:
    """Return a candidate whose traffic is as given."""
    return a_candidate(a_status(traffic=a_traffic(stage, **traffic)), **(spec or {}))


def adding(**traffic: Any) -> Candidate:
    """Return a candidate that is being added."""
    return at(Stage.ADDING, **{"weight": 0, "observed_weight": None, "applied_at": None, **traffic})


def going(*, workloads: Any = None, **fields: Any) -> Any:
    """Return a target with the candidate, its Deployments as given."""
    return with_candidate(workloads=[STABLE_WORKLOAD, *workloads], **fields)


CASES = [
    pytest.param(
        {"candidate": adding(written=False), "target": a_target()},
        Outcome(stage=Stage.ADDING, weight=0, writes=(f"add {CANDIDATE} at weight 0",)),
        id="the candidate is written at weight 0",
    ),
    pytest.param(
        {"candidate": adding(), "target": going(weight=0, workloads=[a_workload(CANDIDATE, 1, ready_replicas=0)])},
        Outcome(stage=Stage.ADDING, weight=0),
        id="it waits until the candidate is ready",
    ),
    pytest.param(
        {"candidate": adding(), "target": with_candidate(0, weights={"main": 100})},
        Outcome(stage=Stage.ADDING, weight=0),
        id="it waits until the candidate is in the route",
    ),
    pytest.param(
        {
            "candidate": adding(),
            "target": with_candidate(0, route=Route(weights={"main": 100, CANDIDATE: 0}, subsets=frozenset({"main"}))),
        },
        Outcome(stage=Stage.ADDING, weight=0),
        id="it waits for the DestinationRule: a subset without one answers 503",
    ),
    pytest.param(
        {"candidate": adding(), "target": with_candidate(0)},
        Outcome(stage=Stage.ADDING, weight=0),
        id="ready and routed just now: gateways may still be warming up its cluster",
    ),
    pytest.param(
        {"candidate": adding(applied_at=ago(2)), "target": with_candidate(0)},
        Outcome(stage=Stage.STEPPING, weight=5, told=(Reason.STEP_STARTED,)),
        id="ready, routed, with a subset: the first step is recorded and nothing is written yet",
    ),
    pytest.param(
        {"candidate": adding(spec={"paused": True}, applied_at=ago(2)), "target": with_candidate(0)},
        Outcome(stage=Stage.ADDING, weight=0, held=Reason.PAUSED, told=(Reason.PAUSED,)),
        id="paused before the first step",
    ),
    pytest.param(
        {"candidate": adding(since=ago(601)), "target": going(weight=0, workloads=[troubled("ErrImagePull")])},
        Outcome(
            phase=Phase.ROLLING_BACK,
            stage=Stage.REMOVING,
            weight=0,
            writes=(REMOVED,),
            told=(Reason.CANDIDATE_UNREADY,),
        ),
        id="an image that cannot be pulled: taken out at the deadline",
    ),
    pytest.param(
        {"candidate": adding(since=ago(599)), "target": going(weight=0, workloads=[troubled("ErrImagePull")])},
        Outcome(stage=Stage.ADDING, weight=0),
        id="and not before it: registries have hiccups",
    ),
    pytest.param(
        {"candidate": at(applied_at=None, observed_weight=0), "target": with_candidate(0)},
        Outcome(stage=Stage.STEPPING, weight=5, writes=(f"{CANDIDATE} to weight 5",)),
        id="the recorded weight is written",
    ),
    pytest.param(
        {
            "candidate": at(applied_at=None, step=1, weight=50),
            "target": with_candidate(5, replicas=1),
        },
        Outcome(stage=Stage.STEPPING, weight=50, writes=(f"{CANDIDATE} to 2 replicas",)),
        id="capacity grows before weight",
    ),
    pytest.param(
        {
            "candidate": at(applied_at=None, observed_weight=0),
            "target": with_candidate(
                0, workloads=[a_workload(ready_replicas=3, unavailable_replicas=1), a_workload(CANDIDATE, 1)]
            ),
        },
        Outcome(stage=Stage.STEPPING, weight=5),
        id="one pod of the stable is lost: weights would not move, so it waits, and it is no breach",
    ),
    pytest.param(
        {"candidate": at(applied_at=None), "target": with_candidate(5, weights={"main": 100, CANDIDATE: 0})},
        Outcome(stage=Stage.STEPPING, weight=5),
        id="written and not yet in the route: it waits, whatever the status says",
    ),
    pytest.param(
        {"samples": MANUAL},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.NO_DATA, told=(Reason.NO_DATA,)),
        id="no data holds",
    ),
    pytest.param(
        {"samples": ()},
        Outcome(stage=Stage.STEPPING, weight=5),
        id="no samples yet keeps the weight and waits",
    ),
    pytest.param(
        {"candidate": at(since=ago(60), applied_at=ago(60)), "samples": ()},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.NO_DATA, told=(Reason.NO_DATA,)),
        id="no samples for long is no data, and holds",
    ),
    pytest.param(
        {"candidate": at(since=ago(3700)), "samples": ()},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.STEP_INCONCLUSIVE, told=(Reason.STEP_INCONCLUSIVE,)),
        id="no verdict within the step's time holds for a person",
    ),
    pytest.param(
        {"candidate": at(spec={"abort": True})},
        Outcome(
            phase=Phase.ROLLING_BACK,
            stage=Stage.DRAINING,
            weight=0,
            writes=(TO_STABLE,),
            told=(Reason.ABORTED,),
        ),
        id="abort: traffic moves in the same pass",
    ),
    pytest.param(
        {"candidate": at(spec={"abort": True, "paused": True}), "samples": MANUAL, "plan": MANUAL},
        Outcome(
            phase=Phase.ROLLING_BACK,
            stage=Stage.DRAINING,
            weight=0,
            writes=(TO_STABLE,),
            told=(Reason.ABORTED,),
        ),
        id="abort needs neither plan nor metrics, and works while paused",
    ),
    pytest.param(
        {"target": going(workloads=[troubled()])},
        Outcome(
            phase=Phase.ROLLING_BACK,
            stage=Stage.REMOVING,
            weight=0,
            writes=(REMOVED,),
            told=(Reason.CANDIDATE_UNREADY,),
        ),
        id="no ready pod while it has traffic: removed at once, for weights would not move",
    ),
    pytest.param(
        {"target": a_target()},
        Outcome(phase=Phase.ROLLING_BACK, stage=Stage.REMOVING, weight=0, told=(Reason.DRIFTED,)),
        id="somebody reset the list: nothing to take back, and no fight",
    ),
    pytest.param(
        {"target": with_candidate(100)},
        Outcome(
            phase=Phase.ROLLING_BACK,
            stage=Stage.DRAINING,
            weight=0,
            writes=(TO_STABLE,),
            told=(Reason.DRIFTED,),
        ),
        id="promoted by hand: made safe",
    ),
    pytest.param(
        {"target": Problem(reason=Reason.TARGET_MISSING, message="gone")},
        Outcome(
            phase=Phase.FAILED,
            stage=Stage.STEPPING,
            weight=5,
            told=(Reason.TARGET_MISSING,),
        ),
        id="the target is gone: failed, not worse",
    ),
    pytest.param(
        {
            "plan": a_plan(concurrency="Supersede"),
            "rivals": (Rival(name="shop-44", uid="z", created=NOW, phase=Phase.QUEUED),),
        },
        Outcome(
            phase=Phase.ROLLING_BACK,
            stage=Stage.DRAINING,
            weight=0,
            writes=(TO_STABLE,),
            told=(Reason.SUPERSEDED,),
        ),
        id="a newer candidate supersedes it when the plan says so",
    ),
    pytest.param(
        {"rivals": (Rival(name="shop-44", uid="z", created=NOW, phase=Phase.QUEUED),), "samples": MANUAL},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.NO_DATA, told=(Reason.NO_DATA,)),
        id="by default a newer candidate waits",
    ),
    pytest.param(
        {"target": with_candidate(5, workloads=[a_workload(), a_workload(CANDIDATE, 1, ready_replicas=0)])},
        Outcome(
            phase=Phase.ROLLING_BACK,
            stage=Stage.REMOVING,
            weight=0,
            writes=(REMOVED,),
            told=(Reason.CANDIDATE_UNREADY,),
        ),
        id="the candidate's only pod is lost while it has traffic",
    ),
    pytest.param(
        {"target": with_candidate(5, deleting=True)},
        Outcome(phase=Phase.FAILED, stage=Stage.STEPPING, weight=5, told=(Reason.TARGET_MISSING,)),
        id="the target is being deleted",
    ),
    pytest.param(
        {
            "candidate": at(step=1, weight=50, applied_at=None),
            "target": with_candidate(5, replicas=2),
        },
        Outcome(stage=Stage.STEPPING, weight=50, writes=(f"{CANDIDATE} to weight 50",)),
        id="with 2 of 4 replicas half the traffic may come",
    ),
    pytest.param(
        {
            "candidate": at(step=1, weight=50, applied_at=None),
            "target": going(replicas=2, workloads=[a_workload(CANDIDATE, 1)]),
        },
        Outcome(stage=Stage.STEPPING, weight=50),
        id="asked for and not there: the Deployment is still the small one and looks ready",
    ),
    pytest.param(
        {
            "candidate": at(step=1, weight=50, applied_at=None),
            "target": with_candidate(5, replicas=2, workloads=[a_workload(replicas=8), a_workload(CANDIDATE, 2)]),
        },
        Outcome(stage=Stage.STEPPING, weight=50, writes=(f"{CANDIDATE} to 4 replicas",)),
        id="an autoscaler gave the stable 8 pods: half the traffic needs 4",
    ),
    pytest.param(
        {"target": a_target(a_predictor("other"))},
        Outcome(phase=Phase.ROLLING_BACK, stage=Stage.REMOVING, weight=0, told=(Reason.DRIFTED,)),
        id="the stable was replaced by another predictor",
    ),
]


@pytest.mark.parametrize(("seen", "want"), CASES)
def test_shifting(seen: dict[str, Any], want: Outcome) -> None:
    assert outcome(shifting.decide(Turn.start(observed(**seen)))) == want
