"""The clients of the target and what Prometheus sees of them, every second: requests by route, and what a version does.

A version fails, is slow and sells as its story says: shares of its requests, spread evenly, so that nothing is random.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sluice.adapters.memory_clock import MemoryClock
from sluice.adapters.memory_metrics import MemoryMetrics
from sluice.adapters.memory_seldon import Deployment, MemorySeldon
from sluice.core.analysis.samples import Series
from sluice.core.timeline import elapsed

KEPT_SAMPLES = 900
REQUESTS = "seldon_api_executor_server_requests_seconds_count"
BUCKETS = "seldon_api_executor_server_requests_seconds_bucket"
SESSIONS, CARTS = "shop_sessions_total", "shop_sessions_with_cart_total"
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds: the bounds of the executor's histogram."""
SLOW = (0.5, 0.2, 0.05, 0.02, 0.005)
"""Shares of requests that take longer than each bound, as a rule."""
TAIL = 0.1
"""A slow version is slow beyond this bound."""
Shares = Callable[[str, float], float]
"""A share of a version's requests, at a Unix time."""


class Labels(NamedTuple):
    """What tells a counter from others."""

    predictor: str
    version: str
    metric: str
    label: str = ""
    value: str = ""


@dataclass
class Clients:
    """An even stream of requests. `rate` says which share of a version's answers are errors at a time.

    `slowness` is how many times as many as a rule are slower than 0.1 s; `sales` the share of sessions with a cart, and
    `visits` that of requests that begin a session. Without them there are no such counters.
    """

    clock: MemoryClock
    seldon: MemorySeldon
    metrics: MemoryMetrics
    rps: float
    rate: Shares = lambda _version, _time: 0.01
    slowness: Shares | None = None
    sales: Shares | None = None
    visits: float = 1.0
    scraped: bool = True
    interval: int = 1
    """Seconds between two scrapes."""
    served: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    last: dict[str, float] = field(default_factory=dict)
    """Version → when it last answered."""
    _carry: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _counters: defaultdict[Labels, int] = field(default_factory=lambda: defaultdict(int))
    _series: defaultdict[Labels, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.clock.after(1, self._second)

    def _second(self) -> None:
        self.clock.after(1, self._second)
        for deployment in self.seldon.deployments.values():
            self._serve(deployment, (self.seldon.weights or {}).get(deployment.predictor, 0))
        if self.scraped and round(self.clock.seconds()) % self.interval == 0:
            self._scrape()

    def _serve(self, deployment: Deployment, weight: int) -> None:
        """Send a predictor its share; without a ready pod the mesh answers 503, which no executor counts."""
        if not weight:
            return
        version = version_of(deployment)
        requests = self._whole(f"requests {deployment.predictor}", self.rps * weight / 100)
        if not deployment.ready:
            self.failed["503"] += requests
            return
        share = self.rate(version, self.clock.seconds())
        failures = self._whole(f"failures {deployment.predictor} {version}", requests * share)
        self.served[version] += requests
        self.failed[version] += failures
        self.last[version] = self.clock.seconds()
        self._add((deployment.predictor, version, REQUESTS, "code", "200"), requests - failures)
        if failures:
            self._add((deployment.predictor, version, REQUESTS, "code", "500"), failures)
        self._time(deployment.predictor, version, requests)
        self._sell(deployment.predictor, version, requests)

    def _time(self, predictor: str, version: str, requests: int) -> None:
        """Sort the requests into the histogram's buckets."""
        if self.slowness is None:
            return
        times = self.slowness(version, self.clock.seconds())
        self._add((predictor, version, BUCKETS, "le", "+Inf"), requests)
        for bound, share in zip(BOUNDS, SLOW, strict=True):
            slower = share * times if bound > TAIL else share
            slow = self._whole(f"slower than {bound} {predictor} {version}", requests * min(1.0, slower))
            self._add((predictor, version, BUCKETS, "le", str(bound)), requests - slow)

    def _sell(self, predictor: str, version: str, requests: int) -> None:
        """Count sessions, and those with a cart."""
        if self.sales is None:
            return
        share = self.sales(version, self.clock.seconds())
        sessions = self._whole(f"sessions {predictor} {version}", requests * self.visits)
        carts = self._whole(f"carts {predictor} {version}", sessions * share)
        self._add((predictor, version, SESSIONS), sessions)
        self._add((predictor, version, CARTS), carts)

    def _add(self, labels: tuple[str, ...], amount: int) -> None:
        self._counters[Labels(*labels)] += amount

    def _whole(self, what: str, amount: float) -> int:
        """Return whole requests; the rest is carried over, so that nothing is random."""
        self._carry[what] += amount
        whole = int(self._carry[what] + 1e-9)
        self._carry[what] -= whole
        return whole

    def _scrape(self) -> None:
        alive = {(one.predictor, version_of(one)) for one in self.seldon.deployments.values() if one.ready}
        for key, value in self._counters.items():
            if (key.predictor, key.version) in alive:
                self._series[key] = [*self._series[key][-KEPT_SAMPLES:], (self.clock.seconds(), float(value))]
        self.metrics.series = [Series(_labels(key), tuple(samples)) for key, samples in self._series.items()]

    def summary(self, opened: float) -> list[str]:
        """Return what the clients saw."""
        rows = []
        for version in sorted(self.served):
            at = elapsed(self.last[version] - opened)
            served, failed = self.served[version], self.failed[version]
            rows.append(f"clients: version {version} answered {served:,}, {failed:,} of them errors, last {at}")
        return [*rows, f"clients: {self.failed['503']:,} requests met no pod"]


def version_of(deployment: Deployment) -> str:
    """Return the version that a Deployment's pods run: while it rolls, the old pods serve."""
    graph: dict[str, Any] = deployment.template["graph"]
    uri = str(graph.get("modelUri", ""))
    return uri.rsplit("-", 1)[-1].split("/", maxsplit=1)[0] if "shop-" in uri else uri.rsplit("/", 1)[-1]


def _labels(of: Labels) -> dict[str, str]:
    own = {of.label: of.value} if of.label else {}
    service = {"service": "predictions"} if of.label else {}
    return {
        "__name__": of.metric,
        "namespace": "models",
        "deployment_name": "shop",
        "predictor_name": of.predictor,
        "pod": f"shop-{of.predictor}-{of.version}",
        **service,
        **own,
    }
