"""Predictors as Deployments: one for each component."""

import copy

from lab.seldon_standin import engine, graph, model_container, names
from lab.seldon_standin.objects import JsonObject, owned_by
from lab.seldon_standin.settings import Settings

GRACE_SECONDS = 20


def deployments(sdep: JsonObject, settings: Settings) -> list[JsonObject]:
    """All Deployments of a defaulted SeldonDeployment, in the order of its predictors."""
    return [
        _deployment(sdep, predictor, index, settings)
        for predictor in sdep["spec"]["predictors"]
        for index in range(len(predictor.get("componentSpecs") or []))
    ]


def _deployment(sdep: JsonObject, predictor: JsonObject, index: int, settings: Settings) -> JsonObject:
    component = predictor["componentSpecs"][index]
    name = names.deployment(sdep, predictor, index)
    selector = _selector(sdep, predictor, index)
    labels = _labels(sdep, predictor, name) | selector
    annotations = _annotations(sdep, predictor, component)
    own_labels = (component.get("metadata") or {}).get("labels") or {}
    spec: JsonObject = {
        "selector": {"matchLabels": selector},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}},
        "template": {
            "metadata": {"labels": labels | own_labels, "annotations": annotations | _scraping()},
            "spec": _pod(sdep, predictor, index, settings),
        },
    }
    replicas = _replicas(sdep, predictor, component)
    if replicas is not None:
        spec["replicas"] = replicas
    if "progressDeadlineSeconds" in predictor:
        spec["progressDeadlineSeconds"] = predictor["progressDeadlineSeconds"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": sdep["metadata"]["namespace"],
            "labels": labels | own_labels | ({names.LABEL_ORCHESTRATOR: "true"} if index == 0 else {}),
            "annotations": annotations,
            "ownerReferences": owned_by(sdep),
        },
        "spec": spec,
    }


def _replicas(sdep: JsonObject, predictor: JsonObject, component: JsonObject) -> int | None:
    """From the more specific to the more general; an autoscaler's number is left alone."""
    if "hpaSpec" in component or "kedaSpec" in component:
        return None
    levels = (component, predictor, sdep["spec"])
    return next((level["replicas"] for level in levels if level.get("replicas") is not None), None)


def _selector(sdep: JsonObject, predictor: JsonObject, index: int) -> dict[str, str]:
    selector = {names.LABEL_ID: names.seldon_id(sdep)}
    for container in predictor["componentSpecs"][index]["spec"]["containers"]:
        if graph.unit_named(predictor, container["name"]) is not None:
            service = names.container_service(sdep, predictor, container["name"])
            selector[f"{names.LABEL_SERVICE}-{container['name']}"] = service
    if index == 0:
        selector[names.LABEL_APP] = names.predictor_key(sdep, predictor)
    return selector


def _labels(sdep: JsonObject, predictor: JsonObject, name: str) -> dict[str, str]:
    labels: dict[str, str] = {
        names.LABEL_ID: names.seldon_id(sdep),
        "app": name,
        "fluentd": "true",
        names.LABEL_MANAGED_BY: names.MANAGED_BY,
        "seldon.io/model": "true",
    }
    if predictor.get("shadow"):
        labels["seldon.io/shadow"] = "true"
    labels |= predictor["labels"]
    return labels


def _annotations(sdep: JsonObject, predictor: JsonObject, component: JsonObject) -> dict[str, str]:
    annotations: dict[str, str] = dict(sdep["spec"].get("annotations") or {})
    annotations |= predictor.get("annotations") or {}
    annotations |= (component.get("metadata") or {}).get("annotations") or {}
    return annotations


def _scraping() -> dict[str, str]:
    return {"prometheus.io/path": engine.METRICS_PATH, "prometheus.io/scrape": "true"}


def _pod(sdep: JsonObject, predictor: JsonObject, index: int, settings: Settings) -> JsonObject:
    pod: JsonObject = copy.deepcopy(predictor["componentSpecs"][index]["spec"])
    pod.setdefault("terminationGracePeriodSeconds", GRACE_SECONDS)
    item = {"path": "annotations", "fieldRef": {"fieldPath": "metadata.annotations", "apiVersion": "v1"}}
    pod.setdefault("volumes", []).append({"name": "seldon-podinfo", "downwardAPI": {"items": [item]}})
    for container in pod["containers"]:
        unit = graph.unit_named(predictor, container["name"])
        if unit is None:
            continue
        model_container.complete(sdep, predictor, container, settings)
        if graph.is_prepackaged(unit) and unit.get("modelUri"):
            model_container.add_initializer(pod, unit, container, settings)
    if index == 0:
        pod["containers"].append(engine.engine_container(sdep, predictor, settings))
    return pod
