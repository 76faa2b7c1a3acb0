"""A real Prometheus on loopback, filled from a table of series or scraping an exporter, and servers that misbehave."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from typing_extensions import override

from sluice.core.analysis.samples import Series
from tests.support import native

METRIC = "seldon_api_executor_server_requests_seconds_count"
READY_SECONDS = 30
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def exposition(series: Iterable[Series]) -> str:
    """Return the series in OpenMetrics' text format, one line a sample, with its time."""
    lines = []
    for one in sorted(series, key=lambda one: one.labels["__name__"]):
        own = {name: value for name, value in one.labels.items() if name != "__name__"}
        labels = ",".join(f'{name}="{value.translate(ESCAPES)}"' for name, value in own.items())
        lines += [f"{one.labels['__name__']}{{{labels}}} {value} {at}" for at, value in one.samples]
    return "\n".join([*lines, "# EOF", ""])


def fill(directory: Path, series: Iterable[Series]) -> None:
    """Write the series into a Prometheus data directory."""
    text = directory / "series.txt"
    text.write_text(exposition(series))
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(directory / "data")]
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def prometheus(directory: Path, *exporters: str, port: int = 0) -> Iterator[str]:
    """Run a Prometheus over the directory's data, scraping exporters (host:port) all the time; yield its URL.

    Without a port it listens on a free one.
    """
    jobs = [
        {
            "job_name": f"pods-{number}",
            "honor_labels": True,
            "scrape_interval": "200ms",
            "scrape_timeout": "200ms",
            "static_configs": [{"targets": [exporter]}],
        }
        for number, exporter in enumerate(exporters)
    ]
    config = directory / "prometheus.yml"
    config.write_text(json.dumps({"scrape_configs": jobs}))
    address = f"127.0.0.1:{port or free_port()}"
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'data'}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address={address}",
        "--enable-feature=native-histograms",
        "--log.level=error",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_ready(f"http://{address}/-/ready", process)
            yield f"http://{address}"
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=1):  # noqa: S310 -- our own server
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError("prometheus did not become ready")


@dataclass
class Exporter:
    """What a pod shows at /metrics; `text` may change at any time."""

    address: str
    text: str = ""
    protobuf: bytes = b""
    """Shown in place of the text when there is any."""
    status: int = 200


@contextmanager
def exporter() -> Iterator[Exporter]:
    """Serve an `Exporter` on loopback."""
    shown = Exporter("")

    def show(handler: BaseHTTPRequestHandler) -> None:
        if shown.protobuf:
            answer(handler, shown.status, shown.protobuf, native.CONTENT_TYPE)
        else:
            answer(handler, shown.status, shown.text, "text/plain; version=0.0.4")

    with server(show) as address:
        shown.address = address
        yield shown


@contextmanager
def server(behave: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Serve GET and POST on loopback by one function, which finds a POST's body in `form`; yield host:port."""

    class Handler(BaseHTTPRequestHandler):
        form = b""

        def do_GET(self) -> None:
            behave(self)

        def do_POST(self) -> None:
            self.form = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            behave(self)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True).start()
        yield f"127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()


def answer(handler: BaseHTTPRequestHandler, status: int, body: str | bytes, kind: str = "application/json") -> None:
    """Send one whole answer."""
    data = body.encode() if isinstance(body, str) else body
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
