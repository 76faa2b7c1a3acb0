"""Faults to order: a container killed, a component of the cluster stopped and started again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lab import processes, startup
from lab.system import LabError, wait_until

if TYPE_CHECKING:
    from lab.cluster import Cluster


def stop(cluster: Cluster, component: str) -> None:
    """Kill a component (`etcd`, `kube-apiserver`, `kubelet`, …) and wait until it is gone; pods live on."""
    processes.kill(cluster.namespaces, cluster.state, component)


def start(cluster: Cluster, component: str) -> None:
    """Start a stopped component and wait until it is ready."""
    startup.start_component(cluster, component)


def kill_container(cluster: Cluster, pod: str, *, namespace: str = "default", container: str | None = None) -> str:
    """Send SIGKILL to a pod's container (the only one unless named) and return the id of the killed one."""
    found = _containers(cluster, pod, namespace)
    name = container or (next(iter(found)) if len(found) == 1 else "")
    if name not in found:
        raise LabError(f"{namespace}/{pod} runs {sorted(found)}", "name one of its containers")
    cluster.ctr("task", "kill", "--signal", "SIGKILL", found[name])
    wait_until(
        f"end of {name} in {namespace}/{pod}",
        lambda: _containers(cluster, pod, namespace).get(name) != found[name],
        seconds=60,
        next_step=f"kubectl describe pod -n {namespace} {pod}",
    )
    return found[name]


def _containers(cluster: Cluster, pod: str, namespace: str) -> dict[str, str]:
    """Return the ids of the pod's running containers by name."""
    status = json.loads(cluster.kubectl("get", "pod", pod, "-n", namespace, "-o", "json"))["status"]
    return {
        each["name"]: each["containerID"].removeprefix("containerd://")
        for each in status.get("containerStatuses", [])
        if "running" in each["state"]
    }
