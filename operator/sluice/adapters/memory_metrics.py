"""The in-memory metrics provider: series that a test or a demonstration put there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sluice.core.analysis.samples import Series
from sluice.ports import CounterQuery, Rejected, SluiceError


@dataclass
class MemoryMetrics:
    """`ports.MetricsProvider` over a list. Set `problem` to have every query answered with it, a bug be raised."""

    series: list[Series] = field(default_factory=list)
    problem: Exception | None = None
    broken: dict[str, SluiceError] = field(default_factory=dict)
    """Errors by the name of the counter that cannot be read."""
    reads: list[CounterQuery] = field(default_factory=list)

    async def read(
        self, queries: Collection[CounterQuery], at: float
    ) -> Mapping[CounterQuery, tuple[Series, ...] | SluiceError]:
        """Return what Prometheus would: samples in each query's window, of series of its target's counter."""
        self.reads += queries
        if self.problem is None:
            return {query: self._answer(query, at) for query in queries}
        if isinstance(self.problem, SluiceError):
            return dict.fromkeys(queries, self.problem)
        raise self.problem

    def _answer(self, query: CounterQuery, at: float) -> tuple[Series, ...] | SluiceError:
        if not query.target or not query.namespace or query.seconds <= 0:
            return Rejected("an empty name or window would match too much", reason="InvalidSelector")
        if query.spec.metric in self.broken:
            return self.broken[query.spec.metric]
        found = (_window(one, at - query.seconds, at) for one in self.series if _matches(one.labels, query))
        return tuple(one for one in found if one.samples)


def _matches(labels: Mapping[str, str], query: CounterQuery) -> bool:
    spec = query.spec
    return (
        labels.get("namespace") == query.namespace
        and labels.get(spec.target_label) == query.target
        and labels.get("__name__") == spec.metric
        and all(labels.get(name) == value for name, value in spec.labels)
    )


def _window(series: Series, since: float, until: float) -> Series:
    return Series(series.labels, tuple(sample for sample in series.samples if since <= sample[0] <= until))
