"""The Services of each predictor: one for clients, one for each model container."""

from lab.seldon_standin import graph, names
from lab.seldon_standin.engine import GRPC_PORT, HTTP_PORT
from lab.seldon_standin.objects import JsonObject, owned_by


def services(sdep: JsonObject) -> list[JsonObject]:
    """All Services of a defaulted SeldonDeployment."""
    found: list[JsonObject] = []
    for predictor in sdep["spec"]["predictors"]:
        for container in graph.containers(predictor):
            unit = graph.unit_named(predictor, container["name"])
            if unit is not None:
                found.append(_container_service(sdep, predictor, unit))
        found.append(_predictor_service(sdep, predictor))
    return found


def details(service: JsonObject) -> JsonObject:
    """Return what `status.serviceStatus` says of one Service."""
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    ports = {port["name"]: port["port"] for port in service["spec"]["ports"]}
    return {
        "svcName": name,
        "httpEndpoint": f"{name}.{namespace}:{ports['http']}",
        "grpcEndpoint": f"{name}.{namespace}:{ports['grpc']}",
    }


def _predictor_service(sdep: JsonObject, predictor: JsonObject) -> JsonObject:
    key = names.predictor_key(sdep, predictor)
    labels = {names.LABEL_APP: key}
    return _service(sdep, predictor, key, labels, {"http": HTTP_PORT, "grpc": GRPC_PORT})


def _container_service(sdep: JsonObject, predictor: JsonObject, unit: JsonObject) -> JsonObject:
    name = names.container_service(sdep, predictor, unit["name"])
    ports = {"http": unit["endpoint"]["httpPort"], "grpc": unit["endpoint"]["grpcPort"]}
    service = _service(sdep, predictor, name, {f"{names.LABEL_SERVICE}-{unit['name']}": name}, ports)
    service["metadata"]["labels"] |= {
        names.LABEL_APP: names.predictor_key(sdep, predictor),
        "seldon.io/model": "true",
    }
    return service


def _service(
    sdep: JsonObject,
    predictor: JsonObject,
    name: str,
    selector: dict[str, str],
    ports: dict[str, int],
) -> JsonObject:
    labels = selector | {names.LABEL_ID: names.seldon_id(sdep), names.LABEL_MANAGED_BY: names.MANAGED_BY}
    listed = [{"name": key, "port": port, "targetPort": port, "protocol": "TCP"} for key, port in ports.items()]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": sdep["metadata"]["namespace"],
            "labels": labels,
            "annotations": dict(predictor.get("annotations") or {}),
            "ownerReferences": owned_by(sdep),
        },
        "spec": {"type": "ClusterIP", "selector": selector, "ports": listed},
    }
