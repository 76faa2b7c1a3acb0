"""The load generator as a Deployment: clients that never stop, and their view of what they were served."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.addons.installer import apply
from lab.addons.objects import JsonObject, container, deployment, http_probe, named, namespace, port, service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.addons.installer import Cluster

NAMESPACE = "traffic"
_IMAGE = "localhost/sluice-lab/loadgen:dev"
_PORT = 8080
_READY_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Requests to one SeldonDeployment; `rate` a second, `long_share` of very long texts (as in the file if None)."""

    namespace: str
    deployment: str
    rate: float = 20
    seed: int = 0
    long_share: float | None = None
    name: str = "loadgen"

    @property
    def url(self) -> str:
        """Where its report is, from within the cluster's network."""
        return f"http://{self.name}.{NAMESPACE}:{_PORT}"


def install_traffic(cluster: Cluster, traffic: Traffic, texts: Path, progress: Callable[[str], None]) -> str:
    """Send the texts of that file from now on; return the URL of the report. A running one is replaced."""
    objects = manifests(traffic, texts)
    apply(cluster, objects)
    target = [f"--namespace={NAMESPACE}", f"deployment/{traffic.name}"]
    cluster.kubectl("rollout", "status", *target, f"--timeout={_READY_SECONDS}s", timeout=_READY_SECONDS + 10)
    progress(
        f"traffic: {traffic.rate:g} requests/s to {traffic.namespace}/{traffic.deployment}, report at {traffic.url}"
    )
    return traffic.url


def manifests(traffic: Traffic, texts: Path) -> list[JsonObject]:
    """Return the load generator, and its texts, compressed to fit into a ConfigMap."""
    packed = base64.b64encode(gzip.compress(texts.read_bytes(), mtime=0)).decode()
    stored = named("v1", "ConfigMap", traffic.name, NAMESPACE) | {"binaryData": {"texts.jsonl.gz": packed}}
    return [
        namespace(NAMESPACE),
        stored,
        service(traffic.name, NAMESPACE, {_PORT: _PORT}),
        deployment(traffic.name, NAMESPACE, _pod(traffic)),
    ]


def _pod(traffic: Traffic) -> JsonObject:
    options = {
        "--texts": "/texts/texts.jsonl.gz",
        "--namespace": traffic.namespace,
        "--deployment": traffic.deployment,
        "--rate": traffic.rate,
        "--seed": traffic.seed,
        "--long-share": traffic.long_share,
        "--port": _PORT,
    }
    generator = container(
        "loadgen",
        _IMAGE,
        args=[f"{name}={value}" for name, value in options.items() if value is not None],
        ports=[port(_PORT, "http")],
        readinessProbe=http_probe("/healthz", _PORT),
        volumeMounts=[{"name": "texts", "mountPath": "/texts"}],
    )
    return {
        "containers": [generator],
        "volumes": [{"name": "texts", "configMap": {"name": traffic.name}}],
        "terminationGracePeriodSeconds": 2,
    }
