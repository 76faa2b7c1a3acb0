"""An API server in memory for Sluice's own objects: versions, conflicts, finalizers; with events and leases."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sluice.adapters.memory_json import copied
from sluice.ports import Conflict, Event, NotFound, Ref

Json = dict[str, Any]
_Key = tuple[str, str, str]


@dataclass
class MemoryObjects:
    """`ports.Objects` and `ports.CandidateWriter` over dictionaries. Every version of every object is kept."""

    clock: Callable[[], datetime]
    history: list[Json] = field(default_factory=list)
    _stored: dict[_Key, Json] = field(default_factory=dict)
    _versions: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _uids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def candidate(self, ref: Ref) -> Mapping[str, Any]:
        """Return a ModelCandidate. Raises NotFound."""
        return copied(self._get("ModelCandidate", ref))

    async def candidates(
        self,
        namespace: str,
        target: str = "",
        *,
        fresh: bool = True,  # noqa: ARG002 -- what is kept here is never stale
    ) -> Sequence[Mapping[str, Any]]:
        """Return the ModelCandidates of a namespace, or of one target in it."""
        found = [
            raw
            for (kind, where, _), raw in self._stored.items()
            if (kind, where) == ("ModelCandidate", namespace) and target in {"", raw["spec"]["targetRef"]["name"]}
        ]
        return copied(found)

    async def plan(self, ref: Ref) -> Mapping[str, Any]:
        """Return a RolloutPlan. Raises NotFound."""
        return copied(self._get("RolloutPlan", ref))

    async def revision(self, ref: Ref) -> Mapping[str, Any]:
        """Return a ControllerRevision. Raises NotFound."""
        return copied(self._get("ControllerRevision", ref))

    async def create_revision(self, manifest: Mapping[str, Any]) -> None:
        """Create a ControllerRevision. Raises Conflict when the name is taken."""
        self.create(manifest)

    async def write_status(self, ref: Ref, resource_version: str, status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Replace the status. Raises Conflict when the object changed, NotFound."""
        raw = self._guarded(ref, resource_version)
        return self._put({**raw, "status": copied(dict(status))})

    async def set_finalizers(self, ref: Ref, resource_version: str, finalizers: Sequence[str]) -> Mapping[str, Any]:
        """Replace the finalizers; an object that is being deleted goes with its last one. Raises Conflict, NotFound."""
        raw = self._guarded(ref, resource_version)
        raw["metadata"]["finalizers"] = list(finalizers)
        stored = self._put(raw)
        if not finalizers and "deletionTimestamp" in raw["metadata"]:
            del self._stored[_key(raw)]
        return stored

    def create(self, manifest: Mapping[str, Any]) -> Json:
        """Create an object as a person would. Raises Conflict when the name is taken."""
        raw = copied(dict(manifest))
        if _key(raw) in self._stored:
            raise Conflict(f"{raw['kind']} {raw['metadata']['name']} exists", reason="AlreadyExists")
        uid = f"{raw['kind'].lower()}-{raw['metadata']['name']}-{next(self._uids):04d}"
        made = {"uid": uid, "generation": 1, "creationTimestamp": self._time()}
        raw["metadata"] = {**raw["metadata"], **made}
        return self._put(raw)

    def edit(self, kind: str, ref: Ref, **spec: object) -> Json:
        """Change fields of an object's spec as a person would: its generation rises. Raises NotFound."""
        raw = copied(self._get(kind, ref))
        raw["spec"] = {**raw["spec"], **spec}
        raw["metadata"]["generation"] += 1
        return self._put(raw)

    def delete(self, kind: str, ref: Ref) -> None:
        """Delete an object as a person would: it stays while it has finalizers. Raises NotFound."""
        raw = copied(self._get(kind, ref))
        if raw["metadata"].get("finalizers"):
            raw["metadata"]["deletionTimestamp"] = self._time()
            raw["metadata"]["generation"] += 1
            self._put(raw)
        else:
            del self._stored[_key(raw)]

    def _get(self, kind: str, ref: Ref) -> Json:
        raw = self._stored.get((kind, ref.namespace, ref.name))
        if raw is None:
            raise NotFound(f"{kind} {ref.name} not found")
        return raw

    def _guarded(self, ref: Ref, resource_version: str) -> Json:
        raw = copied(self._get("ModelCandidate", ref))
        if raw["metadata"]["resourceVersion"] != resource_version or ref.uid not in ("", raw["metadata"]["uid"]):
            raise Conflict(f"ModelCandidate {ref.name} changed since it was read")
        return raw

    def _put(self, raw: Json) -> Json:
        raw["metadata"]["resourceVersion"] = str(next(self._versions))
        self._stored[_key(raw)] = raw
        self.history.append(copied(raw))
        return copied(raw)

    def _time(self) -> str:
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")


def _key(raw: Mapping[str, Any]) -> _Key:
    return raw["kind"], raw["metadata"]["namespace"], raw["metadata"]["name"]


@dataclass
class MemoryEvents:
    """`ports.Events` as a list of (object's name, event)."""

    emitted: list[tuple[str, Event]] = field(default_factory=list)

    async def emit(self, regarding: Mapping[str, Any], event: Event) -> None:
        """Record an event about an object."""
        self.emitted.append((regarding["metadata"]["name"], event))


@dataclass
class MemoryLeases:
    """`ports.Leases`. Set `problem` to have it raised by every call."""

    problem: Exception | None = None
    _stored: dict[tuple[str, str], Json] = field(default_factory=dict)

    async def read(self, ref: Ref) -> Mapping[str, Any]:
        """Return a Lease. Raises NotFound, Unavailable."""
        self._fail()
        if (ref.namespace, ref.name) not in self._stored:
            raise NotFound(f"Lease {ref.name} not found")
        return copied(self._stored[ref.namespace, ref.name])

    async def create(self, ref: Ref, spec: Mapping[str, Any]) -> None:
        """Create a Lease. Raises Conflict when another was faster."""
        self._fail()
        if (ref.namespace, ref.name) in self._stored:
            raise Conflict(f"Lease {ref.name} exists")
        self._stored[ref.namespace, ref.name] = {"metadata": {"resourceVersion": "1"}, "spec": dict(spec)}

    async def replace(self, ref: Ref, resource_version: str, spec: Mapping[str, Any]) -> None:
        """Replace the Lease that was read. Raises Conflict when another was faster."""
        found = await self.read(ref)
        if found["metadata"]["resourceVersion"] != resource_version:
            raise Conflict(f"Lease {ref.name} changed since it was read")
        version = str(int(resource_version) + 1)
        self._stored[ref.namespace, ref.name] = {"metadata": {"resourceVersion": version}, "spec": dict(spec)}

    def _fail(self) -> None:
        if self.problem:
            raise self.problem
