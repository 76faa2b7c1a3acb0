"""Building Kubernetes objects as plain dictionaries."""

from __future__ import annotations

from typing import Any

JsonObject = dict[str, Any]


def named(api_version: str, kind: str, name: str, namespace: str | None = None) -> JsonObject:
    """Return an object with nothing but its name."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def namespace(name: str) -> JsonObject:
    """Return a namespace."""
    return named("v1", "Namespace", name)


def service(name: str, space: str, ports: dict[int, int], selector: dict[str, str] | None = None) -> JsonObject:
    """Return a Service; `ports` maps its ports to those of the pods, which carry the label `app` unless selected."""
    spec = {
        "selector": selector or {"app": name},
        "ports": [{"name": f"http-{port}", "port": port, "targetPort": target} for port, target in ports.items()],
    }
    return named("v1", "Service", name, space) | {"spec": spec}


def config_map(name: str, space: str, data: dict[str, str]) -> JsonObject:
    """Return a ConfigMap."""
    return named("v1", "ConfigMap", name, space) | {"data": data}


def reader(name: str, space: str, rules: list[JsonObject]) -> list[JsonObject]:
    """Return a service account with a cluster role of that name."""
    role = named("rbac.authorization.k8s.io/v1", "ClusterRole", f"lab-{name}") | {"rules": rules}
    binding = named("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", f"lab-{name}") | {
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": f"lab-{name}"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": space}],
    }
    return [named("v1", "ServiceAccount", name, space), role, binding]


def rule(groups: str, resources: str, verbs: str = "get list watch") -> JsonObject:
    """Return a rule of a role from space-separated words; `core` is the group without a name."""
    listed = ["" if group == "core" else group for group in groups.split()]
    return {"apiGroups": listed, "resources": resources.split(), "verbs": verbs.split()}


def deployment(name: str, space: str, pod: JsonObject, labels: dict[str, str] | None = None) -> JsonObject:
    """Return a Deployment of one pod labelled `app: <name>`; `pod` is its pod spec, annotations under `annotations`."""
    spec = {key: value for key, value in pod.items() if key != "annotations"}
    wanted = {"app": name} | (labels or {})
    template = {"metadata": {"labels": wanted, "annotations": pod.get("annotations", {})}, "spec": spec}
    return named("apps/v1", "Deployment", name, space) | {
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": {"app": name}},
            "template": template,
        }
    }


def container(name: str, image: str, **fields: Any) -> JsonObject:  # noqa: ANN401 (any field of a container)
    """Return a container of an image that is on the node.

    Its small request puts it above the pods without any when the machine is busy.
    """
    resources = {"requests": {"cpu": "50m", "memory": "64Mi"}}
    return {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", "resources": resources, **fields}


def cpu(millis: int) -> JsonObject:
    """Return resources that weigh so much when the node is busy; what serves clients outweighs what may wait."""
    return {"requests": {"cpu": f"{millis}m"}}


def http_probe(path: str, port: int) -> JsonObject:
    """Return a readiness probe: ready within a second, and not unready because a busy machine is slow.

    Each add-on is one pod: taking it out of its Service helps nobody.
    """
    return {"httpGet": {"path": path, "port": port}, "periodSeconds": 1, "timeoutSeconds": 10, "failureThreshold": 60}


def port(number: int, name: str) -> JsonObject:
    """Return a container port."""
    return {"containerPort": number, "name": name}


def field_env(name: str, path: str) -> JsonObject:
    """Return an environment variable that holds a field of the pod."""
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
