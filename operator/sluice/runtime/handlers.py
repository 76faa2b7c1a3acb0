"""What kopf watches, and whom each event pokes. An event carries no truth: the reconcile reads everything anew.

Only `on.event` is used: kopf then writes nothing at all, no finalizer, no annotation, no progress. All handlers are
coroutines: kopf runs plain functions in threads, and the queue belongs to the loop.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import kopf
from typing_extensions import override

from sluice.core.naming import CANDIDATE_LABEL, GROUP, VERSION
from sluice.runtime.index import Index, Key

TARGET_LABEL = "seldon-deployment-id"
Poke = Callable[[Key], None]
Body = Mapping[str, Any]


def registry_of(index: Index, poke: Poke) -> kopf.OperatorRegistry:
    """Return the kopf registry with all watches."""
    registry = kopf.OperatorRegistry()
    kopf.on.login(registry=registry)(_login)
    _watch_own(registry, index, poke)
    _watch_children(registry, poke)
    _watch_targets(registry, index, poke)
    return registry


class NoDiffs(kopf.DiffBaseStorage):  # type: ignore[misc]
    """Keeps no object as it was: nobody asks for differences, and to copy each object of each event is work."""

    @override
    def build(self, *, body: kopf.Body, extra_fields: Iterable[object] | None = None) -> kopf.BodyEssence:
        """Return nothing of an object."""
        return kopf.BodyEssence()

    @override
    def fetch(self, *, body: kopf.Body) -> None:
        """Return that nothing is known of before."""

    @override
    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        """Store nothing."""


def settings(namespaces: Collection[str] = ()) -> kopf.OperatorSettings:
    """Return kopf's settings: alone, silent, and with the server filtering what we do not care about.

    With `namespaces` the operator has no rights outside them: looking for new kinds and namespaces is left out.
    """
    made = kopf.OperatorSettings()
    made.scanning.disabled = bool(namespaces)
    made.peering.standalone = True
    made.posting.enabled = False
    made.persistence.diffbase_storage = NoDiffs()
    made.watching.label_selectors["apps", "deployments"] = TARGET_LABEL
    made.watching.label_selectors["batch", "jobs"] = CANDIDATE_LABEL
    made.queueing.idle_timeout = 0.5  # a task for each object of the first list lasts so long: 25 MiB for 2,000
    made.watching.server_timeout = 300
    made.watching.connect_timeout = 10
    made.networking.request_timeout = 30
    made.process.ultimate_exiting_timeout = 20
    return made


def _login(**kwargs: Any) -> kopf.ConnectionInfo | None:  # noqa: ANN401 -- kopf's protocol
    return kopf.login_with_service_account(**kwargs) or kopf.login_with_kubeconfig(**kwargs)


def _watch_own(registry: kopf.OperatorRegistry, index: Index, poke: Poke) -> None:
    async def candidate(event: Body, **_: Any) -> None:  # noqa: ANN401
        concerned = index.forget if event["type"] == "DELETED" else index.note
        for key in concerned(event["object"]):
            poke(key)

    async def plan(namespace: str, name: str, **_: Any) -> None:  # noqa: ANN401
        for key in index.on_plan(namespace, name):
            poke(key)

    kopf.on.event(GROUP, VERSION, "modelcandidates", registry=registry)(candidate)
    kopf.on.event(GROUP, VERSION, "rolloutplans", registry=registry)(plan)


def _watch_children(registry: kopf.OperatorRegistry, poke: Poke) -> None:
    async def job(namespace: str, event: Body, **_: Any) -> None:  # noqa: ANN401
        for owner in event["object"]["metadata"].get("ownerReferences") or ():
            if owner.get("kind") == "ModelCandidate" and owner.get("controller"):
                poke(Key(namespace, owner["name"]))

    kopf.on.event("batch", "v1", "jobs", registry=registry)(job)


def _watch_targets(registry: kopf.OperatorRegistry, index: Index, poke: Poke) -> None:
    async def target(namespace: str, name: str, **_: Any) -> None:  # noqa: ANN401
        for key in index.on_target(namespace, name):
            poke(key)

    async def deployment(namespace: str, labels: Mapping[str, str], **_: Any) -> None:  # noqa: ANN401
        for key in index.on_target(namespace, labels.get(TARGET_LABEL, "")):
            poke(key)

    kopf.on.event("machinelearning.seldon.io", "seldondeployments", registry=registry)(target)
    kopf.on.event("networking.istio.io", "virtualservices", registry=registry)(target)
    kopf.on.event("apps", "v1", "deployments", registry=registry)(deployment)
