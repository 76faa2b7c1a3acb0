"""Moving traffic towards a wanted weight: capacity first, then the weight, then seeing it in the route."""

from sluice.api.conditions import Reason
from sluice.core.manifests.predictor import capacity, set_replicas, set_weights
from sluice.core.observed import LivePlan
from sluice.core.plan import PatchTarget, Plan
from sluice.core.target import Predictor, Target
from sluice.core.turn import Turn

POLL_SECONDS = 0.5


def unhealthy(turn: Turn, target: Target) -> str:
    """Return why the candidate predictor will not do, in a clause; empty while there is hope.

    With traffic on it, no ready pod means failing clients: at once. Anything else has until the deadline of readiness.
    """
    name, traffic = turn.traffic.predictor, turn.traffic
    workloads = target.of(name)
    if target.ready(name) or not traffic.written:
        return ""
    troubles = [trouble for workload in workloads for trouble in workload.troubles]
    why = f"{troubles[0].reason} in pod {troubles[0].pod}" if troubles else "its pods are not ready"
    serving = bool(target.weight(name))
    if serving and not any(workload.ready_replicas for workload in workloads):
        return f"predictor {name} has no ready pod at weight {target.weight(name)}: {why}"
    if serving and any(trouble.restarts > 0 for trouble in troubles):
        return f"predictor {name} restarts at weight {target.weight(name)}: {why}"
    limit = _deadline(turn)
    if turn.seconds_since(traffic.since) >= limit:
        return f"predictor {name} was not ready within {limit:.0f} s: {why}"
    return ""


def _deadline(turn: Turn) -> float:
    """Return the plan's deadline of readiness, in seconds."""
    plan = turn.observed.plan
    return float(plan.spec.traffic.ready_timeout_seconds) if isinstance(plan, LivePlan) else 0.0


def move(turn: Turn, target: Target, weight: int) -> Plan | None:
    """Bring the candidate predictor to `weight`; None once the route shows it."""
    stable, candidate = target.predictor(turn.traffic.stable), target.predictor(turn.traffic.predictor)
    if stable is None or candidate is None:
        raise ValueError("drift is checked before traffic moves")
    waiting = _grow(turn, target, (stable, candidate), weight) or _unready(turn, target)
    if waiting is not None:
        return waiting
    if candidate.traffic != weight or stable.traffic != 100 - weight:
        patch = PatchTarget(
            generation=target.generation,
            operations=set_weights(target, stable.name, candidate.name, weight),
            intent=f"{candidate.name} to weight {weight}",
        )
        return turn.act(patch).wait(Reason.STEP_WAITING, f"writes weight {weight}", POLL_SECONDS)
    if (target.weight(candidate.name) or 0) != weight:
        return turn.wait(Reason.STEP_WAITING, f"waits for the route to show weight {weight}", POLL_SECONDS)
    return None


def _grow(turn: Turn, target: Target, pair: tuple[Predictor, Predictor], weight: int) -> Plan | None:
    """Give the candidate the replicas of its share before it gets the share."""
    stable, candidate = pair
    replicas = capacity(target.replicas(stable.name), weight)
    if candidate.replicas >= replicas:
        return _growing(turn, target, replicas)
    patch = PatchTarget(
        generation=target.generation,
        operations=set_replicas(target, candidate.name, replicas),
        intent=f"{candidate.name} to {replicas} replicas",
    )
    message = f"grows {candidate.name} to {replicas} replicas for weight {weight}"
    return turn.act(patch).wait(Reason.STEP_WAITING, message, POLL_SECONDS)


def _growing(turn: Turn, target: Target, replicas: int) -> Plan | None:
    """Wait for pods that are asked for: for a moment the Deployment is still the small one, and looks ready."""
    name = turn.traffic.predictor
    if all(workload.ready_replicas >= replicas for workload in target.of(name)):
        return None
    return turn.wait(Reason.STEP_WAITING, f"waits until {name} has {replicas} ready pods", POLL_SECONDS)


def _unready(turn: Turn, target: Target) -> Plan | None:
    """Weights move only while every predictor is ready: a lost pod of the stable is no breach, it is waited for."""
    late = [predictor.name for predictor in target.predictors if not target.ready(predictor.name)]
    if not late:
        return None
    reason = Reason.TARGET_UNREADY if turn.traffic.stable in late else Reason.STEP_WAITING
    return turn.wait(reason, f"waits until predictor {late[0]} is ready", POLL_SECONDS)
