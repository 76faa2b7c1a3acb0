"""Installing Sluice's own chart in a lab: images of the lab, a namespace that enforces `restricted`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from lab.addons.objects import namespace
from lab.network import NODE_IP
from lab.paths import LAB

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "sluice-system"
RELEASE = "sluice"
STORE_URL = f"http://{NODE_IP}:7480"
CHART = LAB.parent / "charts/sluice"
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
# On a busy node what serves clients and what protects them outweighs the evaluation, which may wait.
_VALUES = {
    "image": {"repository": "localhost/sluice-lab/operator", "tag": "dev"},
    "resources": {"requests": {"cpu": "100m", "memory": "192Mi"}, "limits": {"memory": "384Mi"}},
    # Whoever tests it runs an S3 server there, and makes the Secret.
    "stores": {"lab": {"endpoint": STORE_URL, "bucket": "sets", "secretName": "lab-store"}},
    "evaluation": {
        "image": {"repository": "localhost/sluice-lab/evaluation", "tag": "dev"},
        "resources": {"requests": {"cpu": "20m", "memory": "256Mi"}, "limits": {"memory": "2Gi"}},
    },
}


class Cluster(Protocol):
    """What is needed of a cluster: kubectl and helm as its administrator."""

    def kubectl(self, *args: str, stdin: str | None = None, timeout: float = 60) -> str:
        """Run kubectl and return what it prints."""
        ...

    def helm(self, *args: str, stdin: str | None = None, timeout: float = 300) -> str:
        """Run helm and return what it prints."""
        ...


def install(cluster: Cluster, *, settings: Sequence[str] = ()) -> None:
    """Install or upgrade the release and wait until the operator is ready; `settings` are helm's `key=value`."""
    space = namespace(NAMESPACE)
    space["metadata"]["labels"] = _RESTRICTED
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", stdin=json.dumps(space))
    chosen = [word for setting in settings for word in ("--set", setting)]
    wait = ("--wait", "--timeout=180s")
    arguments = ("upgrade", "--install", RELEASE, str(CHART), f"--namespace={NAMESPACE}", "--values=-")
    cluster.helm(*arguments, *chosen, *wait, stdin=json.dumps(_VALUES), timeout=240)


def installed(cluster: Cluster) -> bool:
    """Return whether the release is there."""
    return RELEASE in cluster.helm("list", f"--namespace={NAMESPACE}", "--short").split()
