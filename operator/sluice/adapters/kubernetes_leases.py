"""The Lease on the API server, for leader election."""

from collections.abc import Mapping
from typing import Any

from sluice.adapters.kubernetes_api import Api, path
from sluice.ports import Ref

COORDINATION = "coordination.k8s.io/v1"


class KubernetesLeases:
    """`ports.Leases`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def read(self, ref: Ref) -> Mapping[str, Any]:
        """Return a Lease. Raises NotFound, Unavailable."""
        return await self._api.get(path(COORDINATION, "leases", ref.namespace, ref.name))

    async def create(self, ref: Ref, spec: Mapping[str, Any]) -> None:
        """Create a Lease. Raises Conflict when another was faster."""
        await self._api.create(path(COORDINATION, "leases", ref.namespace), _manifest(ref, "", spec))

    async def replace(self, ref: Ref, resource_version: str, spec: Mapping[str, Any]) -> None:
        """Replace the Lease that was read. Raises Conflict when another was faster."""
        body = _manifest(ref, resource_version, spec)
        await self._api.replace(path(COORDINATION, "leases", ref.namespace, ref.name), body)


def _manifest(ref: Ref, resource_version: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    guard = {"resourceVersion": resource_version} if resource_version else {}
    metadata = {"name": ref.name, "namespace": ref.namespace, **guard}
    return {"apiVersion": COORDINATION, "kind": "Lease", "metadata": metadata, "spec": dict(spec)}
