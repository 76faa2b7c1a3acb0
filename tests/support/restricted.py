"""What the Pod Security Standard "restricted" and the house rules ask of a pod, as sentences about what is wrong."""

from collections.abc import Iterator, Mapping
from typing import Any

Spec = Mapping[str, Any]
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
_LEAST_USER = 10_000


def faults(pod: Spec) -> list[str]:
    """Return everything that is wrong with a pod's spec."""
    return [
        *_pod_faults(pod),
        *(fault for container in _containers(pod) for fault in _container_faults(pod, container)),
    ]


def _containers(pod: Spec) -> list[Spec]:
    return [*pod.get("initContainers", ()), *pod.get("containers", ()), *pod.get("ephemeralContainers", ())]


def _pod_faults(pod: Spec) -> Iterator[str]:
    for switch in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(switch):
            yield f"{switch} is set"
    for volume in pod.get("volumes", ()):
        if not set(volume) - {"name"} <= _VOLUMES:
            yield f"volume {volume['name']} is of a kind that is not allowed"


def _container_faults(pod: Spec, container: Spec) -> Iterator[str]:
    own = container.get("securityContext", {})
    security = {**pod.get("securityContext", {}), **own}
    resources = container.get("resources", {})
    user = security.get("runAsUser") or 0
    checks = {
        "may escalate its privileges": own.get("allowPrivilegeEscalation") is not False,
        "is privileged": bool(own.get("privileged")),
        "keeps capabilities": own.get("capabilities") != {"drop": ["ALL"]},
        "may run as root": security.get("runAsNonRoot") is not True,
        "runs as a low user id": user <= _LEAST_USER,
        "runs in the group root": not security.get("runAsGroup"),
        "has no seccomp profile": security.get("seccompProfile") != {"type": "RuntimeDefault"},
        "may write its root file system": own.get("readOnlyRootFilesystem") is not True,
        "requests no cpu or memory": not {"cpu", "memory"} <= set(resources.get("requests", {})),
        "has no memory limit": "memory" not in resources.get("limits", {}),
    }
    yield from (f"{container['name']} {fault}" for fault, found in checks.items() if found)
