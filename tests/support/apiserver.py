"""A real kube-apiserver on etcd, on loopback, without nodes: what accepts or refuses objects in production."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest
import requests
import yaml

from lab import binaries

_TOKEN = "an-administrator-on-loopback-only"  # noqa: S105 -- of a server that lives for one test session
_START_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """A response: its code and its JSON body."""

    code: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether the server accepted the request."""
        return self.code < 300

    @property
    def message(self) -> str:
        """Why it was refused."""
        return str(self.body.get("message", ""))


@dataclass(frozen=True)
class ApiServer:
    """Where the server is and how to be its administrator."""

    url: str
    authority: Path
    kubeconfig: Path

    def request(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] | None = None, **query: str
    ) -> Answer:
        """Send one request as the administrator."""
        response = requests.request(
            method,
            self.url + path,
            params=query,
            data=None if body is None else json.dumps(body),
            headers={"Authorization": f"Bearer {_TOKEN}", "Content-Type": "application/json", **(headers or {})},
            verify=str(self.authority),
            timeout=30,
        )
        is_json = response.headers["Content-Type"].startswith("application/json")
        return Answer(response.status_code, response.json() if is_json else {"message": response.text})

    def create(self, path: str, manifest: Mapping[str, Any]) -> Answer:
        """Create an object; fields that the schema does not know are refused."""
        return self.request("POST", path, manifest, fieldValidation="Strict")

    def install_crds(self, folder: Path) -> None:
        """Create the CustomResourceDefinitions of a folder and wait until they are served."""
        crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        for file in sorted(folder.glob("*.yaml")):
            definition = yaml.safe_load(file.read_text(encoding="utf-8"))
            answer = self.create(crds, definition)
            assert answer.ok, f"{file.name}: {answer.message}"
            _wait(partial(self._served, f"{crds}/{definition['metadata']['name']}"), f"{file.name} to be served")

    def _served(self, path: str) -> bool:
        definition = self.request("GET", path).body
        found = definition.get("status", {}).get("conditions") or ()
        conditions = {condition["type"]: condition["status"] for condition in found}
        if conditions.get("Established") != "True":
            return False
        spec = definition["spec"]
        listing = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
        return self.request("GET", listing).ok


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Return a running API server without any CRD, shared by the session."""
    with running(tmp_path_factory.mktemp("apiserver")) as server:
        yield server


@contextmanager
def running(folder: Path) -> Iterator[ApiServer]:
    """Run etcd and kube-apiserver with their state in `folder`, and end both."""
    programs = binaries.ensure(lambda line: print(line, flush=True))  # noqa: T201 -- a build takes minutes
    store, peer, port = _free_ports(3)
    with ExitStack() as stack:
        stack.enter_context(_process(_etcd(folder, store, peer), folder / "etcd.log"))
        server = ApiServer(f"https://127.0.0.1:{port}", folder / "run" / "apiserver.crt", folder / "kubeconfig")
        stack.enter_context(_process(_apiserver(programs, folder, store, port), folder / "apiserver.log"))
        _wait(lambda: _ready(server), f"the API server (see {folder})")
        server.kubeconfig.write_text(_kubeconfig(server), encoding="utf-8")
        yield server


def _ready(server: ApiServer) -> bool:
    try:
        ready = requests.get(f"{server.url}/readyz", verify=str(server.authority), timeout=5)
        return ready.ok and server.request("GET", "/api/v1/namespaces/default").ok
    except (OSError, requests.RequestException):
        return False


def _etcd(folder: Path, port: int, peer: int) -> list[str]:
    url, peers = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer}"
    program = shutil.which("etcd")
    assert program, "etcd is missing: install the package etcd-server"
    return [
        *(program, "--data-dir", str(folder / "etcd"), "--unsafe-no-fsync", "--log-level", "error"),
        *("--listen-client-urls", url, "--advertise-client-urls", url),
        *("--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers),
        *("--initial-cluster", f"default={peers}"),
    ]


def _apiserver(programs: Path, folder: Path, store: int, port: int) -> list[str]:
    key = folder / "sa.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    tokens = folder / "tokens.csv"
    tokens.write_text(f'{_TOKEN},admin,admin,"system:masters"\n', encoding="utf-8")
    return [
        str(programs / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{store}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={folder / 'run'}",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--disable-admission-plugins=ServiceAccount",
        "--endpoint-reconciler-type=none",
    ]


def _kubeconfig(server: ApiServer) -> str:
    cluster = {"server": server.url, "certificate-authority": str(server.authority)}
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": _TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin", "namespace": "default"}}],
            "current-context": "test",
        }
    )


@contextmanager
def _process(argv: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as out, _started(argv, out):
        yield


@contextmanager
def _started(argv: list[str], out: IO[bytes]) -> Iterator[None]:
    environment = {**os.environ, "GOMAXPROCS": "2"}
    with subprocess.Popen(argv, stdout=out, stderr=out, env=environment) as process:
        try:
            yield
        finally:
            process.kill()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for held in sockets:
            held.bind(("127.0.0.1", 0))
        return [held.getsockname()[1] for held in sockets]


def _wait(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while not done():
        assert time.monotonic() < end, f"waited {_START_SECONDS} s for {what}"
        time.sleep(0.1)
