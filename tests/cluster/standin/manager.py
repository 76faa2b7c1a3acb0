"""Seldon's manager as the tests need it: running, stopped and started again, in the cluster or as a process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lab.seldon_standin.manifests import MANAGER, NAMESPACE, WEBHOOK_SERVICE
from lab.seldon_standin.webhook import CONFIGURATION
from tests.cluster.standin.kube import APPS, SDEPS, Kube
from tests.support.sdeps import predictor, sdep

START_SECONDS = 60
HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


class Manager(Protocol):
    """Both ways can be switched off and on."""

    def stop(self) -> None: ...
    def start(self) -> None: ...


class Installed:
    """The Deployment in the cluster, scaled to 0 and back."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube

    def stop(self) -> None:
        self._scale(0)

    def start(self) -> None:
        self._scale(1)
        _wait(self._answers, "the webhook to answer")

    def _scale(self, replicas: int) -> None:
        path = f"{APPS}/namespaces/{NAMESPACE}/deployments/{MANAGER}"
        self._kube.merge(path, {"spec": {"replicas": replicas}}).checked()
        _wait(lambda: self._addresses() == replicas, f"{replicas} endpoints of the webhook")

    def _answers(self) -> bool:
        """Endpoints reach the node's packet filter a little later than the API."""
        wish = sdep(predictor("probe"), metadata={"name": "probe", "namespace": "default"})
        return self._kube.send("POST", f"{SDEPS}/namespaces/default/seldondeployments", wish, dryRun="All").code == 201

    def _addresses(self) -> int:
        slices = self._kube.items(
            f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices",
            labelSelector=f"kubernetes.io/service-name={WEBHOOK_SERVICE}",
        )
        endpoints = [endpoint for item in slices for endpoint in item["endpoints"] or []]
        return sum(len(endpoint["addresses"]) for endpoint in endpoints if endpoint["conditions"]["ready"])


class Process:
    """The stand-in as a process beside the API server."""

    def __init__(self, kube: Kube, kubeconfig: Path, log: Path) -> None:
        self._kube = kube
        self._kubeconfig = kubeconfig
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        before = self._trusted()
        argv = [
            *(sys.executable, "-m", "lab.seldon_standin", "--missed-gate=hold", "--webhook-address=127.0.0.1"),
            f"--webhook-port={_free_port()}",
        ]
        with self._log.open("ab") as log:
            environment = {**os.environ, "KUBECONFIG": str(self._kubeconfig)}
            self._process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
        _wait(lambda: self._trusted() not in ("", before), f"the stand-in to register (see {self._log})")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _trusted(self) -> str:
        answer = self._kube.get(f"{HOOKS}/{CONFIGURATION}")
        return "" if answer.code == 404 else str(answer.checked()["webhooks"][0]["clientConfig"]["caBundle"])


@contextmanager
def manager(kube: Kube, kubeconfig: Path, log: Path) -> Iterator[Manager]:
    """Give the manager that is installed, else one of our own that leaves nothing behind."""
    if kube.get(f"{APPS}/namespaces/{NAMESPACE}/deployments/{MANAGER}").code == 200:
        yield Installed(kube)
        return
    process = Process(kube, kubeconfig, log)
    try:
        process.start()
        yield process
    finally:
        process.stop()
        kube.delete(f"{HOOKS}/{CONFIGURATION}")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def _wait(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + START_SECONDS
    while not done():
        assert time.monotonic() < end, f"waited {START_SECONDS} s for {what}"
        time.sleep(0.1)
