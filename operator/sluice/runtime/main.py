"""`sluice-operator`: reads the configuration, waits for the lease, then watches and reconciles while it leads."""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kubernetes.aio.client import ApiClient
from prometheus_client import disable_created_metrics

from sluice.adapters.kubernetes_api import Api, connect
from sluice.adapters.kubernetes_leases import KubernetesLeases
from sluice.ports import Ref
from sluice.runtime import garbage, logs
from sluice.runtime.crew import Crew
from sluice.runtime.leadership import Leadership, identity_in
from sluice.runtime.providers import world_of
from sluice.runtime.settings import ConfigurationError, OperatorSettings, load
from sluice.runtime.telemetry import Telemetry, serve
from sluice.runtime.version import version

log = logging.getLogger(__name__)

LEASE = "sluice-operator"


@dataclass(frozen=True)
class Options:
    """The command line."""

    config: Path
    namespace: str
    """Where the lease is."""
    watch: tuple[str, ...]
    """Namespaces to watch; empty: all."""
    host: str
    port: int
    log_level: str


def parse(arguments: Sequence[str]) -> Options:
    """Return the options; exits with 2 and a usage line when they are wrong."""
    parser = argparse.ArgumentParser(
        prog="sluice-operator", description="Gates the rollout of machine-learning models."
    )
    parser.add_argument("--config", type=Path, default=Path("/etc/sluice/config.yaml"), help="the configuration file")
    parser.add_argument(
        "--namespace",
        default=os.environ.get("POD_NAMESPACE", "sluice-system"),
        help="the namespace of the lease (default: $POD_NAMESPACE, else sluice-system)",
    )
    parser.add_argument("--watch", action="append", default=[], metavar="NAMESPACE", help="watch only this; repeatable")
    parser.add_argument("--host", default="0.0.0.0", help="address of metrics and probes")  # noqa: S104 -- a pod's probes
    parser.add_argument("--port", type=int, default=8080, help="port of metrics and probes")
    parser.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    parser.add_argument("--version", action="version", version=version())
    found = parser.parse_args(arguments)
    return Options(
        config=found.config,
        namespace=found.namespace,
        watch=tuple(found.watch),
        host=found.host,
        port=found.port,
        log_level=found.log_level,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the operator; the console entry."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    logs.configure(options.log_level)
    try:
        settings = load(options.config)
    except ConfigurationError as error:
        log.error("configuration is invalid", extra={"cause": str(error)})  # noqa: TRY400 -- the cause says it all
        return 2
    garbage.settle()
    return asyncio.run(operate(options, settings))


async def operate(options: Options, settings: OperatorSettings) -> int:
    """Serve the probes, wait for the lease, and lead until stopped (0) or the lease is lost (3)."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    telemetry = Telemetry(clock=time.monotonic, heartbeat_seconds=settings.heartbeat_seconds)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(telemetry, options.host, options.port), await connect() as client:
        leadership = _leadership(options, client)
        if not await _acquired(leadership, stop):
            return 0
        crew = Crew(
            world=world_of(settings, Api(client, fence=leadership.fence), telemetry, leadership.identity),
            leadership=leadership,
            telemetry=telemetry,
            workers=settings.workers,
            namespaces=options.watch,
        )
        return await crew.run(stop)


def _leadership(options: Options, client: ApiClient) -> Leadership:
    """Return this process's part in the election. In a pod it is alone: it has the port of the probes."""
    pod = os.environ.get("POD_NAME", "")
    return Leadership(
        leases=KubernetesLeases(Api(client)),
        ref=Ref(namespace=options.namespace, name=LEASE),
        identity=identity_in(pod or socket.gethostname(), uuid.uuid4().hex[:8]),
        clock=time.monotonic,
        pod=pod,
    )


async def _acquired(leadership: Leadership, stop: asyncio.Event) -> bool:
    """Wait until this replica leads, or is told to stop."""
    waits = [asyncio.create_task(leadership.acquire()), asyncio.create_task(stop.wait())]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    return not stop.is_set()
