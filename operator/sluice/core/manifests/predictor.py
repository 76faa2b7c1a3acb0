"""The candidate predictor, derived from the stable one, and every JSON patch on `spec.predictors`.

Facts: Seldon Core v1. The list is atomic, so single values are patched by index; several predictors must sum to 100,
a lone one has 100; the stable stays at index 0 and the candidate comes last (renumbering would roll the rest).
"""

import math
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sluice.api.candidate import PinnedModel
from sluice.core.naming import MODEL_ANNOTATION
from sluice.core.plan import JsonPatch
from sluice.core.target import Predictor, Shape, Target


def shape_of(predictor: Predictor) -> Shape | None:
    """Return how a predictor gets its model; None when it is neither of the two shapes that Sluice can change."""
    graph = predictor.raw.get("graph", {})
    if graph.get("children"):
        return None
    if graph.get("modelUri"):
        return Shape.MODEL_URI
    return Shape.IMAGE if _container(predictor.raw, graph.get("name")) is not None else None


def _container(raw: Mapping[str, Any], name: object) -> tuple[int, int] | None:
    """Return (componentSpec, container) indices of the container of this name."""
    for i, component in enumerate(raw.get("componentSpecs") or ()):
        for j, container in enumerate(component.get("spec", {}).get("containers") or ()):
            if container.get("name") == name and container.get("image"):
                return i, j
    return None


def model_label(model: PinnedModel) -> str:
    """Return the value of the annotation that says which version a predictor serves."""
    return f"{model.registry}/{model.name}/{model.version}"


def capacity(replicas: int, weight: int) -> int:
    """Return how many of the stable's `replicas` a share of `weight` percent needs."""
    return max(1, math.ceil(replicas * weight / 100))


def serving(stable: Predictor, model: PinnedModel) -> dict[str, Any]:
    """Return the stable predictor's raw form with the model of another version in it."""
    raw = deepcopy(dict(stable.raw))
    raw["annotations"] = {**(raw.get("annotations") or {}), MODEL_ANNOTATION: model_label(model)}
    if shape_of(stable) is Shape.MODEL_URI:
        raw["graph"]["modelUri"] = model.serving_uri
        return raw
    place = _container(raw, raw["graph"].get("name"))
    if place is None:
        raise ValueError(f"predictor {stable.name} has no container to change")
    raw["componentSpecs"][place[0]]["spec"]["containers"][place[1]]["image"] = model.image
    return raw


def candidate_predictor(stable: Predictor, model: PinnedModel, name: str, replicas: int) -> dict[str, Any]:
    """Return the candidate predictor: the stable's, under a fresh name, at weight 0, with these replicas.

    It has no explainer, and no autoscaler of its own: its capacity follows its weight.
    """
    raw = serving(stable, model)
    raw.pop("explainer", None)
    for component in raw.get("componentSpecs") or ():
        component.pop("hpaSpec", None)
    raw |= {"name": name, "traffic": 0}
    return _with_replicas(raw, replicas)


def _with_replicas(raw: dict[str, Any], replicas: int) -> dict[str, Any]:
    """Return a raw predictor with these replicas, also where a componentSpec states its own."""
    raw["replicas"] = replicas
    for component in raw.get("componentSpecs") or ():
        if "replicas" in component:
            component["replicas"] = replicas
    return raw


def _index(target: Target, name: str) -> int:
    """Return the index of a predictor in the spec."""
    return next(i for i, predictor in enumerate(target.predictors) if predictor.name == name)


def _put(target: Target, name: str, field: str, value: object) -> JsonPatch:
    """Return the operations that set one field of one predictor, guarded by its name."""
    at = f"/spec/predictors/{_index(target, name)}"
    return (
        {"op": "test", "path": f"{at}/name", "value": name},
        {"op": "add", "path": f"{at}/{field}", "value": value},
    )


def add_candidate(target: Target, stable: str, raw: Mapping[str, Any]) -> JsonPatch:
    """Return the patch that appends the candidate at weight 0 and leaves all traffic with the stable."""
    return (*_put(target, stable, "traffic", 100), {"op": "add", "path": "/spec/predictors/-", "value": raw})


def set_weights(target: Target, stable: str, candidate: str, weight: int) -> JsonPatch:
    """Return the patch that gives the candidate `weight` percent and the stable the rest."""
    return (*_put(target, stable, "traffic", 100 - weight), *_put(target, candidate, "traffic", weight))


def set_replicas(target: Target, candidate: str, replicas: int) -> JsonPatch:
    """Return the patch that scales the candidate."""
    predictor = target.predictor(candidate)
    if predictor is None:
        raise ValueError(f"no predictor {candidate}")
    raw = _with_replicas(deepcopy(dict(predictor.raw)), replicas)
    operations = _put(target, candidate, "replicas", replicas)
    if any("replicas" in component for component in raw.get("componentSpecs") or ()):
        operations += _put(target, candidate, "componentSpecs", raw["componentSpecs"])
    return operations


def set_template(target: Target, stable: Predictor, model: PinnedModel) -> JsonPatch:
    """Return the patch that makes the stable predictor serve the model, its traffic untouched."""
    raw = serving(stable, model)
    fields = ("annotations", "graph") if shape_of(stable) is Shape.MODEL_URI else ("annotations", "componentSpecs")
    return tuple(operation for field in fields for operation in _put(target, stable.name, field, raw[field]))


def remove_candidate(target: Target, stable: str, candidate: str) -> JsonPatch:
    """Return the patch that takes the candidate out and gives the stable all that no other predictor holds.

    Removal and the stable's traffic go in one write: the webhook refuses anything that does not sum to 100.
    """
    others = sum(p.traffic for p in target.predictors if p.name not in {stable, candidate} and not p.shadow)
    index = _index(target, candidate)
    return (
        *_put(target, stable, "traffic", max(0, 100 - others)),
        {"op": "test", "path": f"/spec/predictors/{index}/name", "value": candidate},
        {"op": "remove", "path": f"/spec/predictors/{index}"},
    )
