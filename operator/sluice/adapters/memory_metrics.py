"""The in-memory metrics provider: series that a test or a demonstration put there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sluice.core.analysis.samples import Series
from sluice.ports import MetricSelector, Rejected, SluiceError


@dataclass
class MemoryMetrics:
    """`ports.MetricsProvider` over a list. Set `problem` to have it raised by every read."""

    series: list[Series] = field(default_factory=list)
    problem: SluiceError | None = None
    reads: list[MetricSelector] = field(default_factory=list)

    async def requests(self, selector: MetricSelector, at: float) -> Sequence[Series]:
        """Return what Prometheus would: samples in the window, of series of the targets' predictions."""
        self.reads.append(selector)
        if self.problem:
            raise self.problem
        if selector.targets and ("" in selector.targets or not selector.namespace or selector.seconds <= 0):
            raise Rejected("an empty name or window would match too much", reason="InvalidSelector")
        found = (_window(one, at - selector.seconds, at) for one in self.series if _matches(one, selector))
        return tuple(one for one in found if one.samples)


def _matches(series: Series, selector: MetricSelector) -> bool:
    labels = series.labels
    return (
        labels.get("namespace") == selector.namespace
        and labels.get("deployment_name") in selector.targets
        and labels.get("service") == "predictions"
    )


def _window(series: Series, since: float, until: float) -> Series:
    return Series(series.labels, tuple(sample for sample in series.samples if since <= sample[0] <= until))
