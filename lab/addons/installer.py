"""Installing add-ons in parallel, each waited for with lines of progress."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lab.addons import istio, monitoring, registry
from lab.seldon_standin import manifests as standin
from lab.system import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lab.addons.objects import JsonObject

_READY_SECONDS = 180


class Cluster(Protocol):
    """What the installer needs of a cluster: kubectl as its administrator."""

    def kubectl(self, *args: str, stdin: str | None = None, timeout: float = 60) -> str:
        """Run kubectl and return what it prints."""
        ...


@dataclass(frozen=True)
class Addon:
    """One add-on: the objects to apply, and the namespace whose Deployments must become available."""

    name: str
    namespace: str
    manifests: Callable[[], Sequence[JsonObject]]


_ADDONS = (
    Addon("prometheus", monitoring.NAMESPACE, monitoring.manifests),
    Addon("mlflow", registry.NAMESPACE, registry.manifests),
    Addon("istio", istio.NAMESPACE, istio.manifests),
    Addon("seldon", standin.NAMESPACE, standin.manifests),
)
NAMES = tuple(addon.name for addon in _ADDONS)
_USES_ISTIO = frozenset({"istio", "seldon"})


def install(cluster: Cluster, progress: Callable[[str], None], *, only: Iterable[str] = NAMES) -> None:
    """Install the named add-ons and return when all are ready; installing again changes nothing."""
    wanted = set(only)
    if unknown := wanted - set(NAMES):
        raise LabError(f"no such add-on: {', '.join(sorted(unknown))}", f"choose from: {', '.join(NAMES)}")
    chosen = [addon for addon in _ADDONS if addon.name in wanted]
    with ThreadPoolExecutor(len(chosen) + 1) as pool:
        definitions = pool.submit(_define, cluster, progress) if wanted & _USES_ISTIO else None
        installs = [
            pool.submit(_install, cluster, addon, progress, definitions.result if definitions else None)
            for addon in chosen
        ]
        for done in installs:
            done.result()


def _define(cluster: Cluster, progress: Callable[[str], None]) -> None:
    apply(cluster, istio.definitions())
    cluster.kubectl(
        "wait", "crd", "virtualservices.networking.istio.io", "--for=condition=Established", "--timeout=30s"
    )
    progress("Istio's CRDs: established")


def _install(
    cluster: Cluster,
    addon: Addon,
    progress: Callable[[str], None],
    definitions: Callable[[], None] | None,
) -> None:
    began = time.monotonic()
    if definitions and addon.name in _USES_ISTIO:
        definitions()
    apply(cluster, addon.manifests())
    wait = [f"--namespace={addon.namespace}", "deployment", "--all", "--for=condition=Available"]
    cluster.kubectl("wait", *wait, f"--timeout={_READY_SECONDS}s", timeout=_READY_SECONDS + 10)
    progress(f"{addon.name}: ready after {time.monotonic() - began:.1f} s")


def apply(cluster: Cluster, objects: Sequence[JsonObject]) -> None:
    """Apply objects by server-side apply, in their order."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", stdin=text, timeout=120)
