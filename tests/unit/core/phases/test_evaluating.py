"""Evaluating, as a table: one Job an attempt, believed only when it is ours, and only a pass begins traffic."""

from typing import Any

import pytest

from sluice.api.candidate import DatasetUse, EvaluationStatus
from sluice.api.conditions import ConditionType, Reason, find
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.core.observed import Candidate, JobReport
from sluice.core.phases import evaluating
from sluice.core.target import Problem
from sluice.core.turn import Turn, moment
from tests.support.observations import (
    DIGEST,
    PLAN,
    a_candidate,
    a_plan,
    a_predictor,
    a_status,
    a_target,
    ago,
    observed,
)
from tests.support.outcomes import Outcome, outcome

HERE = Phase.EVALUATING
RETRIED = (Reason.EVALUATION_ERROR, Reason.EVALUATION_RETRIED)
IN_A_STORE = a_plan(
    evaluation=PLAN["evaluation"]
    | {"datasets": [{"name": "holdout", "uri": "store://reviews/holdout.parquet", "digest": DIGEST}]}
)
NO_JOB = Problem(reason=Reason.EVALUATION_WAITING, message="not there")


def at(
    *, uid: str = "uid-1", attempt: int = 1, verdict: Verdict | None = None, stuck: float | None = None, **spec: Any
) -> Candidate:
    """Return a candidate that is being evaluated; for `stuck` seconds its Job's container cannot be created."""
    evaluation = EvaluationStatus(
        job_name=f"job-{attempt}",
        job_uid=uid,
        attempt=attempt,
        started_at=ago(600),
        verdict=verdict,
        stuck_since=None if stuck is None else ago(stuck),
    )
    return a_candidate(a_status(HERE, evaluation=evaluation, traffic=None), **spec)


def job(uid: str = "uid-1", **fields: Any) -> JobReport:
    """Return what came of a Job; by default it still runs."""
    known: dict[str, Any] = {"uid": uid, "active": True, "succeeded": False}
    return JobReport(**(known | fields))


def failed(*, retryable: bool = True) -> JobReport:
    return job(active=False, failure="OOMKilled: give it more memory", retryable=retryable)


def begun(seconds: float) -> JobReport:
    """Return a Job that runs for so long; its deadline is that of plans that name none, half an hour."""
    return job(started=moment(ago(seconds)), waiting="the pod says something yet")


def stuck(*, retryable: bool = True) -> JobReport:
    return job(stuck="Job job-1 cannot start: ErrImagePull", waiting="ErrImagePull", retryable=retryable)


@pytest.mark.parametrize(
    ("seen", "want"),
    [
        pytest.param(
            {"candidate": at(uid=""), "job": NO_JOB},
            Outcome(phase=HERE, writes=("StartJob",)),
            id="the Job that status names is created",
        ),
        pytest.param(
            {"candidate": at(uid=""), "job": NO_JOB, "plan": IN_A_STORE},
            Outcome(phase=HERE, told=(Reason.STORE_MISSING,)),
            id="a store that is no longer configured: waits for it",
        ),
        pytest.param({"candidate": at(uid=""), "job": job()}, Outcome(phase=HERE), id="its UID is noted, it runs"),
        pytest.param({"job": job()}, Outcome(phase=HERE), id="it runs"),
        pytest.param(
            {"job": NO_JOB}, Outcome(phase=HERE, told=RETRIED), id="a Job that was there is gone: tried again"
        ),
        pytest.param(
            {"job": job("uid-2", active=False, succeeded=True, result={"forged": True})},
            Outcome(phase=HERE, told=RETRIED),
            id="another Job under its name: not believed",
        ),
        pytest.param({"job": failed()}, Outcome(phase=HERE, told=RETRIED), id="it failed: tried again"),
        pytest.param(
            {"job": failed(retryable=False)},
            Outcome(phase=Phase.FAILED, told=(Reason.EVALUATION_ERROR, Reason.EVALUATION_ERROR)),
            id="a failure that another attempt cannot cure ends it at once",
        ),
        pytest.param({"candidate": at(uid=""), "job": stuck()}, Outcome(phase=HERE), id="no image at first: waits"),
        pytest.param({"candidate": at(stuck=299), "job": stuck()}, Outcome(phase=HERE), id="no image yet: waits"),
        pytest.param(
            {"candidate": at(stuck=300), "job": stuck()},
            Outcome(
                phase=HERE,
                writes=("stop job-1",),
                told=(Reason.EVALUATION_STUCK, Reason.EVALUATION_RETRIED),
            ),
            id="no image for five minutes: stopped and tried again",
        ),
        pytest.param(
            {"candidate": at(stuck=300, attempt=3), "job": stuck()},
            Outcome(
                phase=Phase.FAILED,
                writes=("stop job-3",),
                told=(Reason.EVALUATION_STUCK, Reason.EVALUATION_STUCK),
            ),
            id="no image three times: failed, and nothing of it is left to start later",
        ),
        pytest.param(
            {"job": stuck(retryable=False)},
            Outcome(
                phase=Phase.FAILED,
                writes=("stop job-1",),
                told=(Reason.EVALUATION_STUCK, Reason.EVALUATION_STUCK),
            ),
            id="a name that is no image's: failed at once",
        ),
        pytest.param({"job": begun(1800 + 299)}, Outcome(phase=HERE), id="late, and it may yet be ended: waits"),
        pytest.param(
            {"job": begun(1800 + 300)},
            Outcome(phase=HERE, writes=("stop job-1",), told=RETRIED),
            id="five minutes after its deadline nobody has ended it: stopped and tried again",
        ),
        pytest.param(
            {"candidate": at(attempt=3), "job": begun(1800 + 300)},
            Outcome(
                phase=Phase.FAILED,
                writes=("stop job-3",),
                told=(Reason.EVALUATION_ERROR, Reason.EVALUATION_ERROR),
            ),
            id="nobody ends it three times: failed",
        ),
        pytest.param(
            {"candidate": at(attempt=3), "job": failed()},
            Outcome(phase=Phase.FAILED, told=(Reason.EVALUATION_ERROR, Reason.EVALUATION_ERROR)),
            id="the third failure is the last: failed, not rejected",
        ),
        pytest.param(
            {"job": Problem(reason=Reason.REGISTRY_UNAVAILABLE, message="away")},
            Outcome(phase=HERE, told=(Reason.REGISTRY_UNAVAILABLE,)),
            id="the result cannot be fetched now: waits",
        ),
        pytest.param(
            {"job": job(active=False, succeeded=True, result={"schemaVersion": "nonsense"})},
            Outcome(phase=Phase.FAILED, told=(Reason.GATES_INCONCLUSIVE,)),
            id="a document that is none proves nothing",
        ),
        pytest.param(
            {"candidate": at(abort=True), "job": job()},
            Outcome(phase=Phase.ABORTED, writes=("stop job-1",), told=(Reason.ABORTED,)),
            id="aborted: the Job is stopped",
        ),
        pytest.param(
            {"candidate": at(verdict=Verdict.PASS, paused=True), "job": job()},
            Outcome(phase=HERE, held=Reason.PAUSED, told=(Reason.PAUSED,)),
            id="passed and paused: traffic does not begin",
        ),
        pytest.param(
            {"candidate": at(verdict=Verdict.PASS), "target": a_target(a_predictor(replicas=0)), "job": job()},
            Outcome(phase=HERE, told=(Reason.TARGET_UNSUPPORTED,)),
            id="passed, and the target is not fit any more: waits",
        ),
    ],
)
def test_evaluating(seen: dict[str, Any], want: Outcome) -> None:
    known = {"candidate": at(), "target": a_target()} | seen
    assert outcome(evaluating.decide(Turn.start(observed(**known)))) == want


def test_passed_begins_with_the_intent_alone() -> None:
    plan = evaluating.decide(Turn.start(observed(candidate=at(verdict=Verdict.PASS), target=a_target(), job=job())))
    traffic = plan.status.traffic
    assert traffic is not None
    assert (plan.status.phase, plan.actions, traffic.weight, traffic.written) == (Phase.SHIFTING, (), 0, False)


def test_each_attempt_has_a_job_of_its_own() -> None:
    plan = evaluating.decide(Turn.start(observed(candidate=at(), target=a_target(), job=failed())))
    assert plan.status.evaluation is not None
    assert (plan.status.evaluation.attempt, plan.status.evaluation.job_uid) == (2, "")
    assert plan.status.evaluation.job_name != "job-1"


@pytest.mark.parametrize(
    ("before", "seen", "after"),
    [
        pytest.param(None, stuck(), ago(0), id="begins to be stuck"),
        pytest.param(60, stuck(), ago(60), id="still stuck: since then"),
        pytest.param(60, job(), None, id="the image came: the clock is reset"),
    ],
)
def test_since_when_it_is_stuck_is_on_record(before: float | None, seen: JobReport, after: str | None) -> None:
    plan = evaluating.decide(Turn.start(observed(candidate=at(stuck=before), target=a_target(), job=seen)))
    assert plan.status.evaluation is not None
    assert plan.status.evaluation.stuck_since == after


def test_the_next_attempt_is_not_stuck_from_the_start() -> None:
    plan = evaluating.decide(Turn.start(observed(candidate=at(stuck=300), target=a_target(), job=stuck())))
    assert plan.status.evaluation is not None
    assert (plan.status.evaluation.attempt, plan.status.evaluation.stuck_since) == (2, None)


def test_a_pod_that_does_not_run_is_named_while_it_is_waited_for() -> None:
    seen = observed(candidate=at(), target=a_target(), job=job(waiting='Unschedulable: claim "shared" not found'))
    condition = find(evaluating.decide(Turn.start(seen)).status.conditions, ConditionType.RECONCILING)
    assert condition is not None
    said = 'Job job-1 waits for a pod: Unschedulable: claim "shared" not found (attempt 1)'
    assert (condition.reason, condition.message) == (Reason.EVALUATION_WAITING, said)


def test_another_attempt_is_no_other_use() -> None:
    uses = (DatasetUse(dataset="holdout", use=3),)
    before = at(attempt=1)
    evaluation = before.status.evaluation
    assert evaluation is not None
    status = before.status.model_copy(update={"evaluation": evaluation.model_copy(update={"uses": uses})})
    plan = evaluating.decide(Turn.start(observed(candidate=a_candidate(status), job=failed())))
    assert plan.status.evaluation is not None
    assert (plan.status.evaluation.attempt, plan.status.evaluation.uses) == (2, uses)
