"""Sluice's own objects on the API server: candidates, plans, pinned revisions, events."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sluice.adapters.kubernetes_api import Api, Json, path
from sluice.ports import Event, Ref, SluiceError

OWN = "sluice.dev/v1alpha1"
APPS = "apps/v1"
_COMPONENT = "sluice"


class KubernetesObjects:
    """`ports.Objects`: every read is a consistent read of the API server unless it says otherwise."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def candidate(self, ref: Ref) -> Mapping[str, Any]:
        """Return a ModelCandidate. Raises NotFound."""
        return await self._api.get(path(OWN, "modelcandidates", ref.namespace, ref.name))

    async def candidates(self, namespace: str, target: str = "", *, fresh: bool = True) -> Sequence[Mapping[str, Any]]:
        """Return the ModelCandidates of a namespace, or of one target in it: then the server does the selecting.

        Not `fresh`: from the cache that also feeds our watches, which spares the server a read of the namespace.
        """
        query = {"fieldSelector": f"spec.targetRef.name={target}"} if target else {}
        query |= {} if fresh else {"resourceVersion": "0"}
        return await self._api.items(path(OWN, "modelcandidates", namespace), **query)

    async def plan(self, ref: Ref) -> Mapping[str, Any]:
        """Return a RolloutPlan. Raises NotFound."""
        return await self._api.get(path(OWN, "rolloutplans", ref.namespace, ref.name))

    async def revision(self, ref: Ref) -> Mapping[str, Any]:
        """Return a ControllerRevision. Raises NotFound."""
        return await self._api.get(path(APPS, "controllerrevisions", ref.namespace, ref.name))

    async def create_revision(self, manifest: Mapping[str, Any]) -> None:
        """Create a ControllerRevision. Raises Conflict when the name is taken."""
        await self._api.create(path(APPS, "controllerrevisions", manifest["metadata"]["namespace"]), manifest)


class KubernetesCandidateWriter:
    """`ports.CandidateWriter`: the resourceVersion inside each write guards it; no two objects ever share one."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def write_status(self, ref: Ref, resource_version: str, status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Replace the status. Raises Conflict when the object changed, NotFound."""
        body = {
            "apiVersion": OWN,
            "kind": "ModelCandidate",
            "metadata": {"name": ref.name, "namespace": ref.namespace, "resourceVersion": resource_version},
            "status": dict(status),
        }
        return await self._api.replace(path(OWN, "modelcandidates", ref.namespace, ref.name, sub="status"), body)

    async def set_finalizers(self, ref: Ref, resource_version: str, finalizers: Sequence[str]) -> Mapping[str, Any]:
        """Replace the finalizers. Raises Conflict, NotFound."""
        metadata = {"resourceVersion": resource_version, "finalizers": list(finalizers)}
        return await self._api.merge(path(OWN, "modelcandidates", ref.namespace, ref.name), {"metadata": metadata})


class KubernetesEvents:
    """`ports.Events` as core/v1 Events."""

    def __init__(self, api: Api, *, instance: str = "") -> None:
        self._api = api
        self._instance = instance

    async def emit(self, regarding: Mapping[str, Any], event: Event) -> None:
        """Record an event about an object; losing one is not an error."""
        namespace = regarding["metadata"]["namespace"]
        try:
            await self._api.create(path("v1", "events", namespace), self._manifest(regarding, event))
        except SluiceError:
            return

    def _manifest(self, regarding: Mapping[str, Any], event: Event) -> Json:
        meta = regarding["metadata"]
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        second = now[:19] + "Z"
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"generateName": f"{meta['name'][:200]}.", "namespace": meta["namespace"]},
            "involvedObject": {
                "apiVersion": regarding.get("apiVersion", OWN),
                "kind": regarding.get("kind", "ModelCandidate"),
                **{key: meta[key] for key in ("name", "namespace", "uid", "resourceVersion") if key in meta},
            },
            "type": event.type,
            "reason": event.reason,
            "message": event.message[:1024],
            "action": event.reason,
            "eventTime": now,
            "firstTimestamp": second,
            "lastTimestamp": second,
            "count": 1,
            "source": {"component": _COMPONENT},
            "reportingComponent": _COMPONENT,
            "reportingInstance": self._instance or _COMPONENT,
        }
