"""The executor container that the controller puts beside the model."""

import base64
import copy
import json

from lab.seldon_standin import names
from lab.seldon_standin.defaults import PODINFO
from lab.seldon_standin.objects import JsonObject
from lab.seldon_standin.settings import Probes, Settings

HTTP_PORT = 8000
GRPC_PORT = 5001
METRICS_PATH = "/prometheus"


def engine_container(sdep: JsonObject, predictor: JsonObject, settings: Settings) -> JsonObject:
    """Return the container, named and wired as the real one."""
    orchestrator = predictor.get("svcOrchSpec") or {}
    container: JsonObject = {
        "name": names.ENGINE,
        "image": settings.images.executor,
        "imagePullPolicy": "IfNotPresent",
        "args": _arguments(sdep, predictor),
        "env": [{"name": "ENGINE_PREDICTOR", "value": encoded(predictor)}, *_environment(sdep, orchestrator)],
        "ports": [
            {"name": "http", "containerPort": HTTP_PORT, "protocol": "TCP"},
            {"name": "metrics", "containerPort": HTTP_PORT, "protocol": "TCP"},
            {"name": "grpc", "containerPort": GRPC_PORT, "protocol": "TCP"},
        ],
        "readinessProbe": _probe("/ready", settings.probes),
        "livenessProbe": _probe("/live", Probes()),
        "resources": orchestrator.get("resources") or settings.resources.spec(),
        "securityContext": {"runAsUser": 8888, "allowPrivilegeEscalation": False},
        "volumeMounts": [dict(PODINFO)],
    }
    return container


def encoded(predictor: JsonObject) -> str:
    """Return the predictor as the executor gets it: everything but traffic and replicas.

    So a change of these two rolls no pod, and a change of nearly anything else does.
    """
    told = copy.deepcopy(predictor)
    for quiet in ("traffic", "explainer"):
        told.pop(quiet, None)
    told["replicas"] = 0
    return base64.b64encode(json.dumps(told, sort_keys=True).encode()).decode()


def _arguments(sdep: JsonObject, predictor: JsonObject) -> list[str]:
    spec = sdep["spec"]
    flags = {
        "--sdep": sdep["metadata"]["name"],
        "--namespace": sdep["metadata"]["namespace"],
        "--predictor": predictor["name"],
        "--http_port": str(HTTP_PORT),
        "--grpc_port": str(GRPC_PORT),
        "--protocol": spec.get("protocol") or "seldon",
        "--transport": spec.get("transport") or "rest",
        "--prometheus_path": METRICS_PATH,
    }
    return [part for flag in flags.items() for part in flag]


def _environment(sdep: JsonObject, orchestrator: JsonObject) -> list[JsonObject]:
    own: list[JsonObject] = orchestrator.get("env") or []
    taken = {item["name"] for item in own}
    prefix = "seldon.io/engine-"
    annotated = {
        key.removeprefix(prefix).replace("-", "_").upper(): value
        for key, value in sorted((sdep["spec"].get("annotations") or {}).items())
        if key.startswith(prefix)
    }
    return own + [{"name": name, "value": value} for name, value in annotated.items() if name not in taken]


def _probe(path: str, probes: Probes) -> JsonObject:
    return {
        "httpGet": {"path": path, "port": HTTP_PORT, "scheme": "HTTP"},
        "initialDelaySeconds": probes.readiness_delay,
        "periodSeconds": probes.period,
        "failureThreshold": 3,
        "successThreshold": 1,
        "timeoutSeconds": 60,
    }
