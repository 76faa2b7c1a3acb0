"""The executor as a process, a model that does as it is told, and the metrics as Prometheus would read them."""

import base64
import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from typing_extensions import override

SERVER = "seldon_api_executor_server_requests_seconds"
CLIENT = "seldon_api_executor_client_requests_seconds"


@dataclass
class Model:
    """A model server; `code` and `seconds` say how it answers from now on."""

    port: int
    code: int = 200
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Executor:
    """A running executor."""

    port: int
    process: subprocess.Popen[bytes]

    def post(self, path: str, body: str = '{"data": {"ndarray": [["fine"]]}}') -> tuple[int, str]:
        return self._send("POST", path, body)

    def get(self, path: str) -> tuple[int, str]:
        return self._send("GET", path, None)

    def samples(self, name: str) -> dict[frozenset[tuple[str, str]], float]:
        """Every sample of a metric by its labels."""
        found = {}
        for line in self.get("/prometheus")[1].splitlines():
            head, _, value = line.rpartition(" ")
            metric, _, labels = head.partition("{")
            if metric == name:
                found[_labels(labels)] = float(value)
        return found

    def counts(self, metric: str, *wanted: str) -> dict[tuple[str, ...], float]:
        """How many requests by some of the labels."""
        counted = self.samples(f"{metric}_count")
        return {tuple(dict(labels)[name] for name in wanted): value for labels, value in counted.items()}

    def _send(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


@contextmanager
def model() -> Iterator[Model]:
    """Serve a model for the time of a `with` block."""
    told = Model(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked.append(self.path)
            told.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(told.seconds)
            self.send_response(told.code)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"answer": "of the model"}')

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        @override
        def handle_error(self, request: object, client_address: object) -> None:
            """A caller that gave up is part of the test."""

    with Server(("127.0.0.1", 0), Handler) as server:
        told.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield told
        server.shutdown()
        thread.join()


@contextmanager
def executor(program: Path, folder: Path, model_port: int, annotations: str = "") -> Iterator[Executor]:
    """Run the executor for the time of a `with` block."""
    predictor = {
        "name": "candidate",
        "graph": {
            "name": "classifier",
            "endpoint": {"service_host": "127.0.0.1", "service_port": model_port, "httpPort": model_port},
        },
        "componentSpecs": [{"spec": {"containers": [{"name": "classifier", "image": "registry/model:7"}]}}],
    }
    podinfo = folder / "annotations"
    podinfo.write_text(annotations)
    port = _free_port()
    argv = [
        *(str(program), "--sdep", "sentiment", "--namespace", "models", "--predictor", "candidate"),
        *("--http_port", str(port), "--grpc_port", "5001", "--protocol", "seldon", "--transport", "rest"),
        *("--prometheus_path", "/prometheus", "--annotations", str(podinfo)),
    ]
    environment = {"ENGINE_PREDICTOR": base64.b64encode(json.dumps(predictor).encode()).decode()}
    with subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL) as process:
        running = Executor(port, process)
        try:
            _wait_for(running)
            yield running
        finally:
            process.kill()


def _wait_for(running: Executor) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            assert running.get("/live")[0] == 200
        except OSError:
            assert time.monotonic() < end, "the executor does not listen"
            time.sleep(0.02)
        else:
            return


def _labels(text: str) -> frozenset[tuple[str, str]]:
    pairs = (pair.partition("=") for pair in text.rstrip("}").split(","))
    return frozenset((name, value.strip('"')) for name, _, value in pairs)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
