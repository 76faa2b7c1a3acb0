"""The evidence on every running candidate as a metric: read from what is remembered when somebody asks, never stored.

Its labels name candidates, so the set is bounded: only steps in force have series, at most so many candidates at once,
and a candidate's series are gone when its step is.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from sluice.api.candidate import MetricStatus
from sluice.core.timeline import part_of
from sluice.runtime.index import Key

MOST_CANDIDATES = 1000
LABELS = ("namespace", "candidate", "metric", "side")
Running = Callable[[], Mapping[Key, tuple[MetricStatus, ...]]]


def nobody() -> Mapping[Key, tuple[MetricStatus, ...]]:
    """Return the live metrics of a replica that does not lead."""
    return {}


class Evidence(Collector):
    """`sluice_metric_evidence`; `running` says whose steps are in force."""

    def __init__(self) -> None:
        self.running: Running = nobody

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauge with a pair of series for each live metric."""
        (family,) = self.describe()
        for key, metrics in islice(sorted(self.running().items()), MOST_CANDIDATES):
            for metric in metrics:
                for side, text in (("against", metric.evidence_against), ("for", metric.evidence_for)):
                    part = part_of(text)
                    if part is not None:
                        family.add_metric((key.namespace, key.name, metric.name, side), part)
        yield family

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauge without series."""
        text = (
            "Evidence on candidates whose step is in force, as a part of what decides: "
            "at 1 it is a breach (side against), or the step passes (side for)."
        )
        yield GaugeMetricFamily("sluice_metric_evidence", text, labels=LABELS)
