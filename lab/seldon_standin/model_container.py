"""What the controller adds to a model's own container, and the init container that fetches its artifact."""

import json

from lab.seldon_standin import graph, names
from lab.seldon_standin.engine import METRICS_PATH
from lab.seldon_standin.objects import JsonObject
from lab.seldon_standin.settings import Settings

MODEL_PATH = "/mnt/models"
LIVENESS_DELAY = 60


def complete(sdep: JsonObject, predictor: JsonObject, container: JsonObject, settings: Settings) -> None:
    """Add ports, probes, the sleep before stopping and the environment, where the user gave none."""
    unit = graph.unit_named(predictor, container["name"]) or {}
    endpoint = unit["endpoint"]
    for name in ("http", "grpc"):
        if graph.port_named(container, name) is None:
            port = {"name": name, "containerPort": endpoint[f"{name}Port"], "protocol": "TCP"}
            container.setdefault("ports", []).append(port)
    container.setdefault("livenessProbe", _probe(endpoint["service_port"], LIVENESS_DELAY, 5))
    readiness = _probe(endpoint["service_port"], settings.probes.readiness_delay, settings.probes.period)
    container.setdefault("readinessProbe", readiness)
    container.setdefault("lifecycle", {"preStop": {"exec": {"command": ["/bin/sh", "-c", "/bin/sleep 10"]}}})
    given = {item["name"] for item in container.setdefault("env", [])}
    wanted = _environment(sdep, predictor, unit, container)
    container["env"] += [{"name": name, "value": value} for name, value in wanted.items() if name not in given]


def _probe(port: int, delay: int, period: int) -> JsonObject:
    return {
        "tcpSocket": {"port": port},
        "initialDelaySeconds": delay,
        "periodSeconds": period,
        "failureThreshold": 3,
        "successThreshold": 1,
        "timeoutSeconds": 1,
    }


def _environment(
    sdep: JsonObject,
    predictor: JsonObject,
    unit: JsonObject,
    container: JsonObject,
) -> dict[str, str]:
    endpoint = unit["endpoint"]
    return {
        "PREDICTIVE_UNIT_SERVICE_PORT": str(endpoint["service_port"]),
        "PREDICTIVE_UNIT_HTTP_SERVICE_PORT": str(endpoint["httpPort"]),
        "PREDICTIVE_UNIT_GRPC_SERVICE_PORT": str(endpoint["grpcPort"]),
        **_parameters(unit),
        "PREDICTIVE_UNIT_ID": container["name"],
        "PREDICTIVE_UNIT_IMAGE": container.get("image", ""),
        "PREDICTOR_ID": predictor["name"],
        "PREDICTOR_LABELS": json.dumps(predictor["labels"], sort_keys=True),
        "SELDON_DEPLOYMENT_ID": sdep["metadata"]["name"],
        "SELDON_EXECUTOR_ENABLED": "true",
        "PREDICTIVE_UNIT_METRICS_SERVICE_PORT": str(graph.port_named(container, "metrics")),
        "PREDICTIVE_UNIT_METRICS_ENDPOINT": METRICS_PATH,
    }


def _parameters(unit: JsonObject) -> dict[str, str]:
    parameters = list(unit.get("parameters") or [])
    if graph.is_prepackaged(unit):
        parameters.append({"name": "model_uri", "value": MODEL_PATH, "type": "STRING"})
    return {"PREDICTIVE_UNIT_PARAMETERS": json.dumps(parameters)} if parameters else {}


def add_initializer(pod: JsonObject, unit: JsonObject, container: JsonObject, settings: Settings) -> None:
    """Fetch the unit's `modelUri` into a volume before the server starts."""
    volume = f"{container['name']}-provision-location"[: names.LONGEST].rstrip("-")
    mount = {"name": volume, "mountPath": MODEL_PATH}
    initializer: JsonObject = {
        "name": f"{container['name']}-model-initializer"[: names.LONGEST].rstrip("-"),
        "image": unit.get("storageInitializerImage") or settings.images.initializer,
        "imagePullPolicy": "IfNotPresent",
        "args": [unit["modelUri"], MODEL_PATH],
        "resources": settings.resources.spec(),
        "volumeMounts": [mount],
    }
    if unit.get("envSecretRefName"):
        initializer["envFrom"] = [{"secretRef": {"name": unit["envSecretRefName"]}}]
    if unit.get("serviceAccountName"):
        pod["serviceAccountName"] = unit["serviceAccountName"]
    pod.setdefault("initContainers", []).append(initializer)
    pod.setdefault("volumes", []).append({"name": volume, "emptyDir": {}})
    container["volumeMounts"].append({**mount, "readOnly": True})
