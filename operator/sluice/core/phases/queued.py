"""Queued: one candidate at a time on a target. When its turn comes, what serves *then* is the champion."""

from sluice.api.candidate import EvaluationStatus, PinnedModel
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.admission import target_problem
from sluice.core.gates.reuse import Uses, counted, uses_of
from sluice.core.naming import job_name
from sluice.core.observed import LivePlan, Observed
from sluice.core.phases import leaving
from sluice.core.plan import CountUse, Plan
from sluice.core.queue import ahead
from sluice.core.target import Problem, Target
from sluice.core.turn import Turn, timestamp

RETRY_SECONDS = 10.0


def decide(turn: Turn) -> Plan:
    """Leave, wait for who is ahead or for what is missing, or begin the evaluation against the champion."""
    left = leaving.before_traffic(turn)
    if left is not None:
        return left
    problem = _waiting(turn.observed) or _unfit(turn.observed)
    if problem is not None:
        return turn.complain(problem).wait(problem.reason, problem.message, RETRY_SECONDS)
    champion = turn.observed.champion if isinstance(turn.observed.champion, PinnedModel) else None
    if _serves_already(turn.status.model, champion):
        message = "the version is what the target serves already: there is nothing to prove"
        return turn.enter(Phase.FAILED, Reason.SERVES_ALREADY, message).wait(Reason.SERVES_ALREADY, message, 0)
    return _counted(turn.note(champion=champion))


def _waiting(observed: Observed) -> Problem | None:
    first = ahead(observed.candidate, observed.rivals)
    if first is None:
        return None
    message = f"candidate {first.name} is {first.phase.value} on the same target: waits for its turn"
    return Problem(reason=Reason.QUEUED, message=message)


def _unfit(observed: Observed) -> Problem | None:
    """Return why the evaluation cannot begin. Having no champion is no obstacle: the gates know what it means."""
    for part in (observed.plan, observed.target):
        if isinstance(part, Problem):
            return part
    if not isinstance(observed.target, Target):
        raise TypeError("queued needs the target")
    champion, uses = observed.champion, observed.uses
    unknown = isinstance(champion, Problem) and champion.reason is not Reason.MODEL_MISSING
    unsure = champion if unknown and isinstance(champion, Problem) else uses if isinstance(uses, Problem) else None
    return target_problem(observed.target) or unsure


def _serves_already(model: PinnedModel | None, champion: PinnedModel | None) -> bool:
    if model is None or champion is None:
        return False
    return (model.registry, model.name, model.version) == (champion.registry, champion.name, champion.version)


def _counted(turn: Turn) -> Plan:
    """Begin once it is known which use of each data set this is; have those counted that are not yet."""
    plan, numbers, model = turn.observed.plan, turn.observed.uses, turn.status.model
    if not isinstance(plan, LivePlan) or numbers is None or isinstance(numbers, Problem) or model is None:
        raise TypeError("queued needs the plan, a pinned model and the uses of its data sets")
    uncounted = [one for one in counted(plan.spec.evaluation) if one.digest not in numbers]
    if uncounted:
        digests = tuple(dict.fromkeys(one.digest for one in uncounted))
        message = f"the use of {', '.join(one.name for one in uncounted)} is counted in the registry"
        return turn.act(CountUse(model=model, datasets=digests)).again(Reason.EVALUATION_WAITING, message)
    return begin_evaluation(turn, uses_of(plan.spec.evaluation, numbers), attempt=1)


def begin_evaluation(turn: Turn, uses: Uses, attempt: int) -> Plan:
    """Record the intent to evaluate, and the level that follows from the uses; the next pass creates the Job."""
    candidate, champion = turn.observed.candidate, turn.status.champion
    evaluation = EvaluationStatus(
        job_name=job_name(candidate.uid, candidate.generation, attempt),
        attempt=attempt,
        started_at=timestamp(turn.now),
        uses=tuple(uses),
    )
    against = "no champion" if champion is None else f"version {champion.version}"
    message = f"attempt {attempt} against {against}, Job {evaluation.job_name}"
    reason = Reason.EVALUATION_STARTED if attempt == 1 else Reason.EVALUATION_RETRIED
    turn = turn.note(evaluation=evaluation)
    return turn.enter(Phase.EVALUATING, reason, message).again(reason, message)
