"""Evaluation Jobs in memory; a test plays the Job controller with `begin`, `finish` and `fail`."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sluice.core.naming import owner_uid
from sluice.ports import Conflict, JobView, NotFound, Ref

_Key = tuple[str, str]


@dataclass
class MemoryJobs:
    """`ports.Jobs`. `created` is every Job ever made, in order; `configs` and `networks` are by (namespace, name)."""

    configs: dict[_Key, Mapping[str, Any]] = field(default_factory=dict)
    networks: dict[_Key, Mapping[str, Any]] = field(default_factory=dict)
    created: list[Mapping[str, Any]] = field(default_factory=list)
    _views: dict[_Key, JobView] = field(default_factory=dict)

    async def job(self, ref: Ref) -> JobView:
        """Return a Job and its newest pod's last words. Raises NotFound."""
        if (ref.namespace, ref.name) not in self._views:
            raise NotFound(f"Job {ref.name} not found")
        return self._views[ref.namespace, ref.name]

    async def create_job(self, job: Mapping[str, Any], config: Mapping[str, Any], network: Mapping[str, Any]) -> None:
        """Create the NetworkPolicy, the ConfigMap, then the Job. Raises Conflict."""
        key = _key(job)
        self.networks.setdefault(_key(network), deepcopy(dict(network)))
        self.configs.setdefault(_key(config), deepcopy(dict(config)))
        if key in self._views:
            raise Conflict(f"Job {key[1]} exists", reason="AlreadyExists")
        self.created.append(deepcopy(dict(job)))
        uid = f"job-{len(self.created):04d}"
        self._views[key] = JobView(
            name=key[1], uid=uid, owner_uid=owner_uid(job), active=True, succeeded=False, failed=False
        )

    async def delete_job(self, ref: Ref) -> None:
        """Delete the Job (if its UID is `ref.uid`) with its pods; absent is fine."""
        found = self._views.get((ref.namespace, ref.name))
        if found is not None and ref.uid in ("", found.uid):
            del self._views[ref.namespace, ref.name]

    def begin(self, ref: Ref, now: datetime) -> None:
        """Take a Job up: its deadline counts from now on."""
        key = (ref.namespace, ref.name)
        self._views[key] = replace(self._views[key], started=now)

    def finish(self, ref: Ref, message: str) -> None:
        """End a Job well, with these last words."""
        self._end(ref, succeeded=True, termination_message=message)

    def fail(self, ref: Ref, failure: str, message: str = "") -> None:
        """End a Job badly."""
        self._end(ref, failed=True, failure=failure, termination_message=message)

    def stall(self, ref: Ref, reason: str) -> None:
        """Keep a Job's container from being created, for the kubelet's reason; an empty one lets it run."""
        key = (ref.namespace, ref.name)
        self._views[key] = replace(self._views[key], waiting=reason, stuck=reason)

    def running(self) -> list[Ref]:
        """Return the Jobs that have not ended."""
        return [Ref(namespace=ns, name=view.name, uid=view.uid) for (ns, _), view in self._views.items() if view.active]

    def _end(self, ref: Ref, **outcome: Any) -> None:  # noqa: ANN401 -- fields of JobView
        key = (ref.namespace, ref.name)
        self._views[key] = replace(self._views[key], active=False, waiting="", stuck="", **outcome)


def _key(raw: Mapping[str, Any]) -> _Key:
    return raw["metadata"]["namespace"], raw["metadata"]["name"]
