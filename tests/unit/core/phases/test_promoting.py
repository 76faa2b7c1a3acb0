"""Promoting, as a table: three guarded writes, and nobody meets the old model again."""

from typing import Any

import pytest

from sluice.api.candidate import Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.manifests.predictor import serving
from sluice.core.observed import Candidate
from sluice.core.phases import promoting
from sluice.core.target import Target, Workload
from sluice.core.turn import Turn
from tests.support.observations import (
    CANDIDATE,
    a_candidate,
    a_model,
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
OLD = with_candidate(100, replicas=4).templates("main")
NEW = a_workload(template="new")


def at(stage: Stage, *, deleting: bool = False, spec: dict[str, Any] | None = None, **traffic: Any) -> Candidate:
    """Return a candidate in this stage of its promotion."""
    known = {"weight": 100, "step": 1, "applied_at": None, "observed_weight": 50, "stable_template": OLD}
    status = a_status(Phase.PROMOTING, traffic=a_traffic(stage, **(known | traffic)))
    return a_candidate(status, deleting=deleting, **(spec or {}))


def updated(weight: int, *workloads: Workload, **fields: Any) -> Target:
    """Return a target whose stable predictor has the new template, the candidate at `weight`."""
    raw = {key: value for key, value in serving(a_predictor(), a_model()).items() if key in {"graph", "annotations"}}
    candidate = with_candidate(weight, replicas=4).predictors[1]
    made = [*workloads, a_workload(CANDIDATE)] if workloads else None
    return a_target(a_predictor(traffic=100 - weight, **raw), candidate, workloads=made, **fields)


CASES = [
    pytest.param(
        at(Stage.FILLING),
        with_candidate(50, replicas=2),
        Outcome(stage=Stage.FILLING, weight=100, writes=(f"{CANDIDATE} to 4 replicas",)),
        id="the candidate gets the stable's capacity first",
    ),
    pytest.param(
        at(Stage.FILLING),
        with_candidate(50, replicas=4),
        Outcome(stage=Stage.FILLING, weight=100, writes=(f"{CANDIDATE} to weight 100",)),
        id="then everything",
    ),
    pytest.param(
        at(Stage.FILLING),
        with_candidate(100, replicas=4),
        Outcome(stage=Stage.UPDATING, weight=100, told=(Reason.PROMOTING,)),
        id="100 is in the route: the template's write is recorded",
    ),
    pytest.param(
        at(Stage.FILLING, spec={"abort": True}),
        with_candidate(100, replicas=4),
        Outcome(phase=Phase.ROLLING_BACK, stage=Stage.DRAINING, weight=0, writes=(TO_STABLE,), told=(Reason.ABORTED,)),
        id="abort is possible until the template is written",
    ),
    pytest.param(
        at(Stage.FILLING),
        with_candidate(50, workloads=[a_workload(), troubled()]),
        Outcome(
            phase=Phase.ROLLING_BACK,
            stage=Stage.REMOVING,
            weight=0,
            writes=(REMOVED,),
            told=(Reason.CANDIDATE_UNREADY,),
        ),
        id="a candidate that breaks down is taken back until then",
    ),
    pytest.param(
        at(Stage.FILLING, spec={"paused": True}),
        with_candidate(50, replicas=4),
        Outcome(stage=Stage.FILLING, weight=100, held=Reason.PAUSED, told=(Reason.PAUSED,)),
        id="paused before everything",
    ),
    pytest.param(
        at(Stage.UPDATING),
        with_candidate(100, replicas=4),
        Outcome(stage=Stage.UPDATING, weight=100, writes=("main serves version 43",)),
        id="the template is written while the stable has no traffic",
    ),
    pytest.param(
        at(Stage.UPDATING),
        updated(100),
        Outcome(stage=Stage.UPDATING, weight=100),
        id="written, and the Deployment is still the old one that looks rolled: it waits",
    ),
    pytest.param(
        at(Stage.UPDATING),
        updated(100, a_workload(template="new", updated_replicas=1)),
        Outcome(stage=Stage.UPDATING, weight=100),
        id="one pod of four is new: it waits",
    ),
    pytest.param(
        at(Stage.UPDATING),
        updated(100, a_workload(generation=9, observed_generation=9)),
        Outcome(stage=Stage.UPDATING, weight=100),
        id="an autoscaler raised the generation: that is no new template",
    ),
    pytest.param(
        at(Stage.UPDATING),
        updated(100, NEW),
        Outcome(stage=Stage.RETURNING, weight=100, told=(Reason.STABLE_UPDATED,)),
        id="really rolled: traffic may return",
    ),
    pytest.param(
        at(Stage.UPDATING, spec={"abort": True}),
        updated(100, NEW),
        Outcome(stage=Stage.RETURNING, weight=100, told=(Reason.STABLE_UPDATED,)),
        id="abort comes too late: the promotion is finished",
    ),
    pytest.param(
        at(Stage.UPDATING, since=ago(601)),
        updated(100),
        Outcome(stage=Stage.UPDATING, weight=100, held=Reason.STABLE_NOT_ROLLED, told=(Reason.STABLE_NOT_ROLLED,)),
        id="the stable does not come up: a person is called, the candidate serves on",
    ),
    pytest.param(
        at(Stage.RETURNING),
        updated(100, NEW),
        Outcome(stage=Stage.RETURNING, weight=100, writes=("main to weight 100",)),
        id="the second write: all traffic to the stable",
    ),
    pytest.param(
        at(Stage.RETURNING),
        updated(0, NEW, weights={"main": 0, CANDIDATE: 100}),
        Outcome(stage=Stage.RETURNING, weight=100),
        id="not in the route yet: the candidate stays",
    ),
    pytest.param(
        at(Stage.RETURNING),
        updated(0, NEW),
        Outcome(stage=Stage.REMOVING, weight=100, told=(Reason.PROMOTING,)),
        id="in the route: the candidate may go",
    ),
    pytest.param(
        at(Stage.REMOVING, applied_at=None),
        updated(0, NEW),
        Outcome(stage=Stage.REMOVING, weight=100),
        id="in the route just now: gateways may not have heard of it",
    ),
    pytest.param(
        at(Stage.REMOVING, applied_at=ago(1)),
        updated(0, NEW),
        Outcome(stage=Stage.REMOVING, weight=100),
        id="in the route for a second: some gateways may not have heard of it",
    ),
    pytest.param(
        at(Stage.REMOVING, applied_at=ago(2)),
        updated(0, NEW),
        Outcome(stage=Stage.REMOVING, weight=100, writes=(REMOVED,)),
        id="the third write: the candidate is removed",
    ),
    pytest.param(
        at(Stage.REMOVING),
        a_target(updated(0).predictors[0], workloads=[NEW]),
        Outcome(phase=Phase.PROMOTED, stage=Stage.REMOVING, weight=100, told=(Reason.PROMOTED,)),
        id="nothing is left of it: promoted",
    ),
    pytest.param(
        at(Stage.UPDATING),
        a_target(),
        Outcome(phase=Phase.ROLLING_BACK, stage=Stage.REMOVING, weight=0, told=(Reason.DRIFTED,)),
        id="somebody reset the list in the middle",
    ),
]


@pytest.mark.parametrize(("candidate", "target", "want"), CASES)
def test_promoting(candidate: Candidate, target: Target, want: Outcome) -> None:
    want = want if want.phase is not Phase.SHIFTING else Outcome(**{**vars(want), "phase": Phase.PROMOTING})
    assert outcome(promoting.decide(Turn.start(observed(candidate=candidate, target=target, samples=())))) == want
