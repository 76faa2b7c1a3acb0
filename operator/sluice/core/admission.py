"""Whether a target can be shifted at all, and what its stable predictor serves: checked before anything is done."""

from sluice.api.candidate import ModelRef, PinnedModel
from sluice.api.conditions import Reason
from sluice.core.manifests.predictor import shape_of
from sluice.core.naming import MODEL_ANNOTATION
from sluice.core.target import Predictor, Problem, Shape, Target


def stable_predictor(target: Target) -> Predictor | None:
    """Return the predictor that serves now: the first one, which is never a shadow."""
    return next((predictor for predictor in target.predictors if not predictor.shadow), None)


def _unsupported(message: str) -> Problem:
    return Problem(reason=Reason.TARGET_UNSUPPORTED, message=message)


def target_problem(target: Target) -> Problem | None:
    """Return why Sluice will not shift this target, naming the field and the cure; None when it can."""
    serving = [predictor for predictor in target.predictors if not predictor.shadow]
    where = f"SeldonDeployment {target.name}"
    if target.deleting:
        return Problem(reason=Reason.TARGET_MISSING, message=f"{where} is being deleted: create it again")
    if any(key.startswith("seldon.io/ambassador") for key in target.annotations):
        return _unsupported(f"{where} is routed by Ambassador, which turns 100/0 into 50/50: use Istio")
    if len(serving) != 1:
        names = ", ".join(predictor.name for predictor in serving) or "none"
        return _unsupported(f"{where} needs exactly one predictor without shadow in spec.predictors, has {names}")
    stable = serving[0]
    if target.predictors[0] is not stable:
        return _unsupported(f"{where}: spec.predictors[0] must be the serving predictor {stable.name}: move it first")
    if stable.replicas < 1:
        return _unsupported(f"{where}: predictor {stable.name} has replicas 0: Seldon freezes weights, set 1 or more")
    if shape_of(stable) is None:
        return _unsupported(
            f"{where}: predictor {stable.name} needs graph.modelUri, or a container named as graph.name with an image,"
            " and no graph.children"
        )
    return _unready(target, stable)


def _unready(target: Target, stable: Predictor) -> Problem | None:
    """Return why the stable predictor cannot be compared with yet."""
    if not target.ready(stable.name):
        return Problem(
            reason=Reason.TARGET_UNREADY,
            message=f"predictor {stable.name} of {target.name} is not ready: waiting, no traffic moves until it is",
        )
    if target.route is None:
        return Problem(
            reason=Reason.TARGET_UNREADY,
            message=f"VirtualService {target.name} does not exist: Seldon must run with Istio enabled",
        )
    return None


def servable_problem(target: Target, model: PinnedModel) -> Problem | None:
    """Return why the version cannot be put in the stable predictor's shape."""
    stable = stable_predictor(target)
    shape = None if stable is None else shape_of(stable)
    if shape is Shape.MODEL_URI and not model.serving_uri:
        return Problem(reason=Reason.MODEL_UNSERVABLE, message="the version has no artifact that a modelUri can name")
    if shape is Shape.IMAGE and not model.image:
        return Problem(
            reason=Reason.MODEL_UNSERVABLE,
            message=f"the target is served by an image: set tag sluice.image on version {model.version}",
        )
    return None


def champion_ref(target: Target, model: ModelRef, alias: str) -> ModelRef:
    """Return where to find what the stable predictor serves: by its annotation, else by the alias."""
    stable = stable_predictor(target)
    annotations = {} if stable is None else stable.raw.get("annotations") or {}
    parts = str(annotations.get(MODEL_ANNOTATION, "")).split("/")
    if len(parts) == 3 and parts[2].isdigit():  # noqa: PLR2004 -- registry/name/version
        return ModelRef(registry=parts[0], name=parts[1], version=parts[2])
    return ModelRef(registry=model.registry, name=model.name, alias=alias)
