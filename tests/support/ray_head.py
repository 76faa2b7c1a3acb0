"""A real Ray cluster of one node on this machine, with its files in a folder of its own."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.mlflow_server import free_port

START_SECONDS = 300
"""A busy machine takes its time to import Ray in each of its processes."""
ENVIRONMENT: Mapping[str, str] = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": f"{START_SECONDS}",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_agent_register_timeout_ms": f"{START_SECONDS}000",
    "RAY_gcs_server_port_wait_time_s": f"{START_SECONDS}",
    "RAY_health_check_timeout_ms": "60000",
    "RAY_worker_register_timeout_seconds": f"{START_SECONDS}",
}
_PATIENT = f"""
import inspect
import time
import ray._private.services as services
from ray import _raylet
from ray.scripts.scripts import main

known, start, end = services.get_node, services.start_raylet, time.monotonic() + {START_SECONDS}

def get_node(*arguments, **named):
    while True:
        try:
            return known(*arguments, **named)
        except RuntimeError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)

def start_raylet(*arguments, **named):
    given = inspect.signature(start).bind(*arguments, **named).arguments
    for name in ("METRICS_AGENT", "METRICS_EXPORT", "DASHBOARD_AGENT_LISTEN"):
        _raylet.persist_port(given["session_dir"], given["node_id"], getattr(_raylet, name + "_PORT_NAME"), -1)
    return start(*arguments, **named)

services.get_node, services.start_raylet = get_node, start_raylet
main()
"""
"""`ray`, which by itself gives a node 30 s to start, and each of its agents 15 s to say which port it has."""
_STARTED = "Ray runtime started"


@contextmanager
def running(folder: Path, *, cpus: int = 2) -> Iterator[str]:
    """Run a cluster until the end of the block, and yield the address of its Ray Client server."""
    with tempfile.TemporaryDirectory(prefix="ray-") as short:  # sockets lie in it: their paths must be short
        port = free_port()
        options = {
            "--node-ip-address": "127.0.0.1",
            "--port": free_port(),
            "--ray-client-server-port": port,
            "--runtime-env-agent-port": free_port(),
            "--num-cpus": cpus,
            "--object-store-memory": 100_000_000,
            "--include-dashboard": "false",
            "--temp-dir": short,
        }
        command = [sys.executable, "-c", _PATIENT, "start", "--head", "--block", "--disable-usage-stats"]
        command += [f"{name}={value}" for name, value in options.items()]
        log = folder / "ray.log"
        environment = {**os.environ, **ENVIRONMENT, "TMPDIR": short}
        with log.open("wb") as sink:
            process = subprocess.Popen(command, env=environment, stdout=sink, stderr=sink, start_new_session=True)
            try:
                _wait(process, log)
                yield f"ray://127.0.0.1:{port}"
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(60)


def _wait(process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if _STARTED in log.read_text(errors="replace"):
            return
        time.sleep(0.2)
    raise AssertionError(f"Ray does not start: {log.read_text(errors='replace')[-2000:]}")
