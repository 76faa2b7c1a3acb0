"""Foreign writes: somebody else changed `predictors` or the route while a candidate was on the target.

Sluice does not fight: it makes the traffic safe once and says so (condition `TrafficDrifted`).
"""

from dataclasses import replace

from sluice.api.candidate import PinnedModel, Stage, TrafficStatus
from sluice.core.manifests.predictor import serving
from sluice.core.target import Predictor, Target

_UPDATING = frozenset({Stage.UPDATING, Stage.RETURNING, Stage.REMOVING})


def drift(target: Target, traffic: TrafficStatus, model: PinnedModel) -> str:
    """Return what was changed by somebody else, in a clause; empty when all is as Sluice left it."""
    stable = target.predictor(traffic.stable)
    if stable is None:
        return f"predictor {traffic.stable} is gone from spec.predictors"
    if _foreign_content(stable, traffic, model):
        return f"predictor {traffic.stable} was changed"
    strangers = [p.name for p in target.predictors if p.name not in {traffic.stable, traffic.predictor}]
    if strangers:
        return f"predictor {strangers[0]} was added"
    return _foreign_candidate(target, traffic) or _foreign_route(target, traffic)


def _foreign_content(stable: Predictor, traffic: TrafficStatus, model: PinnedModel) -> bool:
    """Return whether the stable serves anything but what it served, or (in the promotion) the new version."""
    now = stable.fingerprint
    if now == traffic.stable_fingerprint:
        return False
    return traffic.stage not in _UPDATING or now != fingerprint_with(stable, model)


def fingerprint_with(stable: Predictor, model: PinnedModel) -> str:
    """Return the fingerprint that the stable predictor has when it serves the model."""
    return replace(stable, raw=serving(stable, model)).fingerprint


def _foreign_candidate(target: Target, traffic: TrafficStatus) -> str:
    candidate = target.predictor(traffic.predictor)
    if candidate is None:
        gone = traffic.written and traffic.stage is not Stage.REMOVING
        return f"predictor {traffic.predictor} was removed" if gone else ""
    expected = expected_weights(traffic)
    if candidate.traffic in expected:
        return ""
    return f"predictor {traffic.predictor} has traffic {candidate.traffic}, Sluice wrote {max(expected)}"


def expected_weights(traffic: TrafficStatus) -> frozenset[int]:
    """Return the candidate predictor's weights that Sluice itself may have written by now."""
    match traffic.stage:
        case Stage.ADDING | Stage.DRAINING | Stage.REMOVING:
            return frozenset({0})
        case Stage.STEPPING | Stage.FILLING:
            return frozenset({traffic.observed_weight or 0, traffic.weight})
        case Stage.UPDATING:
            return frozenset({100})
        case Stage.RETURNING:
            return frozenset({0, 100})


def _foreign_route(target: Target, traffic: TrafficStatus) -> str:
    """Return how the route differs from a weight that was seen applied: Seldon itself never changes it back."""
    if traffic.stage is not Stage.STEPPING or traffic.applied_at is None:
        return ""
    routed = target.weight(traffic.predictor)
    if routed == traffic.weight:
        return ""
    return f"the VirtualService gives {traffic.predictor} {routed}, the step is {traffic.weight}"
