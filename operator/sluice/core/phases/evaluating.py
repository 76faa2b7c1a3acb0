"""Evaluating: one Job measures, the gates judge; only a pass on every gate lets traffic begin."""

from typing import assert_never

from sluice.api.candidate import EvaluationStatus, Stage, TrafficStatus
from sluice.api.conditions import ConditionType, Reason
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.core.admission import stable_predictor, target_problem
from sluice.core.gates.judge import Judgement, judge
from sluice.core.manifests.job import evaluation_config, evaluation_job, unconfigured
from sluice.core.manifests.network import evaluation_network
from sluice.core.naming import predictor_name
from sluice.core.observed import JobReport, LivePlan
from sluice.core.phases import leaving
from sluice.core.phases.queued import begin_evaluation
from sluice.core.plan import Plan, StartJob, StopJob
from sluice.core.target import Problem, Target
from sluice.core.turn import Turn, timestamp

POLL_SECONDS = 2.0
STUCK_SECONDS = 300.0
"""How long a container may fail to be created: a registry of images that is away for some minutes costs no attempt."""
LATE_SECONDS = 300.0
"""How long after its deadline a Job may be without an end: Kubernetes' own controller may be away, but not for ever."""
_NOBODY = "have the administrator look whether the node of its pod is up, and whether Kubernetes' controllers run"


def decide(turn: Turn) -> Plan:
    """Leave, start the Job, wait for it, retry it, or judge its result."""
    left = leaving.before_traffic(turn)
    if left is not None:
        return left
    plan, job = turn.observed.plan, turn.observed.job
    if isinstance(plan, Problem):
        return turn.complain(plan).wait(plan.reason, plan.message, POLL_SECONDS)
    if not isinstance(plan, LivePlan):
        raise TypeError("evaluating needs the plan")
    if turn.status.evaluation is not None and turn.status.evaluation.verdict is Verdict.PASS:
        return _begin_traffic(turn)
    if isinstance(job, JobReport):
        return _with_job(turn, plan, job)
    if isinstance(job, Problem) and job.reason is not Reason.EVALUATION_WAITING:
        return turn.complain(job).wait(job.reason, job.message, POLL_SECONDS)
    return _start(turn, plan)


def _evaluation(turn: Turn) -> EvaluationStatus:
    if turn.status.evaluation is None:
        raise ValueError("Evaluating without status.evaluation")
    return turn.status.evaluation


def _start(turn: Turn, plan: LivePlan) -> Plan:
    """Create the Job that status names; a Job that was there before and is gone counts as a failed attempt."""
    if _evaluation(turn).job_uid:
        return _retry(turn, f"Job {_evaluation(turn).job_name} is gone", retryable=True)
    unknown = unconfigured(turn.observed.settings, plan)
    if unknown is not None:
        return turn.complain(unknown).wait(unknown.reason, unknown.message, POLL_SECONDS)
    action = StartJob(
        job=evaluation_job(turn.observed, plan),
        config=evaluation_config(turn.observed, plan),
        network=evaluation_network(turn.observed, plan),
    )
    message = f"Job {_evaluation(turn).job_name} is created"
    return turn.act(action).wait(Reason.EVALUATION_WAITING, message, POLL_SECONDS)


def _with_job(turn: Turn, plan: LivePlan, job: JobReport) -> Plan:
    evaluation = _evaluation(turn)
    if evaluation.job_uid and evaluation.job_uid != job.uid:
        return _retry(turn, f"Job {evaluation.job_name} is not the one that was started", retryable=True)
    turn = turn.note(evaluation=evaluation.model_copy(update={"job_uid": job.uid}))
    if job.failure:
        return _retry(turn, job.failure, retryable=job.retryable)
    if job.result is None:
        return _wait(turn, plan, job)
    return _conclude(turn, plan, job)


def _wait(turn: Turn, plan: LivePlan, job: JobReport) -> Plan:
    """Wait for the Job; one that nobody ends, or whose container could not be created for long, is stopped."""
    evaluation, deadline = _evaluation(turn), plan.spec.evaluation.timeout_seconds
    if job.started is not None and (turn.now - job.started).total_seconds() >= deadline + LATE_SECONDS:
        failure = f"Job {evaluation.job_name} has not ended {LATE_SECONDS:.0f} s after its deadline of {deadline} s"
        turn = turn.act(StopJob(name=evaluation.job_name, uid=job.uid))
        return _retry(turn, f"{failure}: {_NOBODY}", retryable=True)
    since = (evaluation.stuck_since or timestamp(turn.now)) if job.stuck else None
    if since is not None and (not job.retryable or turn.seconds_since(since) >= STUCK_SECONDS):
        turn = turn.act(StopJob(name=evaluation.job_name, uid=job.uid))
        return _retry(turn, job.stuck, retryable=job.retryable, reason=Reason.EVALUATION_STUCK)
    turn = turn.note(evaluation=evaluation.model_copy(update={"stuck_since": since}))
    state = f"waits for a pod: {job.waiting}" if job.waiting else "is running"
    message = f"Job {evaluation.job_name} {state} (attempt {evaluation.attempt})"
    return turn.wait(Reason.EVALUATION_WAITING, message, POLL_SECONDS)


def _retry(turn: Turn, failure: str, *, retryable: bool, reason: Reason = Reason.EVALUATION_ERROR) -> Plan:
    """Try again while attempts are left; errors never count as worse, so the end is Failed, not Rejected."""
    attempt, most = _evaluation(turn).attempt, turn.observed.settings.evaluation_attempts
    turn = turn.say(reason, failure)
    if retryable and attempt < most:
        return begin_evaluation(turn, _evaluation(turn).uses, attempt + 1)
    evaluation = _evaluation(turn).model_copy(update={"verdict": Verdict.ERROR})
    message = f"could not be evaluated in {attempt} attempts: {failure}"
    return _end(turn.note(evaluation=evaluation), Phase.FAILED, reason, message)


def _conclude(turn: Turn, plan: LivePlan, job: JobReport) -> Plan:
    """Judge the result and record the decision."""
    model = turn.status.model
    if model is None:
        raise ValueError("evaluating without a pinned model")
    judgement = judge(
        plan.spec.evaluation,
        job.result or {},
        candidate=model,
        champion=turn.status.champion,
        uses=_evaluation(turn).uses,
    )
    evaluation = _evaluation(turn).model_copy(
        update={
            "run_id": job.run_id,
            "result_digest": job.result_digest,
            "decision_digest": judgement.decision_digest,
            "verdict": judgement.verdict,
            "gates": judgement.gates,
        }
    )
    return _follow(turn.note(evaluation=evaluation), judgement)


def _follow(turn: Turn, judgement: Judgement) -> Plan:
    match judgement.verdict:
        case Verdict.PASS:
            turn = turn.condition(ConditionType.EVALUATED, "True", Reason.GATES_PASSED, judgement.message)
            return turn.say(Reason.GATES_PASSED, judgement.message).again(Reason.GATES_PASSED, judgement.message)
        case Verdict.FAIL:
            return _end(turn, Phase.REJECTED, Reason.GATES_FAILED, judgement.message)
        case Verdict.INCONCLUSIVE | Verdict.NO_DATA | Verdict.ERROR:
            return _end(turn, Phase.FAILED, Reason.GATES_INCONCLUSIVE, judgement.message)
        case _:
            assert_never(judgement.verdict)


def _end(turn: Turn, phase: Phase, reason: Reason, message: str) -> Plan:
    turn = turn.condition(ConditionType.EVALUATED, "False", reason, message)
    return turn.enter(phase, reason, message).wait(reason, message, 0)


def _begin_traffic(turn: Turn) -> Plan:
    """Record the intent to add the candidate predictor, unless somebody holds it or the target is not fit."""
    candidate, target = turn.observed.candidate, turn.observed.target
    if candidate.spec.paused:
        return turn.hold(Reason.PAUSED, "spec.paused is set: traffic does not begin", POLL_SECONDS)
    problem = target_problem(target) if isinstance(target, Target) else target
    stable = stable_predictor(target) if isinstance(target, Target) else None
    if problem is not None or stable is None:
        problem = problem or Problem(reason=Reason.TARGET_MISSING, message="the target was not read")
        return turn.complain(problem).wait(problem.reason, problem.message, POLL_SECONDS)
    traffic = TrafficStatus(
        predictor=predictor_name(candidate.uid),
        stable=stable.name,
        stage=Stage.ADDING,
        since=timestamp(turn.now),
        stable_fingerprint=stable.fingerprint,
    )
    message = f"predictor {traffic.predictor} is added at weight 0 beside {stable.name}"
    turn = turn.note(traffic=traffic).without(ConditionType.SUSPENDED)
    return turn.enter(Phase.SHIFTING, Reason.CANDIDATE_ADDED, message).again(Reason.CANDIDATE_ADDED, message)
