"""What the admission webhook refuses, with the real controller's wording."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from lab.seldon_standin import graph
from lab.seldon_standin.objects import GROUP, KIND, JsonObject

WHOLE = 100


def refusal(sdep: JsonObject, servers: Collection[str]) -> str | None:
    """Return the message the object is refused with, or None where it is welcome.

    `servers` are the prepackaged servers an image is known for.
    """
    errors = list(_errors(sdep.get("spec") or {}, servers))
    if not errors:
        return None
    listed = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
    named = json.dumps((sdep.get("spec") or {}).get("name", ""))
    return f"{KIND}.{GROUP} {named} is invalid: {listed}"


def _errors(spec: JsonObject, servers: Collection[str]) -> Iterator[str]:
    predictors = spec.get("predictors") or []
    yield from _unknown_values(spec)
    if len(predictors) == 1 and predictors[0].get("shadow"):
        yield _invalid("spec.predictors[0]", predictors[0]["name"], "Shadow can not exist as only predictor")
    if not predictors:
        yield _invalid("spec", spec.get("transport", ""), "Graph contains no predictors")
        return
    yield from _names(predictors)
    for index, predictor in enumerate(predictors):
        yield from _units(f"spec.predictors[{index}].graph", predictor["graph"], predictor, servers)
    yield from _traffic(predictors)


def _invalid(path: str, value: Any, detail: str) -> str:  # noqa: ANN401
    return f"{path}: Invalid value: {json.dumps(value)}: {detail}"


def _unknown_values(spec: JsonObject) -> Iterator[str]:
    known = {
        "protocol": ("Invalid protocol", {"", "seldon", "tensorflow", "kfserving", "v2"}),
        "transport": ("Invalid transport", {"", "rest", "grpc"}),
        "serverType": ("Invalid serverType", {"", "rpc", "kafka"}),
    }
    for field, (detail, values) in known.items():
        if spec.get(field, "") not in values:
            yield _invalid("spec", spec[field], detail)


def _names(predictors: list[JsonObject]) -> Iterator[str]:
    seen: set[str] = set()
    for index, predictor in enumerate(predictors):
        if predictor["name"] in seen:
            yield _invalid(f"spec.predictors[{index}]", predictor["name"], "Duplicate predictor name")
        seen.add(predictor["name"])


def _units(path: str, unit: JsonObject, predictor: JsonObject, servers: Collection[str]) -> Iterator[str]:
    for detail in _unit(unit, graph.container_named(predictor, unit["name"]), servers):
        yield _invalid(path, unit["name"], detail)
    if "logger" in unit and not unit["logger"].get("mode"):
        yield _invalid(path, "", "No logger mode specified")
    for index, child in enumerate(unit.get("children") or []):
        yield from _units(f"{path}[{index}]", child, predictor, servers)


def _unit(unit: JsonObject, container: JsonObject | None, servers: Collection[str]) -> Iterator[str]:
    implementation = unit.get("implementation", graph.UNKNOWN)
    if implementation == graph.UNKNOWN:
        if container is None:
            yield "Can't find container for Predictive Unit"
        if unit.get("type") == "UNKNOWN_TYPE" and not unit.get("methods"):
            yield "Predictive Unit has no implementation methods defined. Change to a known type or add what methods it defines"  # noqa: E501
    elif graph.is_prepackaged(unit):
        if not unit.get("modelUri") and implementation != "HUGGINGFACE_SERVER":
            yield "Predictive unit modelUri required when using standalone servers"
        if not (container or {}).get("image") and implementation not in servers:
            yield f"No entry in predictors map for {implementation}"


def _traffic(predictors: list[JsonObject]) -> Iterator[str]:
    shadows = [predictor for predictor in predictors if predictor.get("shadow")]
    total = sum(predictor.get("traffic", 0) for predictor in predictors if not predictor.get("shadow"))
    for extra in shadows[1:]:
        yield _invalid("spec", extra["name"], "Multiple shadows are not allowed")
    for shadow in shadows:
        if not 0 <= shadow.get("traffic", 0) <= WHOLE:
            detail = "shadow traffic is illegal, the traffic number should be between [0, 100]"
            yield _invalid("spec", shadow["name"], detail)
    first = predictors[0]["name"]
    if len(predictors) - len(shadows) > 1 and total != WHOLE:
        yield _invalid("spec", first, "Traffic must sum to 100 for multiple predictors")
    if len(predictors) == 1 and 0 < total < WHOLE:
        yield _invalid("spec", first, "Traffic must sum be 100 for a single predictor when set")
