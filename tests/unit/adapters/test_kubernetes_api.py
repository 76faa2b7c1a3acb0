"""The API server's refusals in our words, and what a Job's objects say."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from kubernetes.aio.config import kube_config

from sluice.adapters.kubernetes_api import Api, connect, error_of, path, proxy_for
from sluice.adapters.kubernetes_jobs import job_view, newest_pod
from sluice.ports import Conflict, JobView, NotFound, Rejected, SluiceError, Unavailable


def status(code: int, message: str = "no", reason: str = "Because") -> bytes:
    return json.dumps({"kind": "Status", "code": code, "message": message, "reason": reason}).encode()


@pytest.mark.parametrize(
    ("code", "body", "want"),
    [
        pytest.param(404, status(404), NotFound, id="404 is not there"),
        pytest.param(409, status(409), Conflict, id="409 changed meanwhile, or exists"),
        pytest.param(410, status(410), Conflict, id="410 the list moved on under its token"),
        pytest.param(400, status(400), Rejected, id="400 is a no"),
        pytest.param(403, status(403), Rejected, id="403 is a no"),
        pytest.param(413, status(413), Rejected, id="413 is too big"),
        pytest.param(422, status(422), Rejected, id="422 is invalid"),
        pytest.param(401, status(401), Unavailable, id="401 may be a token that is renewed in a moment"),
        pytest.param(429, status(429), Unavailable, id="429 is asked to wait"),
        pytest.param(500, status(500), Unavailable, id="500 is also a webhook that is down"),
        pytest.param(503, b"<html>busy</html>", Unavailable, id="503 from something in between"),
        pytest.param(403, b"[]", Rejected, id="a body that is no status"),
    ],
)
def test_errors(code: int, body: bytes, want: type[SluiceError]) -> None:
    assert type(error_of(code, body)) is want


def test_an_error_carries_the_servers_word_and_a_bounded_printable_message() -> None:
    error = error_of(422, status(422, "bad\n\x1b[31m" + "x" * 9999, "Invalid"))
    assert error.reason == "Invalid"
    assert str(error) == ("bad  [31m" + "x" * 9999)[:400]


def test_a_body_that_is_not_the_servers_is_not_echoed() -> None:
    assert str(error_of(502, b"<html>secret</html>")) == "HTTP 502"


@pytest.mark.parametrize(
    ("parts", "want"),
    [
        pytest.param(("v1", "pods", "n"), "/api/v1/namespaces/n/pods", id="core"),
        pytest.param(("apps/v1", "deployments", "n", "d"), "/apis/apps/v1/namespaces/n/deployments/d", id="a group"),
        pytest.param(("v1", "pods", "n", "../secrets"), "/api/v1/namespaces/n/pods/..%2Fsecrets", id="a hostile name"),
    ],
)
def test_paths(parts: tuple[str, ...], want: str) -> None:
    assert path(*parts) == want


@pytest.mark.parametrize(
    ("variables", "want"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128", id="one for the scheme"),
        pytest.param({"HTTP_PROXY": "http://proxy:3128"}, None, id="one for another scheme"),
        pytest.param({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.1"}, None, id="not for this server"),
        pytest.param({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "x"}, "http://proxy:3128", id="not for others"),
    ],
)
def test_the_environments_proxy(variables: dict[str, str], want: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for("https://10.0.0.1:443") == want


async def test_no_request_carries_what_a_netrc_file_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(request: web.Request) -> web.Response:
        return web.json_response({"authorization": request.headers.get("Authorization", "")})

    app = web.Application()
    app.router.add_get("/api", told)
    async with TestServer(app) as server:
        cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.port}"}}
        context = {"name": "c", "context": {"cluster": "c", "user": "c"}}
        kubeconfig, netrc = tmp_path / "kubeconfig", tmp_path / "netrc"
        known = {"clusters": [cluster], "contexts": [context], "users": [{"name": "c", "user": {}}]}
        kubeconfig.write_text(json.dumps({"current-context": "c", **known}), encoding="utf-8")
        netrc.write_text("machine 127.0.0.1 login somebody password secret", encoding="utf-8")
        netrc.chmod(0o600)
        monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(kubeconfig))
        monkeypatch.setenv("NETRC", str(netrc))
        async with await connect() as client:
            assert await Api(client).get("/api") == {"authorization": ""}


def job(*conditions: dict[str, str]) -> dict[str, Any]:
    owner = {"uid": "candidate", "controller": True}
    return {"metadata": {"name": "j", "uid": "u", "ownerReferences": [owner]}, "status": {"conditions": conditions}}


def pod(name: str = "p", owner: str = "u", created: str = "1", **status: Any) -> dict[str, Any]:
    owners = [{"uid": owner, "controller": True}]
    return {"metadata": {"name": name, "ownerReferences": owners, "creationTimestamp": created}, "status": status}


def state(**state: Any) -> list[dict[str, Any]]:
    return [{"state": state}]


FAILED = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}
LATE = {"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}
WILL_FAIL = LATE | {"type": "FailureTarget"}
TAKEN = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager"}
DONE = {"type": "Complete", "status": "True"}


@pytest.mark.parametrize(
    ("raw", "its_pod", "want"),
    [
        pytest.param(job(), {}, ("active", "", ""), id="just created"),
        pytest.param(job({"type": "Suspended", "status": "True"}), {}, ("active", "", ""), id="suspended"),
        pytest.param(
            job(),
            pod(containerStatuses=state(waiting={"reason": "ErrImagePull"})),
            ("active", "ErrImagePull", ""),
            id="stuck",
        ),
        pytest.param(
            job(DONE), pod(containerStatuses=state(terminated={"message": "{}"})), ("succeeded", "", "{}"), id="done"
        ),
        pytest.param(job(FAILED), {}, ("failed", "BackoffLimitExceeded", ""), id="its pod is gone"),
        pytest.param(job(FAILED), pod(reason="Evicted"), ("failed", "Evicted", ""), id="evicted"),
        pytest.param(
            job(FAILED),
            pod(containerStatuses=state(terminated={"reason": "OOMKilled"})),
            ("failed", "OOMKilled", ""),
            id="out of memory",
        ),
        pytest.param(job(WILL_FAIL), pod(phase="Running"), ("failed", "DeadlineExceeded", ""), id="it will fail"),
        pytest.param(
            job(WILL_FAIL),
            pod(phase="Running", conditions=[TAKEN]),
            ("failed", "PodLost", ""),
            id="it will fail once a pod ends that is on a node that is gone",
        ),
        pytest.param(
            job(LATE),
            pod(phase="Failed", conditions=[TAKEN]),
            ("failed", "DeadlineExceeded", ""),
            id="too late, and the pod that was taken has ended",
        ),
        pytest.param(job(DONE, WILL_FAIL | {"status": "False"}), {}, ("succeeded", "", ""), id="it will not fail"),
        pytest.param(
            job(LATE),
            pod(containerStatuses=state(waiting={"reason": "ImagePullBackOff"})),
            ("failed", "DeadlineExceeded", ""),
            id="too late, whatever kept it",
        ),
        pytest.param(
            job(FAILED),
            pod(containerStatuses=state(terminated={"message": "x" * 9999})),
            ("failed", "BackoffLimitExceeded", "x" * 4096),
            id="last words without end are cut",
        ),
    ],
)
def test_a_job(raw: dict[str, Any], its_pod: dict[str, Any], want: tuple[str, str, str]) -> None:
    outcome, failure, message = want
    assert job_view(raw, its_pod) == JobView(
        name="j",
        uid="u",
        owner_uid="candidate",
        active=outcome == "active",
        succeeded=outcome == "succeeded",
        failed=outcome == "failed",
        failure=failure,
        waiting=failure if outcome == "active" else "",
        stuck=failure if outcome == "active" else "",
        termination_message=message,
    )


def test_since_when_its_deadline_counts_is_told() -> None:
    raw = job()
    assert job_view(raw, {}).started is None
    raw["status"]["startTime"] = "2026-01-01T12:00:00Z"
    assert job_view(raw, {}).started == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_what_keeps_a_pod_from_its_node_is_told_while_the_job_is_active() -> None:
    why = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": 'claim "x" not found'}
    placed = {"type": "PodScheduled", "status": "True"}
    assert job_view(job(), pod(conditions=[why])).waiting == 'Unschedulable: claim "x" not found'
    assert job_view(job(), pod(conditions=[placed])).waiting == ""
    lost = "PodLost: the last one is to leave its node and has not ended"
    assert job_view(job(), pod(phase="Running", conditions=[placed, TAKEN])).waiting == lost
    assert job_view(job(), pod(phase="Failed", conditions=[placed, TAKEN])).waiting == ""
    assert job_view(job(LATE), pod(conditions=[why])).waiting == ""


@pytest.mark.parametrize(
    ("waiting", "want"),
    [
        pytest.param(
            {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x"'},
            ('ImagePullBackOff: Back-off pulling image "x"', "ImagePullBackOff"),
            id="no such image",
        ),
        pytest.param(
            {"reason": "CreateContainerConfigError", "message": "y" * 999},
            (f"CreateContainerConfigError: {'y' * 372}", "CreateContainerConfigError"),
            id="a message without end is cut",
        ),
        pytest.param({"reason": "ContainerCreating"}, ("", ""), id="only slow"),
        pytest.param({"reason": "PodInitializing", "message": "z"}, ("", ""), id="only slow, with a message"),
    ],
)
def test_what_keeps_a_container_from_being_created_is_told(waiting: dict[str, str], want: tuple[str, str]) -> None:
    view = job_view(job(), pod(containerStatuses=state(waiting=waiting)))
    assert (view.waiting, view.stuck) == want


def test_only_the_jobs_own_newest_pod_is_heard() -> None:
    pods = [pod("old", created="2"), pod("new", created="3"), pod("forged", owner="other", created="9")]
    assert newest_pod(pods, "u")["metadata"]["name"] == "new"
    assert newest_pod([], "u") == {}
