"""Filling in what a SeldonDeployment leaves out: version labels, ports, server images.

Only the controller's own copy is changed; nothing is written back to the object.
"""

import copy
from dataclasses import dataclass, field

from lab.seldon_standin import graph, names
from lab.seldon_standin.objects import JsonObject

PODINFO = {"name": "seldon-podinfo", "mountPath": "/etc/podinfo"}

FIRST_HTTP_PORT = 9000
FIRST_GRPC_PORT = 9500
FIRST_METRICS_PORT = 6000


@dataclass
class Ports:
    """Port numbers given out so far: http and gRPC by container name, metrics one a container."""

    by_name: dict[str, int] = field(default_factory=dict)
    metrics: int = FIRST_METRICS_PORT

    def offset(self, container: str) -> int:
        """Return the same number for the same container name in every predictor."""
        return self.by_name.setdefault(container, len(self.by_name))

    def next_metrics(self) -> int:
        """Return a fresh metrics port: this is what renumbers when a predictor before is removed."""
        self.metrics += 1
        return self.metrics - 1


def with_defaults(sdep: JsonObject, servers: dict[str, str]) -> JsonObject:
    """Return a copy with all defaults; `servers` maps prepackaged servers to images."""
    filled = copy.deepcopy(sdep)
    ports = Ports()
    for predictor in filled["spec"]["predictors"]:
        predictor.setdefault("labels", {}).setdefault("version", predictor["name"])
        _fill_graph(predictor["graph"])
        _fill_containers(filled, predictor, ports)
        for unit in graph.units(predictor["graph"]):
            if graph.is_prepackaged(unit):
                _fill_prepackaged(filled, predictor, unit, ports)
                _fill_image(predictor, unit, servers)
    return filled


def _fill_graph(root: JsonObject) -> None:
    for unit in graph.units(root):
        if graph.is_prepackaged(unit) or not {"type", "methods", "implementation"} & unit.keys():
            unit["type"] = "MODEL"
        unit.setdefault("implementation", graph.UNKNOWN)


def _fill_containers(sdep: JsonObject, predictor: JsonObject, ports: Ports) -> None:
    for container in graph.containers(predictor):
        ports.offset(container["name"])
        unit = graph.unit_named(predictor, container["name"])
        if unit is not None:
            _fill_container(sdep, predictor, unit, ports)


def _fill_prepackaged(sdep: JsonObject, predictor: JsonObject, unit: JsonObject, ports: Ports) -> None:
    if graph.container_named(predictor, unit["name"]) is None:
        components = predictor.setdefault("componentSpecs", []) or [{}]
        predictor["componentSpecs"] = components
        components[0].setdefault("spec", {}).setdefault("containers", []).append({"name": unit["name"]})
    _fill_container(sdep, predictor, unit, ports)


def _fill_image(predictor: JsonObject, unit: JsonObject, servers: dict[str, str]) -> None:
    container = graph.container_named(predictor, unit["name"])
    if container is not None and not container.get("image") and unit["implementation"] in servers:
        container["image"] = servers[unit["implementation"]]


def _fill_container(sdep: JsonObject, predictor: JsonObject, unit: JsonObject, ports: Ports) -> None:
    container = graph.container_named(predictor, unit["name"]) or {}
    container.setdefault("imagePullPolicy", "IfNotPresent")
    mounts = container.setdefault("volumeMounts", [])
    if all(mount["name"] != PODINFO["name"] for mount in mounts):
        mounts.append(dict(PODINFO))
    offset = ports.offset(container["name"])
    http = graph.port_named(container, "http") or FIRST_HTTP_PORT + offset
    grpc = graph.port_named(container, "grpc") or FIRST_GRPC_PORT + offset
    if graph.port_named(container, "metrics") is None:
        port = {"name": "metrics", "containerPort": ports.next_metrics(), "protocol": "TCP"}
        container.setdefault("ports", []).append(port)
    endpoint = unit.setdefault("endpoint", {})
    service_port = grpc if _speaks_grpc(sdep, endpoint) else http
    host = _service_host(sdep, predictor, container)
    endpoint |= {"service_host": host, "service_port": service_port, "httpPort": http, "grpcPort": grpc}


def _speaks_grpc(sdep: JsonObject, endpoint: JsonObject) -> bool:
    return endpoint.get("type") == "GRPC" or sdep["spec"].get("transport") == "grpc"


def _service_host(sdep: JsonObject, predictor: JsonObject, container: JsonObject) -> str:
    if graph.component_index(predictor, container["name"]) == 0:
        return "localhost"
    service = names.container_service(sdep, predictor, container["name"])
    return names.host(service, sdep["metadata"]["namespace"])
