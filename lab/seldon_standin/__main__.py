"""Start the stand-in: `python -m lab.seldon_standin --help`."""

import argparse
import asyncio
import logging
import signal

from lab.seldon_standin import certificate, webhook
from lab.seldon_standin.api import connect
from lab.seldon_standin.controller import Controller
from lab.seldon_standin.kubeconfig import access
from lab.seldon_standin.settings import Images, MissedGate, Probes, Settings


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(prog="seldon-standin", description=__doc__)
    parser.add_argument("--missed-gate", type=MissedGate, choices=list(MissedGate), default=MissedGate.RANDOM)
    parser.add_argument("--seed", type=int, default=0, help="of the random missed gate")
    parser.add_argument("--readiness-delay", type=int, default=Probes.readiness_delay, help="seconds (real: 20)")
    parser.add_argument("--probe-period", type=int, default=Probes.period, help="seconds (real: 5)")
    parser.add_argument("--lag", type=float, default=Settings.lag, help="seconds before each pass")
    parser.add_argument("--istio-gateway", default=Settings.gateway)
    parser.add_argument("--executor-image", default=Images.executor)
    parser.add_argument("--initializer-image", default=Images.initializer)
    parser.add_argument("--server-image", action="append", default=[], metavar="KIND=IMAGE")
    parser.add_argument("--webhook-service", default="seldon-webhook-service")
    parser.add_argument("--webhook-namespace", default="seldon-system")
    parser.add_argument("--webhook-address", default="", help="reach the webhook here instead of by its Service")
    parser.add_argument("--webhook-port", type=int, default=webhook.Endpoint.port)
    return parser


def settings(options: argparse.Namespace) -> Settings:
    """Return the command line as settings."""
    servers = Images().servers | dict(pair.split("=", 1) for pair in options.server_image)
    return Settings(
        images=Images(options.executor_image, options.initializer_image, servers),
        probes=Probes(options.readiness_delay, options.probe_period),
        gateway=options.istio_gateway,
        missed_gate=options.missed_gate,
        seed=options.seed,
        lag=options.lag,
    )


async def run(options: argparse.Namespace) -> None:
    """Webhook first, then the controller, until a signal comes."""
    chosen = settings(options)
    endpoint = webhook.Endpoint(
        options.webhook_service, options.webhook_namespace, options.webhook_address, options.webhook_port
    )
    tls, trusted = certificate.serving(endpoint.host)
    async with connect(access()) as api:
        runner = await webhook.serve(endpoint.port, tls, chosen.images.servers)
        await webhook.register(api, endpoint, trusted)
        try:
            await Controller(api, chosen).run()
        finally:
            await runner.cleanup()


async def until_stopped(options: argparse.Namespace) -> None:
    """Run, and end quietly on SIGTERM or SIGINT."""
    task = asyncio.ensure_future(run(options))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("stopped")


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(until_stopped(arguments().parse_args()))


if __name__ == "__main__":
    main()
