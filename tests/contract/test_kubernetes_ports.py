"""Objects, candidate writes, Jobs, leases and events: the same cases on a real API server and in memory."""

import socket
from typing import Any

import pytest
from kubernetes.aio.client import ApiClient, Configuration

from sluice.adapters.kubernetes import KubernetesCandidateWriter, KubernetesEvents, KubernetesObjects
from sluice.adapters.kubernetes_api import Api
from sluice.adapters.kubernetes_leases import KubernetesLeases
from sluice.adapters.memory import MemoryLeases, MemoryObjects
from sluice.adapters.memory_clock import MemoryClock
from sluice.ports import (
    CandidateWriter,
    Conflict,
    Event,
    Leases,
    NotFound,
    Objects,
    Ref,
    SluiceError,
    Unavailable,
)
from tests.support import objects
from tests.support.apiserver import ApiServer
from tests.support.kubernetes_client import owned

OWN = "/apis/sluice.dev/v1alpha1"


class Stored:
    """Both ways to keep Sluice's own objects, and how a person puts things there."""

    def __init__(self, ports: Any, writer: CandidateWriter, namespace: str, server: ApiServer | None) -> None:
        self.objects: Objects = ports
        self.writer = writer
        self.namespace = namespace
        self._memory: MemoryObjects | None = ports if server is None else None
        self._server = server

    def ref(self, name: str, uid: str = "") -> Ref:
        return Ref(namespace=self.namespace, name=name, uid=uid)

    def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        manifest = {**manifest, "metadata": {**manifest["metadata"], "namespace": self.namespace}}
        if self._server is None:
            assert self._memory is not None
            return self._memory.create(manifest)
        plural = {"ModelCandidate": "modelcandidates", "RolloutPlan": "rolloutplans"}[manifest["kind"]]
        answer = self._server.create(f"{OWN}/namespaces/{self.namespace}/{plural}", manifest)
        assert answer.ok, answer.message
        return dict(answer.body)

    def delete(self, name: str) -> None:
        if self._server is None:
            assert self._memory is not None
            self._memory.delete("ModelCandidate", self.ref(name))
            return
        path = f"{OWN}/namespaces/{self.namespace}/modelcandidates/{name}"
        assert self._server.request("DELETE", path).ok


@pytest.fixture(params=["api server", "memory"])
def stored(request: pytest.FixtureRequest) -> Stored:
    if request.param == "memory":
        memory = MemoryObjects(MemoryClock())
        return Stored(memory, memory, "default", None)
    api, where = request.getfixturevalue("api"), request.getfixturevalue("namespace")
    server = request.getfixturevalue("server")
    return Stored(KubernetesObjects(api), KubernetesCandidateWriter(api), where, server)


STATUS = {"observedGeneration": 1, "phase": "Queued"}


def version(raw: Any) -> str:
    return str(raw["metadata"]["resourceVersion"])


async def test_candidates_and_plans_are_read_as_they_were_created(stored: Stored) -> None:
    stored.create(objects.candidate("a"))
    stored.create(objects.candidate("b"))
    stored.create(objects.plan("careful"))
    assert (await stored.objects.candidate(stored.ref("a")))["spec"]["model"]["version"] == "43"
    assert {raw["metadata"]["name"] for raw in await stored.objects.candidates(stored.namespace)} == {"a", "b"}
    assert (await stored.objects.plan(stored.ref("careful")))["spec"]["traffic"] is not None


async def test_the_candidates_of_one_target_are_selected_by_the_server(stored: Stored) -> None:
    stored.create(objects.candidate("a"))
    other = {**objects.candidate("b")["spec"]["targetRef"], "name": "other"}
    stored.create(objects.candidate("b", targetRef=other))
    found = await stored.objects.candidates(stored.namespace, "other")
    assert [raw["metadata"]["name"] for raw in found] == ["b"]
    watched = await stored.objects.candidates(stored.namespace, "other", fresh=False)
    assert {raw["metadata"]["name"] for raw in watched} <= {"b"}


async def test_what_is_not_there_is_not_found(stored: Stored) -> None:
    reads = (stored.objects.candidate, stored.objects.plan, stored.objects.revision)
    for read in reads:
        with pytest.raises(NotFound):
            await read(stored.ref("nobody"))
    with pytest.raises(NotFound):
        await stored.writer.write_status(stored.ref("nobody"), "1", STATUS)
    assert await stored.objects.candidates(stored.namespace) == []


async def test_a_status_is_written_whole_and_nothing_else_with_it(stored: Stored) -> None:
    raw = stored.create(objects.candidate("a"))
    written = await stored.writer.write_status(stored.ref("a"), version(raw), {**STATUS, "registryNoted": True})
    assert written["spec"] == (await stored.objects.candidate(stored.ref("a")))["spec"]
    again = await stored.writer.write_status(stored.ref("a"), version(written), STATUS)
    assert "registryNoted" not in again["status"] or again["status"]["registryNoted"] is False
    assert again["status"]["phase"] == "Queued"
    assert again["metadata"]["generation"] == 1


async def test_a_stale_write_of_the_status_is_a_conflict(stored: Stored) -> None:
    raw = stored.create(objects.candidate("a"))
    await stored.writer.write_status(stored.ref("a"), version(raw), STATUS)
    with pytest.raises(Conflict):
        await stored.writer.write_status(stored.ref("a"), version(raw), {**STATUS, "phase": "Promoted"})
    assert (await stored.objects.candidate(stored.ref("a")))["status"]["phase"] == "Queued"


async def test_a_write_to_another_object_of_the_same_name_is_a_conflict(stored: Stored) -> None:
    old = stored.create(objects.candidate("a"))
    stored.delete("a")
    stored.create(objects.candidate("a"))
    ref = stored.ref("a", uid=old["metadata"]["uid"])
    with pytest.raises(Conflict):
        await stored.writer.write_status(ref, version(old), STATUS)
    with pytest.raises(Conflict):
        await stored.writer.set_finalizers(ref, version(old), ["sluice.dev/traffic"])


async def test_finalizers_are_replaced_and_guarded(stored: Stored) -> None:
    raw = stored.create(objects.candidate("a"))
    ours = await stored.writer.set_finalizers(stored.ref("a", raw["metadata"]["uid"]), version(raw), ["sluice.dev/x"])
    assert ours["metadata"]["finalizers"] == ["sluice.dev/x"]
    with pytest.raises(Conflict):
        await stored.writer.set_finalizers(stored.ref("a"), version(raw), [])


async def test_a_deleted_candidate_stays_until_its_finalizer_is_taken_off(stored: Stored) -> None:
    raw = stored.create(objects.candidate("a"))
    await stored.writer.set_finalizers(stored.ref("a"), version(raw), ["sluice.dev/traffic"])
    stored.delete("a")
    deleting = await stored.objects.candidate(stored.ref("a"))
    assert "deletionTimestamp" in deleting["metadata"]
    await stored.writer.set_finalizers(stored.ref("a"), version(deleting), [])
    with pytest.raises(NotFound):
        await stored.objects.candidate(stored.ref("a"))


async def test_a_revision_is_created_once(stored: Stored) -> None:
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": owned("rev", stored.namespace),
        "revision": 3,
        "data": {"spec": objects.plan()["spec"]},
    }
    await stored.objects.create_revision(manifest)
    with pytest.raises(Conflict):
        await stored.objects.create_revision(manifest)
    found = await stored.objects.revision(stored.ref("rev"))
    assert (found["revision"], found["data"]) == (3, manifest["data"])


@pytest.fixture(params=["api server", "memory"])
def leases(request: pytest.FixtureRequest) -> tuple[Leases, Ref]:
    if request.param == "memory":
        return MemoryLeases(), Ref(namespace="default", name="lease")
    api, where = request.getfixturevalue("api"), request.getfixturevalue("namespace")
    return KubernetesLeases(api), Ref(namespace=where, name="lease")


async def test_a_lease_is_created_once_and_replaced_by_who_read_it_last(leases: tuple[Leases, Ref]) -> None:
    port, ref = leases
    with pytest.raises(NotFound):
        await port.read(ref)
    await port.create(ref, {"holderIdentity": "a", "leaseTransitions": 1})
    with pytest.raises(Conflict):
        await port.create(ref, {"holderIdentity": "b"})
    seen = (await port.read(ref))["metadata"]["resourceVersion"]
    await port.replace(ref, seen, {"holderIdentity": "b", "leaseTransitions": 2})
    with pytest.raises(Conflict):
        await port.replace(ref, seen, {"holderIdentity": "c"})
    assert (await port.read(ref))["spec"] == {"holderIdentity": "b", "leaseTransitions": 2}


async def test_an_event_is_there_for_kubectl_describe(api: Api, namespace: str, server: ApiServer) -> None:
    path = f"{OWN}/namespaces/{namespace}/modelcandidates"
    assert server.create(path, objects.candidate("a") | {"metadata": {"name": "a", "namespace": namespace}}).ok
    raw = await KubernetesObjects(api).candidate(Ref(namespace=namespace, name="a"))
    await KubernetesEvents(api).emit(raw, Event(type="Warning", reason="Breached", message="worse " * 1000))
    found = server.request("GET", f"/api/v1/namespaces/{namespace}/events").body["items"]
    assert [(one["type"], one["reason"], one["involvedObject"]["uid"]) for one in found] == [
        ("Warning", "Breached", raw["metadata"]["uid"])
    ]


async def test_an_event_that_cannot_be_written_is_no_error(api: Api) -> None:
    nowhere = {"metadata": {"name": "a", "namespace": "does-not-exist", "uid": "1"}}
    await KubernetesEvents(api).emit(nowhere, Event(type="Normal", reason="X", message="x"))


async def test_a_long_list_is_read_page_by_page(
    api: Api, namespace: str, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sluice.adapters.kubernetes_api.PAGE", 2)
    path = f"{OWN}/namespaces/{namespace}/modelcandidates"
    for name in ("a", "b", "c", "d", "e"):
        assert server.create(path, objects.candidate(name) | {"metadata": {"name": name}}).ok
    found = await KubernetesObjects(api).candidates(namespace)
    assert sorted(raw["metadata"]["name"] for raw in found) == ["a", "b", "c", "d", "e"]


async def test_a_server_that_does_not_answer_is_unavailable_in_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with ApiClient(Configuration(host=host)) as made:
            with pytest.raises(Unavailable, match="TimeoutError"):
                await Api(made, timeout=0.2).get("/api")
    async with ApiClient(Configuration(host=host)) as made:
        with pytest.raises(Unavailable, match="no answer"):
            await Api(made).get("/api")


async def test_every_write_passes_the_fence_and_no_read_does(client: ApiClient, namespace: str) -> None:
    def closed() -> None:
        raise SluiceError("closed")

    api = Api(client, fence=closed)
    path = f"{OWN}/namespaces/{namespace}/modelcandidates"
    assert await api.items(path) == []
    for write in (
        api.create(path, {}),
        api.replace(path, {}),
        api.merge(path, {}),
        api.patch(path, []),
        api.delete(path),
    ):
        with pytest.raises(SluiceError, match="closed"):
            await write
