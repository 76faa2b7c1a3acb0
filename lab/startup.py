"""Starting the components of a cluster: what waits for what, and how each one shows that it is ready."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lab import configs, network, processes
from lab.components import ETCD_URL, components
from lab.system import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.cluster import Cluster
    from lab.system import Completed, Progress


def start_all(cluster: Cluster, progress: Progress) -> None:
    """Start the components: control plane and container runtime side by side, then what needs them."""
    with ThreadPoolExecutor() as pool:
        runtime = pool.submit(start_component, cluster, "containerd")
        for name in ("etcd", "kube-apiserver"):
            start_component(cluster, name)
        progress("API server ready")
        runtime.result()
        rest = ("kubelet", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns")
        started = [pool.submit(start_component, cluster, name) for name in rest]
        cluster.kubectl("apply", "-f", "-", stdin=json.dumps(configs.cluster_dns()))
        for job in started:
            job.result()
    _wait(cluster, "node Ready", _node_ready, progress)
    _wait(cluster, "cluster DNS answers", _dns_answers, progress)
    _wait(cluster, "service accounts are made", _accounts_made, progress)


def _wait(cluster: Cluster, what: str, probe: Callable[[Cluster], bool], progress: Progress) -> None:
    logs = f"read the logs in {cluster.state.logs}"
    wait_until(what, lambda: probe(cluster), seconds=120, next_step=logs, pause=0.2)
    progress(what)


def start_component(cluster: Cluster, name: str) -> None:
    """Start one component, and wait until it is ready where something depends on that."""
    component = components(cluster.state, cluster.binaries)[name]
    processes.start(cluster.namespaces, cluster.state, component)
    if probe := _PROBES.get(name):
        processes.wait_ready(cluster.namespaces, cluster.state, name, lambda: probe(cluster))


def _answers(cluster: Cluster, *argv: str | Path) -> Completed:
    return cluster.exec(argv, check=False, timeout=20)


def _api(cluster: Cluster, path: str) -> Completed:
    """Ask the API server as administrator; curl costs a tenth of what kubectl does."""
    pki_folder = cluster.state.pki
    identity: list[str | Path] = [
        "--cacert",
        pki_folder / "ca.crt",
        "--cert",
        pki_folder / "admin.crt",
        "--key",
        pki_folder / "admin.key",
    ]
    return _answers(cluster, "curl", "-sf", "--max-time", "5", *identity, f"{configs.API_URL}{path}")


def _etcd_ready(cluster: Cluster) -> bool:
    return _answers(cluster, "curl", "-sf", "--max-time", "5", f"{ETCD_URL}/health").returncode == 0


def _api_ready(cluster: Cluster) -> bool:
    return _api(cluster, "/readyz").returncode == 0


def _containerd_ready(cluster: Cluster) -> bool:
    return _answers(cluster, "ctr", "version").returncode == 0


def _node_ready(cluster: Cluster) -> bool:
    node = _api(cluster, f"/api/v1/nodes/{network.NODE_NAME}")
    if node.returncode != 0:
        return False
    conditions = json.loads(node.stdout)["status"].get("conditions", [])
    return any(found["type"] == "Ready" and found["status"] == "True" for found in conditions)


def _dns_answers(cluster: Cluster) -> bool:
    name = f"kubernetes.default.svc.{network.DOMAIN}"
    return _answers(cluster, "env", "RES_OPTIONS=timeout:1 attempts:1", "getent", "hosts", name).returncode == 0


def _accounts_made(cluster: Cluster) -> bool:
    return _api(cluster, "/api/v1/namespaces/default/serviceaccounts/default").returncode == 0


_PROBES: dict[str, Callable[[Cluster], bool]] = {
    "etcd": _etcd_ready,
    "kube-apiserver": _api_ready,
    "containerd": _containerd_ready,
}
