"""Evaluation Jobs on the API server: created once, read with their pod's last words, deleted by UID."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sluice.adapters.kubernetes_api import Api, Json, path
from sluice.core.naming import owner_uid
from sluice.ports import Conflict, JobView, Ref, Rejected

BATCH = "batch/v1"
NETWORKING = "networking.k8s.io/v1"
MESSAGE_LIMIT = 4096
_SHOWN = 400
_FAILED = ("Failed", "FailureTarget")
"""The second says that the Job will fail; the first never comes while a pod of it is left on a node that is gone."""
_ENDED = frozenset({"Failed", "Succeeded"})
_LOST = "PodLost"
_STUCK = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RegistryUnavailable",
        "RunContainerError",
        "SignatureValidationFailed",
    }
)
"""Reasons of a waiting container that more patience seldom cures. Source: the kubelet's `images` and `kuberuntime`."""


class KubernetesJobs:
    """`ports.Jobs`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def job(self, ref: Ref) -> JobView:
        """Return a Job and its newest pod's last words. Raises NotFound."""
        raw = await self._api.get(path(BATCH, "jobs", ref.namespace, ref.name))
        uid = raw["metadata"]["uid"]
        selector = f"batch.kubernetes.io/controller-uid={uid}"
        pods = await self._api.items(path("v1", "pods", ref.namespace), labelSelector=selector)
        return job_view(raw, newest_pod(pods, uid))

    async def create_job(self, job: Mapping[str, Any], config: Mapping[str, Any], network: Mapping[str, Any]) -> None:
        """Create the NetworkPolicy, the ConfigMap, then the Job. Raises Conflict, Rejected."""
        namespace = job["metadata"]["namespace"]
        await self._create_once(path(NETWORKING, "networkpolicies", namespace), network, "spec")
        await self._create_once(path("v1", "configmaps", namespace), config, "data")
        await self._api.create(path(BATCH, "jobs", namespace), job)

    async def delete_job(self, ref: Ref) -> None:
        """Delete the Job (if its UID is `ref.uid`) with its pods; absent is fine."""
        await self._api.delete(path(BATCH, "jobs", ref.namespace, ref.name), uid=ref.uid)

    async def _create_once(self, collection: str, wanted: Mapping[str, Any], content: str) -> None:
        """Create an object. One of that name is accepted only when it is ours and says the same: a crash left it."""
        kind, name = wanted["kind"], wanted["metadata"]["name"]
        try:
            await self._api.create(collection, wanted)
        except Conflict:
            found = await self._api.get(f"{collection}/{name}")
            if owner_uid(found) != owner_uid(wanted):
                raise Rejected(f"{kind} {name} exists and is not ours: delete it") from None
            if found.get(content) != wanted[content]:
                raise Rejected(f"{kind} {name} exists and says otherwise than the candidate: delete it") from None


def newest_pod(pods: list[Json], job_uid: str) -> Json:
    """Return the newest pod that this Job owns, by UID, or {}."""
    mine = [pod for pod in pods if owner_uid(pod) == job_uid]
    return max(mine, key=lambda pod: str(pod["metadata"].get("creationTimestamp")), default={})


def job_view(raw: Json, pod: Json) -> JobView:
    """Return the Job in our words."""
    status = raw.get("status") or {}
    true = {item.get("type"): item for item in status.get("conditions") or () if item.get("status") == "True"}
    end: Json = next((true[kind] for kind in _FAILED if kind in true), {})
    succeeded, failed = "Complete" in true, bool(end)
    return JobView(
        name=raw["metadata"]["name"],
        uid=raw["metadata"]["uid"],
        owner_uid=owner_uid(raw),
        active=not (succeeded or failed),
        succeeded=succeeded,
        failed=failed,
        failure="" if succeeded else _failure(pod, str(end.get("reason") or "")),
        started=datetime.fromisoformat(status["startTime"]) if status.get("startTime") else None,
        waiting="" if succeeded or failed else _waiting(pod),
        stuck="" if succeeded or failed else str(_stuck(pod).get("reason") or ""),
        termination_message=_last_words(pod),
    )


def _waiting(pod: Json) -> str:
    """Return why a pod does not run yet; nothing while it is only slow."""
    status = pod.get("status") or {}
    for condition in status.get("conditions") or ():
        if (condition.get("type"), condition.get("status")) == ("PodScheduled", "False"):
            return f"{condition.get('reason')}: {condition.get('message')}"[:_SHOWN]
    if _is_lost(status):
        return f"{_LOST}: the last one is to leave its node and has not ended"
    stuck = _stuck(pod)
    return ": ".join(str(stuck[part]) for part in ("reason", "message") if stuck.get(part))[:_SHOWN]


def _stuck(pod: Json) -> Json:
    """Return the state of a container that cannot be created, or {}."""
    waits = [state.get("waiting") or {} for state in _states(pod.get("status") or {})]
    return next((wait for wait in waits if wait.get("reason") in _STUCK), {})


def _failure(pod: Json, job_reason: str) -> str:
    """Return the most telling reason: the pod's own word, else the Job's, else what keeps the pod waiting."""
    status = pod.get("status") or {}
    evicted = str(status.get("reason") or "")
    if job_reason == "DeadlineExceeded":
        return _LOST if _is_lost(status) else job_reason
    for state in _states(status):
        ended = state.get("terminated") or {}
        if ended.get("reason") == "OOMKilled":
            return "OOMKilled"
        waiting = str((state.get("waiting") or {}).get("reason") or "")
        if waiting in _STUCK:
            return waiting
    return evicted or job_reason


def _is_lost(status: Json) -> bool:
    """Say whether a pod was taken from its node and never ended: no other takes its place before it does."""
    taken = [one.get("status") for one in status.get("conditions") or () if one.get("type") == "DisruptionTarget"]
    return "True" in taken and status.get("phase") not in _ENDED


def _last_words(pod: Json) -> str:
    for state in _states(pod.get("status") or {}):
        message = (state.get("terminated") or {}).get("message")
        if message:
            return str(message)[:MESSAGE_LIMIT]
    return ""


def _states(status: Json) -> Iterator[Json]:
    for container in status.get("containerStatuses") or []:
        yield container.get("state") or {}
        yield container.get("lastState") or {}
