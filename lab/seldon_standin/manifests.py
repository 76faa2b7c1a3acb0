"""What to apply to install the stand-in into a cluster that has Istio's CRDs.

`python -m lab.seldon_standin.manifests | kubectl apply -f -` does it by hand.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import yaml

from lab.seldon_standin.objects import JsonObject

NAMESPACE = "seldon-system"
MANAGER = "seldon-controller-manager"
WEBHOOK_SERVICE = "seldon-webhook-service"
WEBHOOK_PORT = 9443
IMAGE = "localhost/sluice-lab/seldon-standin:dev"
LAB_ARGUMENTS = ("--readiness-delay=3", "--probe-period=1")
_LABELS = {"app": "seldon", "control-plane": MANAGER}


def crd() -> JsonObject:
    """Return the definition of SeldonDeployment."""
    definition: JsonObject = yaml.safe_load((Path(__file__).parent / "crd.yaml").read_text())
    return definition


def manifests(image: str = IMAGE, arguments: Sequence[str] = LAB_ARGUMENTS) -> list[JsonObject]:
    """Return everything, in the order to apply it; `arguments` are those of the controller."""
    return [crd(), _namespace(), *_account(), _service(), _deployment(image, arguments)]


def _named(kind: str, name: str, api_version: str = "v1") -> JsonObject:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}}


def _namespace() -> JsonObject:
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def _account() -> list[JsonObject]:
    role: JsonObject = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": MANAGER},
        "rules": [
            _rule("machinelearning.seldon.io", ["seldondeployments"], "get list watch"),
            _rule("machinelearning.seldon.io", ["seldondeployments/status"], "update"),
            _rule("machinelearning.seldon.io", ["seldondeployments/finalizers"], "update"),
            _rule("apps", ["deployments"], "get list watch create update delete"),
            _rule("", ["services"], "get list watch create update delete"),
            _rule("networking.istio.io", ["virtualservices", "destinationrules"], "get list watch create update"),
            _rule("admissionregistration.k8s.io", ["validatingwebhookconfigurations"], "get create update"),
        ],
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": MANAGER},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": MANAGER},
        "subjects": [{"kind": "ServiceAccount", "name": MANAGER, "namespace": NAMESPACE}],
    }
    return [_named("ServiceAccount", MANAGER), role, binding]


def _rule(group: str, resources: list[str], verbs: str) -> JsonObject:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs.split()}


def _service() -> JsonObject:
    ports = [{"name": "webhook", "port": 443, "targetPort": WEBHOOK_PORT}]
    return _named("Service", WEBHOOK_SERVICE) | {"spec": {"selector": _LABELS, "ports": ports}}


def _deployment(image: str, arguments: Sequence[str]) -> JsonObject:
    container = {
        "name": "manager",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": [*arguments, f"--webhook-service={WEBHOOK_SERVICE}", f"--webhook-namespace={NAMESPACE}"],
        "ports": [{"name": "webhook", "containerPort": WEBHOOK_PORT}],
        "readinessProbe": {
            "httpGet": {"path": "/healthz", "port": WEBHOOK_PORT, "scheme": "HTTPS"},
            "periodSeconds": 1,
        },
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "serviceAccountName": MANAGER,
        "terminationGracePeriodSeconds": 2,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532},
        "containers": [container],
    }
    spec = {
        "replicas": 1,
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": _LABELS},
        "template": {"metadata": {"labels": _LABELS}, "spec": pod},
    }
    return _named("Deployment", MANAGER, "apps/v1") | {"spec": spec}


if __name__ == "__main__":
    print(json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests()}, indent=2))
