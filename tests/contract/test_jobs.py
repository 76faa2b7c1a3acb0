"""Evaluation Jobs: the same cases on a real API server, the test playing the Job controller, and in memory."""

from datetime import datetime
from typing import Any

import pytest

from sluice.adapters.kubernetes_api import Api
from sluice.adapters.kubernetes_jobs import KubernetesJobs
from sluice.adapters.memory_jobs import MemoryJobs
from sluice.core.manifests.network import evaluation_network
from sluice.ports import Conflict, Jobs, JobView, NotFound, Ref, Rejected
from tests.support.apiserver import ApiServer
from tests.support.kubernetes_client import owned
from tests.support.networks import EVERY_SHAPE, called


class Worked:
    """Both kinds of Jobs, and how a test plays the Job controller."""

    def __init__(self, jobs: Jobs, namespace: str, server: ApiServer | None) -> None:
        self.jobs = jobs
        self.namespace = namespace
        self._server = server

    def ref(self, uid: str = "", name: str = "job") -> Ref:
        return Ref(namespace=self.namespace, name=name, uid=uid)

    def manifests(self, data: str = "{}", owner: str = "uid-of-a", network: Any = None) -> tuple[dict[str, Any], ...]:
        metadata = owned("job", self.namespace)
        metadata["ownerReferences"][0]["uid"] = owner
        container = {"name": "evaluate", "image": "evaluation"}
        template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template}}
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"spec.json": data}}
        policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata}
        return job, config, policy | {"spec": OPEN | (network or {})}

    async def end(self, view: JobView, *, well: bool, message: str, reason: str = "") -> None:
        """Have the Job end, its pod saying these words."""
        if self._server is None:
            assert isinstance(self.jobs, MemoryJobs)
            end = self.jobs.finish if well else lambda ref, text: self.jobs.fail(ref, reason, text)
            end(self.ref(), message)
            return
        self._pod(view, _ended(message))
        self._conclude(well=well, reason=reason)

    async def begin(self) -> None:
        """Have the Job taken up at noon."""
        if self._server is None:
            assert isinstance(self.jobs, MemoryJobs)
            self.jobs.begin(self.ref(), datetime.fromisoformat(NOON))
            return
        self._write()

    async def fail_late(self, *, whole: bool = True) -> None:
        """Have the Job reach its deadline, its pod as it is; not `whole`: it fails only once that pod ends."""
        if self._server is None:
            assert isinstance(self.jobs, MemoryJobs)
            self.jobs.fail(self.ref(), "DeadlineExceeded")
        elif whole:
            self._conclude(well=False, reason="DeadlineExceeded")
        else:
            self._write(conditions=[_condition("FailureTarget", "DeadlineExceeded")])

    def _conclude(self, *, well: bool, reason: str) -> None:
        ends = ("SuccessCriteriaMet", "Complete") if well else ("FailureTarget", "Failed")
        counts = {"succeeded": 1, "completionTime": NOON} if well else {"failed": 1}
        self._write(conditions=[_condition(kind, reason) for kind in ends], **counts)

    def _write(self, **status: Any) -> None:
        """Write the Job's status, as its controller does."""
        assert self._server is not None
        path = f"/apis/batch/v1/namespaces/{self.namespace}/jobs/job/status"
        body = {"status": {"startTime": NOON, "uncountedTerminatedPods": {}, **status}}
        answer = self._server.request("PATCH", path, body, headers=MERGE)
        assert answer.ok, answer.message

    async def stall(self, view: JobView, reason: str) -> None:
        """Have the kubelet fail to create the container of the Job's pod, for this reason."""
        if self._server is None:
            assert isinstance(self.jobs, MemoryJobs)
            self.jobs.stall(self.ref(), reason)
            return
        self._pod(view, {"waiting": {"reason": reason}})

    def forge(self, view: JobView, message: str) -> None:
        """Have a pod with the Job's labels, owned by something else, say these words later."""
        self._pod(view, _ended(message), owner="another", name="forged")

    def leave(self, kind: str, **other: Any) -> None:
        """Leave one of the Job's manifests, as a crash would."""
        assert self._server is not None
        number, group, plural = LEFT[kind]
        made = self._server.create(f"{group}/namespaces/{self.namespace}/{plural}", self.manifests(**other)[number])
        assert made.ok, made.message

    def _pod(self, view: JobView, state: dict[str, Any], owner: str = "", name: str = "pod") -> None:
        assert self._server is not None
        reference = {"apiVersion": "batch/v1", "kind": "Job", "name": "job", "uid": owner or view.uid}
        metadata = {
            "name": name,
            "labels": {"batch.kubernetes.io/controller-uid": view.uid},
            "ownerReferences": [{**reference, "controller": True}],
        }
        spec = {"restartPolicy": "Never", "containers": [{"name": "evaluate", "image": "evaluation"}]}
        path = f"/api/v1/namespaces/{self.namespace}/pods"
        made = self._server.create(path, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        assert made.ok, made.message
        container = {"name": "evaluate", "image": "evaluation", "imageID": "", "ready": False, "restartCount": 0}
        status = {"status": {"containerStatuses": [{**container, "state": state}]}}
        answer = self._server.request("PATCH", f"{path}/{name}/status", status, headers=MERGE)
        assert answer.ok, answer.message


def _condition(kind: str, reason: str) -> dict[str, str]:
    return {"type": kind, "lastProbeTime": NOON, "lastTransitionTime": NOON, "status": "True", "reason": reason}


def _ended(message: str) -> dict[str, Any]:
    return {"terminated": {"exitCode": 0, "message": message}}


LEFT = {
    "NetworkPolicy": (2, "/apis/networking.k8s.io/v1", "networkpolicies"),
    "ConfigMap": (1, "/api/v1", "configmaps"),
}
"""What is made before the Job: its place among the manifests, and its collection."""
MERGE = {"Content-Type": "application/merge-patch+json"}
OPEN = {
    "podSelector": {"matchLabels": {"batch.kubernetes.io/job-name": "job"}},
    "policyTypes": ["Ingress", "Egress"],
    "egress": [{"ports": [{"protocol": "TCP", "port": 5000}]}],
}
NOON = "2026-01-01T12:00:00Z"


@pytest.fixture(params=["api server", "memory"])
def worked(request: pytest.FixtureRequest) -> Worked:
    if request.param == "memory":
        return Worked(MemoryJobs(), "default", None)
    api, where = request.getfixturevalue("api"), request.getfixturevalue("namespace")
    return Worked(KubernetesJobs(api), where, request.getfixturevalue("server"))


@pytest.fixture
def real(api: Api, namespace: str, server: ApiServer) -> Worked:
    return Worked(KubernetesJobs(api), namespace, server)


async def test_a_job_is_created_once_with_its_input(worked: Worked) -> None:
    await worked.jobs.create_job(*worked.manifests())
    with pytest.raises(Conflict):
        await worked.jobs.create_job(*worked.manifests())
    view = await worked.jobs.job(worked.ref())
    assert (view.name, view.owner_uid, view.active, view.failure) == ("job", "uid-of-a", True, "")


async def test_a_job_that_ended_well_has_last_words(worked: Worked) -> None:
    await worked.jobs.create_job(*worked.manifests())
    await worked.end(await worked.jobs.job(worked.ref()), well=True, message='{"runId": "1"}')
    view = await worked.jobs.job(worked.ref())
    assert (view.active, view.succeeded, view.failed, view.termination_message) == (
        False,
        True,
        False,
        '{"runId": "1"}',
    )


async def test_a_job_that_failed_says_why(worked: Worked) -> None:
    await worked.jobs.create_job(*worked.manifests())
    await worked.end(await worked.jobs.job(worked.ref()), well=False, message="", reason="DeadlineExceeded")
    view = await worked.jobs.job(worked.ref())
    assert (view.active, view.succeeded, view.failed, view.failure) == (False, False, True, "DeadlineExceeded")


async def test_a_job_that_will_fail_has_failed_whatever_becomes_of_its_pod(worked: Worked) -> None:
    await worked.jobs.create_job(*worked.manifests())
    await worked.fail_late(whole=False)
    view = await worked.jobs.job(worked.ref())
    assert (view.active, view.succeeded, view.failed, view.failure) == (False, False, True, "DeadlineExceeded")


async def test_a_job_says_since_when_its_deadline_counts(worked: Worked) -> None:
    await worked.jobs.create_job(*worked.manifests())
    assert (await worked.jobs.job(worked.ref())).started is None
    await worked.begin()
    view = await worked.jobs.job(worked.ref())
    assert (view.active, view.started) == (True, datetime.fromisoformat(NOON))


async def test_a_job_whose_container_cannot_be_created_is_stuck(worked: Worked) -> None:
    await worked.jobs.create_job(*worked.manifests())
    await worked.stall(await worked.jobs.job(worked.ref()), "ImagePullBackOff")
    view = await worked.jobs.job(worked.ref())
    assert (view.active, view.waiting, view.stuck) == (True, "ImagePullBackOff", "ImagePullBackOff")


async def test_a_job_that_ended_is_not_stuck(worked: Worked) -> None:
    await worked.jobs.create_job(*worked.manifests())
    await worked.stall(await worked.jobs.job(worked.ref()), "ImagePullBackOff")
    await worked.fail_late()
    view = await worked.jobs.job(worked.ref())
    assert (view.active, view.failure, view.stuck) == (False, "DeadlineExceeded", "")


async def test_a_job_is_deleted_by_its_uid_and_absence_is_fine(worked: Worked) -> None:
    await worked.jobs.create_job(*worked.manifests())
    view = await worked.jobs.job(worked.ref())
    await worked.jobs.delete_job(worked.ref(uid="another"))
    assert (await worked.jobs.job(worked.ref())).uid == view.uid
    await worked.jobs.delete_job(worked.ref(uid=view.uid))
    await worked.jobs.delete_job(worked.ref(uid=view.uid))
    with pytest.raises(NotFound):
        await worked.jobs.job(worked.ref())


async def test_words_of_a_pod_that_the_job_does_not_own_are_not_heard(real: Worked) -> None:
    await real.jobs.create_job(*real.manifests())
    view = await real.jobs.job(real.ref())
    real.forge(view, "lies")
    await real.end(view, well=True, message="truth")
    assert (await real.jobs.job(real.ref())).termination_message == "truth"


@pytest.mark.parametrize(
    ("kind", "other", "says"),
    [
        pytest.param("ConfigMap", {"data": "other"}, "says otherwise", id="other input"),
        pytest.param("ConfigMap", {"owner": "another"}, "not ours", id="input of another owner"),
        pytest.param("NetworkPolicy", {"network": {"egress": [{}]}}, "says otherwise", id="a policy that opens all"),
        pytest.param("NetworkPolicy", {"owner": "another"}, "not ours", id="a policy of another owner"),
    ],
)
async def test_what_is_not_ours_is_refused_and_no_job_is_made(
    real: Worked, kind: str, other: dict[str, Any], says: str
) -> None:
    real.leave(kind, **other)
    with pytest.raises(Rejected, match=f"{kind} job exists and .*{says}.*: delete it"):
        await real.jobs.create_job(*real.manifests())
    with pytest.raises(NotFound):
        await real.jobs.job(real.ref())


async def test_what_a_crash_left_is_used(real: Worked) -> None:
    for kind in LEFT:
        real.leave(kind)
    await real.jobs.create_job(*real.manifests())
    assert (await real.jobs.job(real.ref())).active


async def test_a_policy_of_every_shape_is_stored_as_it_is_written(real: Worked) -> None:
    policy = evaluation_network(*called(*EVERY_SHAPE))["spec"]
    real.leave("NetworkPolicy", network=policy)
    await real.jobs.create_job(*real.manifests(network=policy))
    assert (await real.jobs.job(real.ref())).active
