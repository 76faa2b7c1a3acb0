"""RollingBack: the candidate's traffic is 0; its predictor goes, then what Seldon leaves behind."""

from sluice.api.candidate import Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.phases import gateways
from sluice.core.phases.taking_back import POLL_SECONDS, lost_target, removal, to_stable
from sluice.core.plan import DeleteOrphan, Plan
from sluice.core.target import Problem, Target
from sluice.core.turn import Turn, timestamp

ROUTE_SECONDS = 2.0
"""How long to wait until the route shows 0 before the predictor is removed, which moves the route in any case."""
LISTING_SECONDS = 10.0
"""How long to wait until Seldon lists the candidate's Deployment before it is removed all the same."""
ORPHAN_SECONDS = 3.0
"""How long Seldon gets to delete the Deployment itself: it takes 10-40 ms after the route moved."""


def decide(turn: Turn) -> Plan:
    """Remove when drained, or when draining takes too long; end when nothing of the candidate is left."""
    target = turn.observed.target
    if isinstance(target, Problem):
        return _without_target(turn, target)
    if not isinstance(target, Target):
        raise TypeError("rolling back needs the target")
    if target.deleting:
        return _without_target(turn, Problem(reason=Reason.TARGET_MISSING, message="the target is being deleted"))
    if target.predictor(turn.traffic.predictor) is None:
        return _clean_up(turn, target)
    if turn.traffic.stage is Stage.DRAINING:
        return _drain(turn, target)
    return _remove(turn, target)


def _without_target(turn: Turn, problem: Problem) -> Plan:
    """End in the rollback's own outcome when the target is gone; try again when it is out of reach."""
    return _finish(turn) if problem.reason is Reason.TARGET_MISSING else lost_target(turn, problem)


def _drain(turn: Turn, target: Target) -> Plan:
    """Wait for the route, then for gateways; what will not show soon is removed at once (rule 2).

    Seldon deletes pods without a drain (rule 7). Where only the route has weight 0, for Seldon's manager was down, the
    spec is written again and again: the manager writes the spec's weight into the route as soon as it is back.
    """
    if target.weight(turn.traffic.predictor):
        late = turn.seconds_since(turn.traffic.since) >= ROUTE_SECONDS
        return _remove(turn, target) if late else _empty(turn, target)
    turn = turn.shift(observed_weight=0)
    message = "the route shows weight 0: lets the requests of the candidate end"
    if not _is_wanted(turn, target):
        return gateways.follow(turn, Reason.ROLLING_BACK, message) or _remove(turn, target)
    again = turn.act(to_stable(turn, target))
    return gateways.follow(again, Reason.ROLLING_BACK, message, POLL_SECONDS) or _remove(turn, target)


def _empty(turn: Turn, target: Target) -> Plan:
    """Wait for the route; a spec that still has the weight (its write had no answer) is written once more."""
    if _is_wanted(turn, target):
        turn = turn.act(to_stable(turn, target))
    return turn.wait(Reason.ROLLING_BACK, "waits for the route to show weight 0", POLL_SECONDS)


def _is_wanted(turn: Turn, target: Target) -> bool:
    """Return whether the spec still gives the candidate traffic."""
    candidate = target.predictor(turn.traffic.predictor)
    return candidate is not None and bool(candidate.traffic)


def _remove(turn: Turn, target: Target) -> Plan:
    """Remove the predictor; while its route is 0, first wait until Seldon lists its Deployment (rule 6)."""
    mine = target.of(turn.traffic.predictor)
    unlisted = [workload.name for workload in mine if workload.name not in target.listed]
    routed = target.weight(turn.traffic.predictor) or 0
    if (unlisted or not mine) and not routed and turn.seconds_since(turn.traffic.since) < LISTING_SECONDS:
        return turn.wait(Reason.ROLLING_BACK, "waits until Seldon lists the candidate's Deployment", POLL_SECONDS)
    turn = turn.act(removal(turn, target))
    if turn.traffic.stage is not Stage.REMOVING:
        turn = turn.shift(stage=Stage.REMOVING, since=timestamp(turn.now))
    patience = min(5.0, max(POLL_SECONDS, turn.seconds_since(turn.traffic.since) / 10))
    return turn.wait(Reason.ROLLING_BACK, f"removes predictor {turn.traffic.predictor}", patience)


def _clean_up(turn: Turn, target: Target) -> Plan:
    """Wait for weight 0 in the route and for the Deployments to go; delete what Seldon forgot."""
    if target.weight(turn.traffic.predictor):
        return turn.wait(Reason.ROLLING_BACK, "waits for the route to drop the candidate", POLL_SECONDS)
    left = target.of(turn.traffic.predictor)
    if not left:
        return _finish(turn)
    if turn.seconds_since(turn.traffic.since) >= ORPHAN_SECONDS:
        turn = turn.act(*(DeleteOrphan(name=workload.name) for workload in left))
    return turn.wait(Reason.ROLLING_BACK, f"waits for Deployment {left[0].name} to go", POLL_SECONDS)


def _finish(turn: Turn) -> Plan:
    """End in the phase that the cause leads to."""
    outcome = turn.traffic.outcome or Phase.ROLLED_BACK
    cause, detail = turn.traffic.cause or Reason.ROLLED_BACK, turn.traffic.detail
    message = f"{detail}: all traffic is back on {turn.traffic.stable}"
    turn = turn.shift(observed_weight=0)
    return turn.enter(outcome, cause, message).wait(cause, message, 0)
