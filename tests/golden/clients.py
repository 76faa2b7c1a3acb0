"""The clients of the target and what Prometheus sees of them: requests by route, failures by version, every second."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sluice.adapters.memory_clock import MemoryClock
from sluice.adapters.memory_metrics import MemoryMetrics
from sluice.adapters.memory_seldon import Deployment, MemorySeldon
from sluice.core.analysis.samples import Series
from sluice.core.timeline import elapsed

KEPT_SAMPLES = 900


@dataclass
class Clients:
    """An even stream of requests. `rate` says which share of a version's answers are errors at a time."""

    clock: MemoryClock
    seldon: MemorySeldon
    metrics: MemoryMetrics
    rps: float
    rate: Callable[[str, float], float] = lambda _version, _time: 0.01
    scraped: bool = True
    served: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    last: dict[str, float] = field(default_factory=dict)
    """Version → when it last answered."""
    _carry: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _counters: defaultdict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    _series: defaultdict[tuple[str, str, str], list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        self.clock.after(1, self._second)

    def _second(self) -> None:
        self.clock.after(1, self._second)
        for deployment in self.seldon.deployments.values():
            self._serve(deployment, (self.seldon.weights or {}).get(deployment.predictor, 0))
        if self.scraped:
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
        self._counters[deployment.predictor, version, "200"] += requests - failures
        if failures:
            self._counters[deployment.predictor, version, "500"] += failures

    def _whole(self, what: str, amount: float) -> int:
        """Return whole requests; the rest is carried over, so that nothing is random."""
        self._carry[what] += amount
        whole = int(self._carry[what] + 1e-9)
        self._carry[what] -= whole
        return whole

    def _scrape(self) -> None:
        alive = {(one.predictor, version_of(one)) for one in self.seldon.deployments.values() if one.ready}
        for key, value in self._counters.items():
            if key[:2] in alive:
                self._series[key] = [*self._series[key][-KEPT_SAMPLES:], (self.clock.seconds(), float(value))]
        self.metrics.series = [Series(_labels(*key), tuple(samples)) for key, samples in self._series.items()]

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


def _labels(predictor: str, version: str, code: str) -> dict[str, str]:
    return {
        "__name__": "seldon_api_executor_server_requests_seconds_count",
        "namespace": "models",
        "deployment_name": "shop",
        "predictor_name": predictor,
        "service": "predictions",
        "code": code,
        "pod": f"shop-{predictor}-{version}",
    }
