"""The command line of the load generator."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from aiohttp import web

from lab.loadgen.client import LoadGenerator, Settings, Target
from lab.loadgen.report import Report
from lab.loadgen.server import application
from lab.loadgen.texts import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.loadgen.records import Record

_FOREVER = float("inf")
_GATEWAY = "http://ingressgateway.istio-system"


def main(arguments: Sequence[str] | None = None) -> int:
    """Send until the time is over or a signal comes; the summary is printed at the end."""
    options = _parser().parse_args(arguments)
    texts = load(options.texts)
    share = texts.natural_share() if options.long_share is None else options.long_share
    settings = Settings(rate=options.rate, long_share=share, seed=options.seed, timeout=options.timeout)
    target = Target(gateway=options.gateway, namespace=options.namespace, deployment=options.deployment)
    with _lines(options.out) as file:
        on_record = partial(_print, file) if file else None
        generator = LoadGenerator(target, texts, settings, on_record)
        asyncio.run(_serve(generator, options.seconds, options.port))
    print(json.dumps(Report.of(generator.records).summary(), indent=1), file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab.loadgen", description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help='JSON Lines of {"text": …}; .gz is unpacked')
    parser.add_argument("--namespace", required=True, help="namespace of the SeldonDeployment")
    parser.add_argument("--deployment", required=True, help="name of the SeldonDeployment")
    parser.add_argument("--gateway", default=_GATEWAY, help="URL of the gateway (%(default)s)")
    parser.add_argument("--rate", type=float, default=20, help="requests a second (%(default)s)")
    parser.add_argument("--seconds", type=float, default=_FOREVER, help="for how long (for ever)")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of texts (%(default)s)")
    parser.add_argument("--long-share", type=float, help="share of texts of 200 words and more (as in the file)")
    parser.add_argument("--timeout", type=float, default=10, help="seconds a client waits (%(default)s)")
    parser.add_argument("--port", type=int, help="serve /report, /records and /settings on this port")
    parser.add_argument("--out", help="append one JSON line a request to this file; - is standard output")
    return parser


def _print(file: IO[str], record: Record) -> None:
    print(record.line(), file=file)


@contextlib.contextmanager
def _lines(name: str | None) -> Iterator[IO[str] | None]:
    if name is None or name == "-":
        yield sys.stdout if name else None
        return
    with Path(name).open("a", buffering=1) as file:
        yield file


async def _serve(generator: LoadGenerator, seconds: float, port: int | None) -> None:
    runner = web.AppRunner(application(generator), access_log=None)
    if port is not None:
        await runner.setup()
        await web.TCPSite(runner, port=port).start()
    sending = asyncio.create_task(generator.run(seconds))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, sending.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await sending
    await runner.cleanup()
