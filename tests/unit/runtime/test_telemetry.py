"""Metrics and probes over HTTP."""

import aiohttp
import pytest

from sluice.adapters.memory_clock import MemoryClock
from sluice.runtime.telemetry import Telemetry, serve

LOOPBACK = "127.0.0.1"


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def telemetry(clock: MemoryClock) -> Telemetry:
    return Telemetry(clock=clock.seconds, heartbeat_seconds=60)


async def get(telemetry: Telemetry, path: str) -> tuple[int, str]:
    """Serve on a free port and ask once."""
    async with (
        serve(telemetry, LOOPBACK, 0) as port,
        aiohttp.ClientSession() as session,
        session.get(f"http://{LOOPBACK}:{port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def test_a_standby_without_workers_is_alive_and_ready(telemetry: Telemetry) -> None:
    assert (await get(telemetry, "/healthz"))[0] == 200
    assert await get(telemetry, "/readyz") == (200, "ready\n")


async def test_one_stuck_worker_fails_the_liveness_probe_however_busy_the_others_are(
    telemetry: Telemetry, clock: MemoryClock
) -> None:
    telemetry.beat(0)
    telemetry.beat(1)
    clock.advance(60)
    telemetry.beat(1)
    assert (await get(telemetry, "/healthz"))[0] == 200
    clock.advance(1)
    telemetry.beat(1)
    assert await get(telemetry, "/healthz") == (503, "heartbeat 61.0 s ago\n")
    telemetry.beat(0)
    assert (await get(telemetry, "/healthz"))[0] == 200


async def test_metrics_are_there_before_anything_happened(telemetry: Telemetry) -> None:
    status, text = await get(telemetry, "/metrics")
    assert status == 200
    for line in (
        'sluice_reconcile_total{outcome="ok"} 0.0',
        'sluice_candidates{phase="Shifting"} 0.0',
        'sluice_transitions_total{phase="RolledBack"} 0.0',
        'sluice_step_seconds_count{outcome="breached"} 0.0',
        "sluice_ticks_missed_total 0.0",
        "sluice_leader 0.0",
        "sluice_heartbeat_age_seconds 0.0",
    ):
        assert line in text.splitlines()


def test_labels_are_closed_sets(telemetry: Telemetry) -> None:
    labels = {name for metric in telemetry.registry.collect() for one in metric.samples for name in one.labels}
    assert labels <= {"outcome", "phase", "action", "reason", "le"}
