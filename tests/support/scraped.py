"""A world of pods with request counters, scraped at set times: what a Prometheus would answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sluice.core.analysis.samples import Series

LABELS = {"namespace": "models", "deployment_name": "reviews", "service": "predictions", "job": "pods"}


@dataclass
class Scraped:
    """Counters by pod and code; `scrape` writes down what they show."""

    counters: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    arms: dict[str, str] = field(default_factory=dict)
    samples: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def serve(self, arm: str, pod: str, **codes: float) -> "Scraped":
        """Answer requests: `serve("candidate", "c-0", ok=10, failed=1)`."""
        self.arms[pod] = arm
        for name, number in codes.items():
            code = {"ok": "200", "failed": "500"}.get(name, name.removeprefix("code"))
            self.counters[pod][code] = self.counters[pod].get(code, 0) + number
        return self

    def crash(self, pod: str) -> "Scraped":
        """Begin the pod's process anew: its counters are gone."""
        self.counters[pod].clear()
        return self

    def scrape(self, time: float, pods: Iterable[str] | None = None) -> "Scraped":
        """Write down the counters of all pods, or of these."""
        for pod in self.arms if pods is None else pods:
            for code, value in self.counters[pod].items():
                self.samples[pod, code].append((time, value))
        return self

    def series(self, until: float = float("inf"), since: float = float("-inf"), **labels: str) -> tuple[Series, ...]:
        """Return what a read at `until` sees of the time since `since`."""
        found = (
            Series(self._labels(pod, code, labels), tuple(s for s in samples if since <= s[0] <= until))
            for (pod, code), samples in self.samples.items()
        )
        return tuple(one for one in found if one.samples)

    def _labels(self, pod: str, code: str, extra: Mapping[str, str]) -> Mapping[str, str]:
        return {
            **LABELS,
            "predictor_name": self.arms[pod],
            "pod": pod,
            "instance": f"{pod}:8000",
            "code": code,
            **extra,
        }
