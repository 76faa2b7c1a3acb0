"""A world of pods with request counters, scraped at set times: what a Prometheus would answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sluice.core.analysis.error_rate import METRIC as COUNT
from sluice.core.analysis.latency import METRIC as BUCKET
from sluice.core.analysis.samples import Series

LABELS = {"namespace": "models", "deployment_name": "reviews", "service": "predictions", "job": "pods"}
BOUNDS = ("0.05", "0.1", "0.25", "0.5", "1", "2.5")

Own = tuple[tuple[str, str], ...]
"""Labels that tell the counters of a pod apart."""


@dataclass
class Scraped:
    """Counters by pod; `scrape` writes down what they show."""

    counters: dict[str, dict[Own, float]] = field(default_factory=lambda: defaultdict(dict))
    arms: dict[str, str] = field(default_factory=dict)
    samples: dict[tuple[str, Own], list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def serve(self, arm: str, pod: str, **codes: float) -> "Scraped":
        """Answer requests: `serve("candidate", "c-0", ok=10, failed=1)`."""
        for name, number in codes.items():
            code = {"ok": "200", "failed": "500"}.get(name, name.removeprefix("code"))
            self._count(arm, pod, (("__name__", COUNT), ("code", code)), number)
        return self

    def took(self, arm: str, pod: str, times: Mapping[float, float], bounds: Sequence[str] = BOUNDS) -> "Scraped":
        """Answer requests in so many seconds: `took("candidate", "c-0", {0.07: 10, 3: 1})`."""
        for bound in (*bounds, "+Inf"):
            within = sum(number for seconds, number in times.items() if seconds <= float(bound))
            self._count(arm, pod, (("__name__", BUCKET), ("le", bound)), within)
        return self

    def count(self, arm: str, pod: str, **counters: float) -> "Scraped":
        """Count a team's own: `count("candidate", "c-0", carts_total=3, visits_total=10)`."""
        for metric, number in counters.items():
            self._count(arm, pod, (("__name__", metric),), number)
        return self

    def _count(self, arm: str, pod: str, own: Own, number: float) -> None:
        self.arms[pod] = arm
        self.counters[pod][own] = self.counters[pod].get(own, 0) + number

    def crash(self, pod: str) -> "Scraped":
        """Begin the pod's process anew: its counters are gone."""
        self.counters[pod].clear()
        return self

    def scrape(self, time: float, pods: Iterable[str] | None = None) -> "Scraped":
        """Write down the counters of all pods, or of these."""
        for pod in self.arms if pods is None else pods:
            for own, value in self.counters[pod].items():
                self.samples[pod, own].append((time, value))
        return self

    def series(self, until: float = float("inf"), since: float = float("-inf"), **labels: str) -> tuple[Series, ...]:
        """Return what a read at `until` sees of the time since `since`."""
        found = (
            Series(self._labels(pod, own, labels), tuple(s for s in samples if since <= s[0] <= until))
            for (pod, own), samples in self.samples.items()
        )
        return tuple(one for one in found if one.samples)

    def _labels(self, pod: str, own: Own, extra: Mapping[str, str]) -> Mapping[str, str]:
        base = {**LABELS, "predictor_name": self.arms[pod], "pod": pod, "instance": f"{pod}:8000"}
        return {**base, **dict(own), **extra}
