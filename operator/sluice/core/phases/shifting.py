"""Shifting: the candidate predictor is added at weight 0, then takes one step after the other on evidence."""

from typing import assert_never

from sluice.api.candidate import PinnedModel, Stage
from sluice.api.conditions import ConditionType, Reason
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.core.drift import drift
from sluice.core.judgement import Judgement
from sluice.core.manifests.predictor import add_candidate, candidate_predictor, capacity
from sluice.core.observed import LivePlan
from sluice.core.phases import gateways, leaving, undecided
from sluice.core.phases.cadence import watched
from sluice.core.phases.judging import judged
from sluice.core.phases.moving import POLL_SECONDS, move, unhealthy
from sluice.core.phases.taking_back import lost_target, roll_back
from sluice.core.plan import PatchTarget, Plan
from sluice.core.target import Problem, Target
from sluice.core.turn import Turn, timestamp
from sluice.core.without_verdict import Answer, allowance, answer


def decide(turn: Turn) -> Plan:
    """Look for every reason to take traffic back; only then for one to go forward."""
    target, plan, model = turn.observed.target, turn.observed.plan, turn.status.model
    if isinstance(target, Problem):
        return lost_target(turn, target)
    if not isinstance(target, Target) or model is None:
        raise TypeError("shifting needs the target and the pinned model")
    if target.deleting:
        return lost_target(turn, Problem(reason=Reason.TARGET_MISSING, message="the target is being deleted"))
    turn, judgement = judged(_sighted(turn, target))
    back = _reason_to_return(turn, target, model, judgement)
    if back is not None:
        return roll_back(turn, *back)
    if isinstance(plan, Problem):
        return turn.hold(plan.reason, plan.message, POLL_SECONDS)
    if not isinstance(plan, LivePlan):
        raise TypeError("shifting needs the plan")
    if turn.traffic.stage is Stage.ADDING:
        return _add(turn, plan, target, model)
    return _step(turn, plan, target, judgement)


def _sighted(turn: Turn, target: Target) -> Turn:
    """Note that the candidate predictor was seen in the spec."""
    present = target.predictor(turn.traffic.predictor) is not None
    return turn.shift(written=True) if present and not turn.traffic.written else turn


def _reason_to_return(
    turn: Turn, target: Target, model: PinnedModel, judgement: Judgement | None
) -> tuple[Phase, Reason, str] | None:
    """Return outcome, cause and detail of a rollback; None when nothing speaks for one.

    Evidence comes before drift: an operator killed right after it took the weight back sees its own write as a change.
    """
    wanted = leaving.wish(turn)
    if wanted is not None:
        return wanted
    if judgement is not None and judgement.verdict is Verdict.FAIL:
        return Phase.ROLLED_BACK, Reason.BREACHED, judgement.message
    if judgement is not None and isinstance(turn.observed.plan, LivePlan):
        given_up = undecided.reason_to_return(turn, turn.observed.plan.spec.traffic, judgement)
        if given_up is not None:
            return given_up
    foreign = drift(target, turn.traffic, model)
    if foreign:
        return Phase.ROLLED_BACK, Reason.DRIFTED, f"somebody else changed the traffic: {foreign}"
    trouble = unhealthy(turn, target)
    if trouble:
        return Phase.ROLLED_BACK, Reason.CANDIDATE_UNREADY, trouble
    return None


def _add(turn: Turn, plan: LivePlan, target: Target, model: PinnedModel) -> Plan:
    """Write the candidate at weight 0; when it is ready, in the route and has its subset, begin the first step."""
    traffic, first = turn.traffic, plan.spec.traffic.steps[0]
    stable = target.predictor(traffic.stable)
    if target.predictor(traffic.predictor) is None and stable is not None:
        replicas = capacity(target.replicas(stable.name), first.weight)
        raw = candidate_predictor(stable, model, traffic.predictor, replicas)
        patch = PatchTarget(
            generation=target.generation,
            operations=add_candidate(target, traffic.stable, raw),
            intent=f"add {traffic.predictor} at weight 0",
        )
        return turn.act(patch).wait(Reason.CANDIDATE_ADDED, f"adds {traffic.predictor}", POLL_SECONDS)
    if not target.ready(traffic.predictor):
        return turn.wait(Reason.CANDIDATE_ADDED, f"waits until {traffic.predictor} is ready", POLL_SECONDS)
    if target.route is None or target.weight(traffic.predictor) is None:
        return turn.wait(Reason.CANDIDATE_ADDED, f"waits for {traffic.predictor} in the route", POLL_SECONDS)
    if traffic.predictor not in target.route.subsets:
        return turn.wait(Reason.CANDIDATE_ADDED, "waits for its DestinationRule", POLL_SECONDS)
    # A route to a cluster that a gateway is still warming up fails requests.
    message = "lets gateways take in the route to it"
    waiting = gateways.follow(turn.shift(observed_weight=0), Reason.CANDIDATE_ADDED, message)
    return waiting or _intend(turn, plan, step=0)


def _intend(turn: Turn, plan: LivePlan, step: int) -> Plan:
    """Record the next step's weight; the next pass writes it. Nothing new begins while somebody holds it."""
    if turn.observed.candidate.spec.paused:
        return turn.hold(Reason.PAUSED, "spec.paused is set: weight stays", POLL_SECONDS)
    weight = plan.spec.traffic.steps[step].weight
    before = 0 if turn.traffic.stage is Stage.ADDING else turn.traffic.weight
    turn = turn.shift(
        stage=Stage.STEPPING,
        step=step,
        weight=weight,
        observed_weight=before,
        applied_at=None,
        since=timestamp(turn.now),
        no_data_since=None,
        no_data_seconds=0,
    ).without(ConditionType.SUSPENDED)
    message = f"step {step + 1} of {len(plan.spec.traffic.steps)}: weight {weight}"
    return turn.say(Reason.STEP_STARTED, message).again(Reason.STEP_STARTED, message)


def _step(turn: Turn, plan: LivePlan, target: Target, judgement: Judgement | None) -> Plan:
    """Bring the weight about; once it is in the route, act on the evidence."""
    if judgement is not None and turn.traffic.applied_at is not None:
        return _follow(watched(turn, plan.spec.traffic.tick_seconds), plan, judgement)
    moving = move(turn, target, turn.traffic.weight)
    if moving is not None:
        return moving
    turn = turn.shift(applied_at=timestamp(turn.now), observed_weight=turn.traffic.weight)
    message = f"weight {turn.traffic.weight} is in the route: samples count from here"
    return turn.wait(Reason.STEP_WAITING, message, float(plan.spec.traffic.tick_seconds))


def _follow(turn: Turn, plan: LivePlan, judgement: Judgement) -> Plan:
    """Act on the verdict: only a pass goes forward (and what a budget allows), and only a failure goes back."""
    match judgement.verdict:
        case Verdict.FAIL:
            raise ValueError("a failure is acted on before")
        case Verdict.PASS:
            return _pass(turn, plan, judgement)
        case Verdict.NO_DATA | Verdict.ERROR | Verdict.INCONCLUSIVE:
            return _wait(turn, plan, judgement)
        case _:
            assert_never(judgement.verdict)


def _wait(turn: Turn, plan: LivePlan, judgement: Judgement) -> Plan:
    """Wait for data and evidence while there is time; after that go on only within the budget."""
    rules, step = plan.spec.traffic, undecided.open_step(turn, judgement)
    tick = float(rules.tick_seconds)
    match answer(rules, step):
        case Answer.BLIND:
            return turn.hold(judgement.reason, judgement.message, tick)
        case Answer.CALL:
            message = f"no data for {rules.no_data_timeout_seconds} s: {judgement.message}; set spec.abort to give up"
            return turn.hold(Reason.NO_DATA_TIMEOUT, message, tick)
        case Answer.PAUSE:
            return turn.hold(Reason.PAUSED, "spec.paused is set: weight stays", tick)
        case Answer.WAIT:
            return turn.without(ConditionType.SUSPENDED).wait(Reason.STEP_WAITING, judgement.message, tick)
        case Answer.ADVANCE | Answer.HOLD as found:
            message = f"no verdict within {undecided.limit(turn, rules)} s: {judgement.message}"
            message += allowance(rules, step).message
            if found is Answer.ADVANCE:
                return _intend(turn.say(Reason.STEP_ADVANCED, message), plan, turn.traffic.step + 1)
            return turn.hold(Reason.STEP_INCONCLUSIVE, f"{message}; set spec.abort to give up", tick)
        case Answer.RETURN | Answer.RETURN_BLIND:
            raise ValueError("a reason to return is acted on before")


def _pass(turn: Turn, plan: LivePlan, judgement: Judgement) -> Plan:
    """Go to the next step, or to the promotion after the last one."""
    if turn.observed.candidate.spec.paused:
        return turn.hold(Reason.PAUSED, "spec.paused is set: the step passed, weight stays", POLL_SECONDS)
    turn = turn.say(Reason.STEP_PASSED, judgement.message)
    following = turn.traffic.step + 1
    if following < len(plan.spec.traffic.steps):
        return _intend(turn, plan, following)
    turn = turn.shift(
        stage=Stage.FILLING,
        weight=100,
        applied_at=None,
        since=timestamp(turn.now),
    ).without(ConditionType.SUSPENDED)
    message = "every step passed: the candidate takes all traffic, then the stable predictor is updated"
    return turn.enter(Phase.PROMOTING, Reason.PROMOTING, message).again(Reason.PROMOTING, message)
