"""The Istio objects of a SeldonDeployment: one VirtualService, and a DestinationRule a predictor."""

from lab.seldon_standin import names
from lab.seldon_standin.engine import GRPC_PORT, HTTP_PORT
from lab.seldon_standin.objects import JsonObject, annotation, owned_by

API_VERSION = "networking.istio.io/v1alpha3"
GRPC_PATHS = ".*tensorflow.*|.*seldon.protos.*|.*inference.*"


def virtual_service(sdep: JsonObject, gateway: str) -> JsonObject:
    """Weights as `traffic` says, in the order of the predictors; a shadow is mirrored to."""
    name, namespace = sdep["metadata"]["name"], sdep["metadata"]["namespace"]
    rest = {
        "match": [{"uri": {"prefix": f"/seldon/{namespace}/{name}/"}}],
        "rewrite": {"uri": "/"},
        **_split(sdep, HTTP_PORT),
    }
    headers = {"seldon": {"exact": name}, "namespace": {"exact": namespace}}
    grpc = {"match": [{"uri": {"regex": GRPC_PATHS}, "headers": headers}], **_split(sdep, GRPC_PORT)}
    hosts = [host.strip() for host in annotation(sdep, "seldon.io/istio-host", "*").split(",")]
    spec = {
        "hosts": hosts,
        "gateways": [annotation(sdep, "seldon.io/istio-gateway", gateway)],
        "http": [rest, grpc],
    }
    return _istio(sdep, "VirtualService", names.seldon_id(sdep), spec)


def destination_rules(sdep: JsonObject) -> list[JsonObject]:
    """One rule a predictor, its subset picked by the version label."""
    return [_destination_rule(sdep, predictor) for predictor in sdep["spec"]["predictors"]]


def _destination_rule(sdep: JsonObject, predictor: JsonObject) -> JsonObject:
    key = names.predictor_key(sdep, predictor)
    subset = {"name": predictor["name"], "labels": {"version": predictor["labels"]["version"]}}
    spec = {
        "host": names.host(key, sdep["metadata"]["namespace"]),
        "subsets": [subset],
        "trafficPolicy": {"connectionPool": {"http": {"idleTimeout": "60s"}}},
    }
    return _istio(sdep, "DestinationRule", key, spec)


def _split(sdep: JsonObject, port: int) -> JsonObject:
    predictors = sdep["spec"]["predictors"]
    route = [_weighted(sdep, predictor, port) for predictor in predictors if not predictor.get("shadow")]
    split: JsonObject = {"route": route}
    for predictor in predictors:
        if predictor.get("shadow"):
            split["mirror"] = _destination(sdep, predictor, port)
            if predictor.get("traffic", 0) > 0:
                split["mirrorPercentage"] = {"value": predictor["traffic"]}
    return split


def _weighted(sdep: JsonObject, predictor: JsonObject, port: int) -> JsonObject:
    destination = {"destination": _destination(sdep, predictor, port)}
    weight = predictor.get("traffic", 0)
    # A zero is left out, as the real controller's serialiser does.
    return destination | ({"weight": weight} if weight else {})


def _destination(sdep: JsonObject, predictor: JsonObject, port: int) -> JsonObject:
    host = names.host(names.predictor_key(sdep, predictor), sdep["metadata"]["namespace"])
    return {"host": host, "subset": predictor["name"], "port": {"number": port}}


def _istio(sdep: JsonObject, kind: str, name: str, spec: JsonObject) -> JsonObject:
    metadata = {"name": name, "namespace": sdep["metadata"]["namespace"], "ownerReferences": owned_by(sdep)}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}
