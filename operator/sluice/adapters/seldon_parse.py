"""A SeldonDeployment and what lives of it, from raw objects to `core.target` values.

Pure and total: an object of an unexpected shape raises Rejected with the field's path, never anything else.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sluice.core.naming import digest
from sluice.core.target import PodTrouble, Predictor, Route, Target, Workload
from sluice.ports import Rejected

TARGET_LABEL = "seldon-deployment-id"
APP_LABEL = "seldon-app"
VERSION_LABEL = "version"
_STUCK = frozenset(
    {
        "ImagePullBackOff",
        "ErrImagePull",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)


def mapping(value: object, where: str) -> Mapping[str, Any]:
    """Return an object; none counts as empty. Raises Rejected."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Rejected(f"{where} is not an object")
    return value


def sequence(value: object, where: str) -> Sequence[Any]:
    """Return a list; none counts as empty. Raises Rejected."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise Rejected(f"{where} is not a list")
    return value


def number(value: object, where: str, default: int = 0) -> int:
    """Return an integer; none counts as the default. Raises Rejected."""
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool):
        raise Rejected(f"{where} is not an integer")
    return value


def text(value: object, where: str) -> str:
    """Return a string; none counts as empty. Raises Rejected."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Rejected(f"{where} is not a string")
    return value


def predictors(sdep: Mapping[str, Any]) -> tuple[Predictor, ...]:
    """Return the predictors of `spec.predictors`, in their order."""
    spec = mapping(sdep.get("spec"), "spec")
    common = number(spec.get("replicas"), "spec.replicas", 1)
    raw = sequence(spec.get("predictors"), "spec.predictors")
    return tuple(_predictor(one, f"spec.predictors[{i}]", common) for i, one in enumerate(raw))


def _predictor(value: object, where: str, common: int) -> Predictor:
    raw = mapping(value, where)
    name = text(raw.get("name"), f"{where}.name")
    if not name:
        raise Rejected(f"{where}.name is empty")
    _check_graph(raw.get("graph"), f"{where}.graph")
    mapping(raw.get("annotations"), f"{where}.annotations")
    own = _component_replicas(raw, where)
    return Predictor(
        name=name,
        traffic=number(raw.get("traffic"), f"{where}.traffic"),
        replicas=own or number(raw.get("replicas"), f"{where}.replicas", common),
        shadow=raw.get("shadow") is True,
        raw=raw,
    )


def _check_graph(value: object, where: str) -> None:
    graph = mapping(value, where)
    for field in ("name", "modelUri", "implementation"):
        text(graph.get(field), f"{where}.{field}")
    sequence(graph.get("children"), f"{where}.children")


def _component_replicas(raw: Mapping[str, Any], where: str) -> int:
    """Return the most replicas that a componentSpec states for itself; it outranks the predictor's own number."""
    most = 0
    for i, component in enumerate(sequence(raw.get("componentSpecs"), f"{where}.componentSpecs")):
        at = f"{where}.componentSpecs[{i}]"
        stated = mapping(component, at)
        spec = mapping(stated.get("spec"), f"{at}.spec")
        for j, container in enumerate(sequence(spec.get("containers"), f"{at}.spec.containers")):
            mapping(container, f"{at}.spec.containers[{j}]")
        most = max(most, number(stated.get("replicas"), f"{at}.replicas"))
    return most


def predictor_key(target: str, predictor: Predictor) -> str:
    """Return the name of a predictor's Service and DestinationRule, and the value of its pods' `seldon-app` label."""
    annotations = mapping(predictor.raw.get("annotations"), "annotations")
    return str(annotations.get("seldon.io/svc-name") or f"{target}-{predictor.name}")


def workload(
    raw: Mapping[str, Any], target: str, names: Mapping[str, str], pods: Iterable[Mapping[str, Any]]
) -> Workload:
    """Return a Deployment; `names` maps `seldon-app` labels to predictors, orphans are named by their label."""
    meta, spec = mapping(raw.get("metadata"), "metadata"), mapping(raw.get("spec"), "spec")
    status, name = mapping(raw.get("status"), "status"), text(meta.get("name"), "metadata.name")
    count = {key: number(status.get(key), f"Deployment {name}: status.{key}") for key in _COUNTS}
    return Workload(
        name=name,
        predictor=_predictor_of(mapping(meta.get("labels"), "metadata.labels"), target, names),
        generation=number(meta.get("generation"), "metadata.generation"),
        observed_generation=count["observedGeneration"],
        replicas=number(spec.get("replicas"), "spec.replicas", 1),
        total_replicas=count["replicas"],
        updated_replicas=count["updatedReplicas"],
        ready_replicas=count["readyReplicas"],
        unavailable_replicas=count["unavailableReplicas"],
        template=digest(mapping(spec.get("template"), "spec.template")),
        troubles=tuple(trouble for pod in pods if _deployment_of(pod) == name for trouble in troubles(pod)),
    )


_COUNTS = ("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "unavailableReplicas")


def _predictor_of(labels: Mapping[str, Any], target: str, names: Mapping[str, str]) -> str:
    app, prefix = str(labels.get(APP_LABEL) or ""), f"{target}-"
    if app in names:
        return names[app]
    return app.removeprefix(prefix) if app.startswith(prefix) else str(labels.get(VERSION_LABEL) or app)


def _deployment_of(pod: Mapping[str, Any]) -> str:
    """Return the Deployment's name by the pod's ReplicaSet, whose name is the Deployment's and a hash."""
    for owner in sequence(mapping(pod.get("metadata"), "metadata").get("ownerReferences"), "ownerReferences"):
        if mapping(owner, "ownerReferences").get("kind") == "ReplicaSet":
            return str(owner.get("name") or "").rpartition("-")[0]
    return ""


def troubles(pod: Mapping[str, Any]) -> tuple[PodTrouble, ...]:
    """Return why a pod will not become ready by waiting; a ready container has no trouble."""
    name = text(mapping(pod.get("metadata"), "metadata").get("name"), "metadata.name")
    status = mapping(pod.get("status"), "status")
    found: list[PodTrouble] = []
    for field in ("initContainerStatuses", "containerStatuses"):
        for raw in sequence(status.get(field), field):
            container = mapping(raw, field)
            reason, restarts = _trouble(container), number(container.get("restartCount"), "restartCount")
            if reason:
                found.append(PodTrouble(pod=name, reason=reason, restarts=restarts))
    return tuple(found)


def _trouble(container: Mapping[str, Any]) -> str:
    if container.get("ready") is True:
        return ""
    state = mapping(container.get("state"), "state")
    waiting = text(mapping(state.get("waiting"), "waiting").get("reason"), "reason")
    if waiting in _STUCK:
        return waiting
    ended = mapping(state.get("terminated"), "terminated")
    if ended and number(ended.get("exitCode"), "exitCode"):
        return text(ended.get("reason"), "reason") or "Error"
    return "Restarted" if number(container.get("restartCount"), "restartCount") else ""


def listed(sdep: Mapping[str, Any]) -> frozenset[str]:
    """Return the Deployments that Seldon's own status names."""
    status = mapping(sdep.get("status"), "status")
    return frozenset(mapping(status.get("deploymentStatus"), "status.deploymentStatus"))


def weights(virtual_service: Mapping[str, Any]) -> dict[str, int]:
    """Return the weight of each predictor in the route. REST and gRPC entries that differ count with the higher one.

    A missing weight is 0; a lone destination has everything.
    """
    found: dict[str, int] = {}
    for entry in http_entries(virtual_service):
        for subset, weight in _entry_weights(entry).items():
            found[subset] = max(weight, found.get(subset, 0))
    return found


def http_entries(virtual_service: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the http entries that route to predictors."""
    spec = mapping(virtual_service.get("spec"), "VirtualService: spec")
    entries = [mapping(entry, "VirtualService: spec.http") for entry in sequence(spec.get("http"), "spec.http")]
    return [entry for entry in entries if entry.get("route")]


def _entry_weights(entry: Mapping[str, Any]) -> dict[str, int]:
    routes = [mapping(route, "VirtualService: route") for route in sequence(entry.get("route"), "route")]
    lone = len(routes) == 1
    return {
        subset_of(route): number(route.get("weight"), "VirtualService: weight", 100 if lone else 0)
        for route in routes
        if subset_of(route)
    }


def subset_of(route: Mapping[str, Any]) -> str:
    """Return the predictor that a route's destination names."""
    destination = mapping(route.get("destination"), "VirtualService: destination")
    return text(destination.get("subset"), "VirtualService: destination.subset")


def subsets(rules: Iterable[Mapping[str, Any]], owner: str) -> frozenset[str]:
    """Return the predictors for which a DestinationRule owned by the target exists."""
    found: set[str] = set()
    for rule in rules:
        owners = sequence(mapping(rule.get("metadata"), "metadata").get("ownerReferences"), "ownerReferences")
        if any(mapping(one, "ownerReferences").get("uid") == owner for one in owners):
            spec = mapping(rule.get("spec"), "DestinationRule: spec")
            found.update(
                text(mapping(one, "DestinationRule: subsets").get("name"), "DestinationRule: subsets.name")
                for one in sequence(spec.get("subsets"), "DestinationRule: subsets")
            )
    return frozenset(found)


def target_of(sdep: Mapping[str, Any], workloads: tuple[Workload, ...], route: Route | None) -> Target:
    """Return the whole target."""
    meta = mapping(sdep.get("metadata"), "metadata")
    spec = mapping(sdep.get("spec"), "spec")
    annotations = {**mapping(meta.get("annotations"), "annotations"), **mapping(spec.get("annotations"), "annotations")}
    return Target(
        name=text(meta.get("name"), "metadata.name"),
        namespace=text(meta.get("namespace"), "metadata.namespace"),
        uid=text(meta.get("uid"), "metadata.uid"),
        generation=number(meta.get("generation"), "metadata.generation"),
        deleting="deletionTimestamp" in meta,
        annotations={key: str(value) for key, value in annotations.items()},
        predictors=predictors(sdep),
        workloads=workloads,
        listed=listed(sdep),
        route=route,
    )
