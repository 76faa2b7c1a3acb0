"""The cluster that these tests run on: the one `KUBECONFIG` names, else a control plane without nodes of their own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import binaries
from tests.support.apiserver import running


@contextmanager
def cluster(folder: Path) -> Iterator[Path]:
    """Give a kubeconfig."""
    given = os.environ.get("KUBECONFIG")
    if given:
        yield Path(given)
        return
    with running(folder) as server, _controllers(folder, server.kubeconfig):
        yield server.kubeconfig


@contextmanager
def _controllers(folder: Path, kubeconfig: Path) -> Iterator[None]:
    program = binaries.ensure(print) / "kube-controller-manager"
    argv = [
        *(str(program), "--kubeconfig", str(kubeconfig), "--leader-elect=false", "--bind-address=127.0.0.1"),
        *("--secure-port=0", "--controllers=deployment-controller,replicaset-controller,garbage-collector-controller"),
        *("--kube-api-qps=500", "--kube-api-burst=500"),
    ]
    log = (folder / "controllers.log").open("wb")
    with log, subprocess.Popen(argv, stdout=log, stderr=log) as process:
        try:
            yield
        finally:
            process.kill()
