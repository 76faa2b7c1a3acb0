"""Queued: one candidate at a time on a target, in the order of creation."""

from sluice.api.candidate import EvaluationStatus
from sluice.api.conditions import Reason
from sluice.api.phase import IN_FLIGHT, Phase
from sluice.core.naming import job_name
from sluice.core.observed import Candidate, Rival
from sluice.core.phases import leaving
from sluice.core.plan import Plan
from sluice.core.target import Problem
from sluice.core.turn import Turn, timestamp

RETRY_SECONDS = 10.0


def decide(turn: Turn) -> Plan:
    """Leave, wait for who is ahead, or begin the evaluation."""
    left = leaving.before_traffic(turn)
    if left is not None:
        return left
    observed = turn.observed
    if isinstance(observed.plan, Problem):
        return turn.complain(observed.plan).wait(observed.plan.reason, observed.plan.message, RETRY_SECONDS)
    ahead = _ahead(observed.candidate, observed.rivals)
    if ahead is not None:
        message = f"candidate {ahead.name} is {ahead.phase.value} on the same target: waits for its turn"
        return turn.complain(Problem(reason=Reason.QUEUED, message=message)).wait(Reason.QUEUED, message, RETRY_SECONDS)
    return begin_evaluation(turn, attempt=1)


def begin_evaluation(turn: Turn, attempt: int) -> Plan:
    """Record the intent to evaluate; the next pass creates the Job."""
    candidate = turn.observed.candidate
    evaluation = EvaluationStatus(
        job_name=job_name(candidate.uid, candidate.generation, attempt),
        attempt=attempt,
        started_at=timestamp(turn.now),
    )
    message = f"attempt {attempt}, Job {evaluation.job_name}"
    reason = Reason.EVALUATION_STARTED if attempt == 1 else Reason.EVALUATION_RETRIED
    turn = turn.note(evaluation=evaluation)
    return turn.enter(Phase.EVALUATING, reason, message).again(reason, message)


def _ahead(me: Candidate, rivals: tuple[Rival, ...]) -> Rival | None:
    """Return who goes first: anyone in flight, else the oldest in the queue."""
    flying = [rival for rival in rivals if rival.phase in IN_FLIGHT]
    if flying:
        return flying[0]
    waiting = [rival for rival in rivals if rival.phase is Phase.QUEUED and not rival.deleting]
    older = [rival for rival in waiting if (rival.created, rival.uid) < (me.created, me.uid)]
    return min(older, key=lambda rival: (rival.created, rival.uid), default=None)
