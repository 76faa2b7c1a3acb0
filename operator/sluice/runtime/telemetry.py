"""What the operator says about itself: Prometheus metrics with closed label sets, and the probes, on one port."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from sluice.api.phase import Phase
from sluice.ports import Conflict, NotFound, Rejected, SluiceError
from sluice.runtime.evidence import Evidence

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LONG = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400)
STEP_OUTCOMES = ("passed", "advanced", "breached", "ended")
"""How a step can end; `ended`: people, drift, pods or missing data ended it."""
OUTCOMES = ("ok", "gone", "notfound", "conflict", "unavailable", "rejected", "error")
"""How a reconcile or a write can end."""


def outcome_of(error: SluiceError | TimeoutError) -> str:
    """Return the outcome's word for an error."""
    kinds = {NotFound: "notfound", Conflict: "conflict", Rejected: "rejected"}
    return next((word for kind, word in kinds.items() if isinstance(error, kind)), "unavailable")


@dataclass
class Telemetry:
    """The operator's own metrics and the heartbeat of its workers."""

    clock: Callable[[], float]
    heartbeat_seconds: float
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _beats: dict[int, float] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        own = self.registry
        self.reconciles = Counter("sluice_reconcile", "Reconciles by outcome.", ["outcome"], registry=own)
        self.seconds = Histogram("sluice_reconcile_seconds", "Duration of a reconcile.", buckets=_BUCKETS, registry=own)
        self.candidates = Gauge("sluice_candidates", "Candidates by phase.", ["phase"], registry=own)
        self.transitions = Counter("sluice_transitions", "Candidates that entered a phase.", ["phase"], registry=own)
        self.no_data = Counter(
            "sluice_no_data",
            "Passes that found live metrics without data, by why.",
            ["reason"],
            registry=own,
        )
        self.step_seconds = Histogram(
            "sluice_step_seconds", "How long steps took, by how they ended.", ["outcome"], buckets=_LONG, registry=own
        )
        self.tick_late = Histogram(
            "sluice_tick_late_seconds", "How late ticks of steps in force began.", buckets=_BUCKETS, registry=own
        )
        self.ticks_missed = Counter("sluice_ticks_missed", "Ticks that began late by a tick or more.", registry=own)
        self.evidence = Evidence()
        own.register(self.evidence)
        self.query_seconds = Histogram(
            "sluice_prometheus_query_seconds",
            "Duration of a query to a metrics provider, by how it ended.",
            ["provider", "outcome"],
            buckets=_BUCKETS,
            registry=own,
        )
        self.scrape_interval = Gauge(
            "sluice_scrape_interval_seconds", "Seconds between two samples of a counter.", ["provider"], registry=own
        )
        self.scrape_lag = Gauge(
            "sluice_scrape_lag_seconds",
            "Age of a counter's newest sample when it was judged.",
            ["provider"],
            registry=own,
        )
        self.writes = Counter(
            "sluice_writes", "External writes by action and outcome.", ["action", "outcome"], registry=own
        )
        self.leader = Gauge("sluice_leader", "1 while this replica leads.", registry=own)
        self.queue = Gauge("sluice_queue_length", "Candidates waiting to be looked at.", registry=own)
        self.heartbeat = Gauge("sluice_heartbeat_age_seconds", "Age of the stalest worker's last beat.", registry=own)
        self.heartbeat.set_function(self.heartbeat_age)
        for phase in Phase:
            self.candidates.labels(phase.value).set(0)
            self.transitions.labels(phase.value)
        for outcome in OUTCOMES:
            self.reconciles.labels(outcome)
        for outcome in STEP_OUTCOMES:
            self.step_seconds.labels(outcome)

    def beat(self, worker: int) -> None:
        """Note a worker's sign of life."""
        self._beats[worker] = self.clock()

    def heartbeat_age(self) -> float:
        """Return the seconds since the stalest worker's last sign of life; 0 before any worker runs."""
        return self.clock() - min(self._beats.values()) if self._beats else 0.0

    def alive(self) -> bool:
        """Return whether every worker gave a sign of life lately. A standby has none and is alive."""
        return self.heartbeat_age() <= self.heartbeat_seconds

    def count_phases(self, counts: Mapping[Phase, int]) -> None:
        """Set the gauge of candidates by phase."""
        for phase in Phase:
            self.candidates.labels(phase.value).set(counts.get(phase, 0))


def application(telemetry: Telemetry) -> web.Application:
    """Return the web application: `/metrics`, `/healthz`, `/readyz`."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(telemetry.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def healthz(_: web.Request) -> web.Response:
        age = telemetry.heartbeat_age()
        return web.Response(status=200 if telemetry.alive() else 503, text=f"heartbeat {age:.1f} s ago\n")

    async def readyz(_: web.Request) -> web.Response:
        return web.Response(text="ready\n")

    app = web.Application()
    app.add_routes([web.get("/metrics", metrics), web.get("/healthz", healthz), web.get("/readyz", readyz)])
    return app


@asynccontextmanager
async def serve(telemetry: Telemetry, host: str, port: int) -> AsyncIterator[int]:
    """Serve metrics and probes; yields the port in use (a `port` of 0 takes a free one)."""
    runner = web.AppRunner(application(telemetry), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, port, reuse_address=True)
    try:
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await asyncio.shield(runner.cleanup())
