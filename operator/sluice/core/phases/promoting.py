"""Promoting: three guarded writes, so that no client meets the old model again (rule 3 of Seldon's behaviour).

Filling: the candidate carries everything. Updating: the stable predictor's template is written while it has no
traffic. Returning: when it is really rolled, traffic goes to it. Removing: when the route says so, the candidate goes.
Until the template is written a rollback is possible; after it the only way is forward.
"""

from typing import assert_never

from sluice.api.candidate import PinnedModel, Stage
from sluice.api.conditions import ConditionType, Reason
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.core.drift import drift, fingerprint_with
from sluice.core.manifests.predictor import set_template, set_weights
from sluice.core.observed import LivePlan
from sluice.core.phases import gateways, leaving
from sluice.core.phases.judging import judged
from sluice.core.phases.moving import POLL_SECONDS, move, unhealthy
from sluice.core.phases.rolling_back import ORPHAN_SECONDS
from sluice.core.phases.taking_back import lost_target, removal, roll_back
from sluice.core.plan import DeleteOrphan, PatchTarget, Plan
from sluice.core.target import Problem, Target
from sluice.core.turn import Turn, timestamp


def decide(turn: Turn) -> Plan:
    """Look for a reason to take traffic back while that is possible; else take the next of the writes."""
    target, model = turn.observed.target, turn.status.model
    if isinstance(target, Problem):
        return lost_target(turn, target)
    if not isinstance(target, Target) or model is None:
        raise TypeError("promoting needs the target and the pinned model")
    if target.deleting:
        return lost_target(turn, Problem(reason=Reason.TARGET_MISSING, message="the target is being deleted"))
    turn, judgement = judged(turn)
    if judgement is not None and judgement.verdict is Verdict.FAIL:
        return roll_back(turn, Phase.ROLLED_BACK, Reason.BREACHED, judgement.message)
    foreign = drift(target, turn.traffic, model)
    if foreign:
        return roll_back(turn, Phase.ROLLED_BACK, Reason.DRIFTED, f"somebody else changed the traffic: {foreign}")
    return _next(turn, target, model)


def _next(turn: Turn, target: Target, model: PinnedModel) -> Plan:
    """Go on with the stage."""
    match turn.traffic.stage:
        case Stage.FILLING:
            return _fill(turn, target)
        case Stage.UPDATING:
            return _update(turn, target, model)
        case Stage.RETURNING:
            return _return(turn, target)
        case Stage.REMOVING:
            return _remove(turn, target)
        case Stage.ADDING | Stage.STEPPING | Stage.DRAINING:
            raise ValueError(f"stage {turn.traffic.stage} is not of phase Promoting")
        case _:
            assert_never(turn.traffic.stage)


def _enter_stage(turn: Turn, stage: Stage, reason: Reason, message: str) -> Plan:
    turn = turn.shift(stage=stage, since=timestamp(turn.now)).without(ConditionType.SUSPENDED)
    return turn.say(reason, message).again(reason, message)


def _fill(turn: Turn, target: Target) -> Plan:
    """Give the candidate the stable's capacity, then everything; people and pods may still stop it."""
    wanted = leaving.wish(turn)
    if wanted is not None:
        return roll_back(turn, *wanted)
    trouble = unhealthy(turn, target)
    if trouble:
        return roll_back(turn, Phase.ROLLED_BACK, Reason.CANDIDATE_UNREADY, trouble)
    if turn.observed.candidate.spec.paused:
        return turn.hold(Reason.PAUSED, "spec.paused is set: the promotion waits", POLL_SECONDS)
    moving = move(turn, target, 100)
    if moving is not None:
        return moving
    turn = turn.shift(
        stable_template=target.templates(turn.traffic.stable), observed_weight=100, applied_at=timestamp(turn.now)
    )
    message = f"{turn.traffic.predictor} carries everything: {turn.traffic.stable} gets the new version"
    return _enter_stage(turn, Stage.UPDATING, Reason.PROMOTING, message)


def _update(turn: Turn, target: Target, model: PinnedModel) -> Plan:
    """Write the stable's template, and wait until its pods are really the new ones."""
    stable = target.predictor(turn.traffic.stable)
    if stable is None:
        raise ValueError("drift is checked before")
    if stable.fingerprint != fingerprint_with(stable, model):
        patch = PatchTarget(
            generation=target.generation,
            operations=set_template(target, stable, model),
            intent=f"{stable.name} serves version {model.version}",
        )
        return turn.act(patch).wait(Reason.PROMOTING, f"writes the template of {stable.name}", POLL_SECONDS)
    if target.ready(stable.name) and target.templates(stable.name) != turn.traffic.stable_template:
        message = f"{stable.name} runs version {model.version}: traffic returns to it"
        return _enter_stage(turn, Stage.RETURNING, Reason.STABLE_UPDATED, message)
    return _late(turn, f"{stable.name} is not rolled out yet; {turn.traffic.predictor} carries everything")


def _late(turn: Turn, message: str) -> Plan:
    """Wait; past the deadline of readiness say that a person should look, and go on waiting."""
    plan = turn.observed.plan
    limit = plan.spec.traffic.ready_timeout_seconds if isinstance(plan, LivePlan) else 0
    if turn.seconds_since(turn.traffic.since) < limit:
        return turn.wait(Reason.PROMOTING, message, POLL_SECONDS)
    return turn.hold(Reason.STABLE_NOT_ROLLED, f"{message}: look at the pods of the stable predictor", POLL_SECONDS)


def _return(turn: Turn, target: Target) -> Plan:
    """Give the updated stable all traffic; when the route says so, the candidate may go."""
    stable, candidate = target.predictor(turn.traffic.stable), target.predictor(turn.traffic.predictor)
    if stable is None or candidate is None:
        raise ValueError("drift is checked before")
    if not target.ready(stable.name):
        return _late(turn, f"waits until {stable.name} is ready to take traffic")
    if candidate.traffic != 0 or stable.traffic != 100:  # noqa: PLR2004 -- percent
        patch = PatchTarget(
            generation=target.generation,
            operations=set_weights(target, stable.name, candidate.name, 0),
            intent=f"{stable.name} to weight 100",
        )
        return turn.act(patch).wait(Reason.PROMOTING, f"gives {stable.name} all traffic", POLL_SECONDS)
    if target.weight(candidate.name):
        return _late(turn, f"waits for the route to show {stable.name} at 100")
    message = f"{stable.name} carries everything: {candidate.name} is removed"
    return _enter_stage(turn.shift(applied_at=None), Stage.REMOVING, Reason.PROMOTING, message)


def _remove(turn: Turn, target: Target) -> Plan:
    """Take the candidate predictor out; promoted when nothing of it is left."""
    if target.predictor(turn.traffic.predictor) is not None:
        waiting = gateways.follow(turn, Reason.PROMOTING, "lets the last requests of the candidate end")
        if waiting is not None:
            return waiting
        turn = turn.act(removal(turn, target))
        return turn.wait(Reason.PROMOTING, f"removes predictor {turn.traffic.predictor}", POLL_SECONDS)
    left = target.of(turn.traffic.predictor)
    if left:
        if turn.seconds_since(turn.traffic.since) >= ORPHAN_SECONDS:
            turn = turn.act(*(DeleteOrphan(name=workload.name) for workload in left))
        return turn.wait(Reason.PROMOTING, f"waits for Deployment {left[0].name} to go", POLL_SECONDS)
    model = turn.status.model
    version = "" if model is None else model.version
    message = f"version {version} serves all traffic from {turn.traffic.stable}"
    return turn.enter(Phase.PROMOTED, Reason.PROMOTED, message).wait(Reason.PROMOTED, message, 0)
