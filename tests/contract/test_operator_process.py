"""The operator as a process, on a real API server: one leader of two, probes, and what kopf must never write."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
import requests

from sluice.runtime.main import main
from tests.support import objects
from tests.support.apiserver import ApiServer
from tests.support.mlflow_server import free_port

CANDIDATES = "/apis/sluice.dev/v1alpha1/namespaces/{}/modelcandidates"
CONFIG = """
registries: {default: {uri: "http://127.0.0.1:9"}}
metricsProviders: {default: {url: "http://127.0.0.1:9"}}
evaluation: {image: "localhost/evaluation:dev"}
workers: 2
"""
PATIENCE_SECONDS = 90


@dataclass
class Replica:
    """One operator process and its probes."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)

    def answers(self) -> bool:
        try:
            return self.get("/readyz").ok
        except requests.ConnectionError:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            return False

    def leads(self) -> bool:
        return "sluice_leader 1.0" in self.get("/metrics").text.splitlines()


def until(seen: Callable[[], Any], what: str) -> Any:
    """Return the first true value."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (value := seen()):
        assert time.monotonic() < end, f"waited {PATIENCE_SECONDS} s for {what}"
        time.sleep(0.1)
    return value


@pytest.fixture
def start(server: ApiServer, namespace: str, tmp_path: Path) -> Iterator[Callable[..., Replica]]:
    """Return a function that starts one more replica, in a pod of its own if that is named."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    started: list[subprocess.Popen[bytes]] = []
    with ExitStack() as stack:

        def one(pod: str = "") -> Replica:
            port, log = free_port(), tmp_path / f"operator-{len(started)}.log"
            out = stack.enter_context(log.open("wb"))
            process = _process(server, namespace, config, port, out, **({"POD_NAME": pod} if pod else {}))
            started.append(process)
            replica = Replica(process, port, log)
            until(replica.answers, "the probes to answer")
            return replica

        yield one
        for process in started:
            process.kill()
            process.wait()


def _process(
    server: ApiServer, namespace: str, config: Path, port: int, log: IO[bytes], **variables: str
) -> "subprocess.Popen[bytes]":
    options = {"config": config, "namespace": namespace, "watch": namespace, "host": "127.0.0.1", "port": port}
    argv = [f"--{name}={value}" for name, value in options.items()]
    program = "import sys; from sluice.runtime.main import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-c", program, *argv],
        env={"KUBECONFIG": str(server.kubeconfig), "PYTHONPATH": "operator", "PATH": "/usr/bin:/bin", **variables},
        stdout=log,
        stderr=log,
    )


def reason(server: ApiServer, namespace: str, name: str) -> str:
    """Return the reason of a candidate's Reconciling condition; empty before there is one."""
    raw = server.request("GET", f"{CANDIDATES.format(namespace)}/{name}").body
    conditions = raw.get("status", {}).get("conditions", [])
    return next((str(one["reason"]) for one in conditions if one["type"] == "Reconciling"), "")


def create(server: ApiServer, namespace: str, name: str) -> None:
    manifest = objects.candidate(name) | {"metadata": {"name": name, "namespace": namespace}}
    assert server.create(CANDIDATES.format(namespace), manifest).ok


def lease(server: ApiServer, namespace: str) -> dict[str, Any]:
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/sluice-operator"
    return dict(server.request("GET", path).body.get("spec", {}))


def test_two_replicas_one_leader_and_the_other_takes_over(
    server: ApiServer, namespace: str, start: Callable[[], Replica]
) -> None:
    first = start()
    until(first.leads, "the first to lead")
    second = start()
    create(server, namespace, "a")
    until(lambda: reason(server, namespace, "a") == "PlanMissing", "the leader to look at the candidate")
    assert (second.leads(), second.get("/healthz").ok, second.get("/readyz").ok) == (False, True, True)
    raw = server.request("GET", f"{CANDIDATES.format(namespace)}/a").body
    assert not raw["metadata"].get("annotations")
    assert not raw["metadata"].get("finalizers")
    assert {one["manager"] for one in raw["metadata"]["managedFields"] if one.get("subresource")} != set()

    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(PATIENCE_SECONDS) == 0
    until(second.leads, "the second to lead")
    create(server, namespace, "b")
    until(lambda: reason(server, namespace, "b") == "PlanMissing", "the new leader to look at the next candidate")
    assert lease(server, namespace)["leaseTransitions"] == 2


def test_a_killed_leader_is_replaced_and_one_that_lost_the_lease_ends_by_itself(
    server: ApiServer, namespace: str, start: Callable[[], Replica]
) -> None:
    first = start()
    until(first.leads, "the first to lead")
    first.process.kill()
    second = start()
    until(second.leads, "the second to lead once the lease ran out")

    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/sluice-operator"
    stolen = {"spec": {"holderIdentity": "somebody-else", "renewTime": "2026-01-01T00:00:00.000000Z"}}
    answer = server.request("PATCH", path, stolen, headers={"Content-Type": "application/merge-patch+json"})
    assert answer.ok, answer.message
    assert second.process.wait(PATIENCE_SECONDS) == 3


def test_a_killed_leader_that_is_started_again_in_its_pod_does_not_wait_for_its_own_lease(
    server: ApiServer, namespace: str, start: Callable[..., Replica]
) -> None:
    first = start("sluice-a")
    until(first.leads, "the first to lead")
    first.process.kill()
    again = start("sluice-a")
    ready = time.monotonic()
    until(again.leads, "the same pod to lead again")
    assert time.monotonic() - ready < lease(server, namespace)["leaseDurationSeconds"]


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    logging.getLogger("sluice").setLevel(logging.NOTSET)


@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize(
    ("text", "want"),
    [
        pytest.param("registries: {}", "evaluation", id="a missing part"),
        pytest.param("[", "not YAML", id="no YAML"),
    ],
)
def test_a_bad_configuration_ends_with_2_and_names_the_field(
    text: str, want: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(text, encoding="utf-8")
    assert main([f"--config={config}"]) == 2
    assert want in capsys.readouterr().err


def test_help_says_what_the_options_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "--config" in capsys.readouterr().out
