"""How a rollback begins: in the pass that saw the cause, traffic moves first."""

from sluice.api.candidate import Stage
from sluice.api.conditions import ConditionType, Reason
from sluice.api.phase import Phase
from sluice.core.manifests.predictor import remove_candidate, set_weights
from sluice.core.plan import PatchTarget, Plan
from sluice.core.target import Problem, Target
from sluice.core.turn import Turn, timestamp

POLL_SECONDS = 0.5


def roll_back(turn: Turn, outcome: Phase, cause: Reason, detail: str) -> Plan:
    """Take the traffic back now, then record it: drain when all is ready, remove when it is not."""
    target = turn.observed.target
    if not isinstance(target, Target):
        raise TypeError("a rollback begins from a target that was read")
    turn = _take_traffic(turn, target)
    stage = Stage.DRAINING if _can_drain(turn, target) else Stage.REMOVING
    turn = turn.shift(
        stage=stage, weight=0, since=timestamp(turn.now), applied_at=None, outcome=outcome, cause=cause, detail=detail
    ).without(ConditionType.SUSPENDED)
    if cause is Reason.DRIFTED:
        turn = turn.condition(ConditionType.TRAFFIC_DRIFTED, "True", cause, detail)
    return turn.enter(Phase.ROLLING_BACK, cause, detail).wait(Reason.ROLLING_BACK, detail, POLL_SECONDS)


def _can_drain(turn: Turn, target: Target) -> bool:
    """Return whether weights would move at all (rule 2): every predictor ready, and both of them there."""
    traffic = turn.traffic
    return target.predictor(traffic.predictor) is not None and all(target.ready(p.name) for p in target.predictors)


def _take_traffic(turn: Turn, target: Target) -> Turn:
    """Ask for the write that leaves the candidate without traffic."""
    if _can_drain(turn, target):
        return turn.act(to_stable(turn, target))
    return turn.act(removal(turn, target)) if target.predictor(turn.traffic.predictor) is not None else turn


def to_stable(turn: Turn, target: Target) -> PatchTarget:
    """Return the write of weight 0, and the way round when Seldon's manager is down."""
    traffic = turn.traffic
    return PatchTarget(
        generation=target.generation,
        operations=set_weights(target, traffic.stable, traffic.predictor, 0),
        intent=f"{traffic.predictor} to weight 0",
        route_if_unavailable={traffic.stable: 100, traffic.predictor: 0},
    )


def removal(turn: Turn, target: Target) -> PatchTarget:
    """Return the write that removes the candidate predictor, and the way round when Seldon's manager is down."""
    traffic = turn.traffic
    return PatchTarget(
        generation=target.generation,
        operations=remove_candidate(target, traffic.stable, traffic.predictor),
        intent=f"remove {traffic.predictor}",
        route_if_unavailable={traffic.stable: 100, traffic.predictor: 0},
    )


def lost_target(turn: Turn, problem: Problem) -> Plan:
    """Return what follows when the target cannot be read: gone ends it, out of reach waits."""
    if problem.reason is Reason.TARGET_MISSING:
        message = f"{problem.message}: nothing is left to take back"
        return turn.enter(Phase.FAILED, problem.reason, message).wait(problem.reason, message, 0)
    return turn.complain(problem).wait(problem.reason, problem.message, POLL_SECONDS)
