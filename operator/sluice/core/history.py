"""Raw samples of a target over a long time, as a stream of portions: from Prometheus, or from a recorded file."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sluice.api.live import LiveMetric, Traffic
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec, signal_of


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Whose samples they are, of which counters and what time (Unix seconds)."""

    namespace: str
    target: str
    begin: float
    end: float
    counters: tuple[CounterSpec, ...]


@dataclass(frozen=True, slots=True)
class Portion:
    """All samples in (begin, end]."""

    begin: float
    end: float
    series: tuple[Series, ...]


def counters_of(plan: Traffic) -> tuple[CounterSpec, ...]:
    """Return what a plan's live metrics read, each counter once."""
    return tuple(dict.fromkeys(spec for metric in plan.metrics for spec in signal_of(metric).counters))


def is_of(series: Series, spec: CounterSpec) -> bool:
    """Return whether a series is one of a counter's."""
    labels = series.labels
    return labels.get("__name__") == spec.metric and all(labels.get(name) == value for name, value in spec.labels)


@dataclass
class _Reel:
    labels: Mapping[str, str]
    times: list[float] = field(default_factory=list)
    samples: list[tuple[float, float]] = field(default_factory=list)

    def between(self, since: float, until: float) -> Series:
        begin, end = bisect_right(self.times, since), bisect_right(self.times, until)
        return Series(self.labels, tuple(self.samples[begin:end]))

    def drop(self, until: float) -> None:
        gone = bisect_right(self.times, until)
        del self.times[:gone], self.samples[:gone]


@dataclass
class Reels:
    """The samples of late, to be looked at as a rollout would have: so far back from any moment."""

    metrics: Sequence[LiveMetric]
    _reels: dict[str, dict[tuple[tuple[str, str], ...], _Reel]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._specs = {metric.name: signal_of(metric).counters for metric in self.metrics}
        self._reels = {metric.name: {} for metric in self.metrics}

    def add(self, portion: Portion) -> None:
        """Take in a portion; portions come in order of time."""
        for series in portion.series:
            key = tuple(sorted(series.labels.items()))
            for name, specs in self._specs.items():
                if any(is_of(series, spec) for spec in specs):
                    reel = self._reels[name].setdefault(key, _Reel(series.labels))
                    reel.times += (time for time, _ in series.samples)
                    reel.samples += series.samples

    def read(self, since: float, until: float) -> Mapping[str, tuple[Series, ...]]:
        """Return by metric the samples in (since, until]."""
        return {
            name: tuple(one for reel in reels.values() if (one := reel.between(since, until)).samples)
            for name, reels in self._reels.items()
        }

    def drop(self, until: float) -> None:
        """Forget samples up to a time."""
        for reels in self._reels.values():
            for key, reel in tuple(reels.items()):
                reel.drop(until)
                if not reel.times:
                    del reels[key]


def merged(portions: Iterable[Portion]) -> Iterator[Portion]:
    """Yield portions without samples that came before: neighbours share the sample on their border."""
    newest: dict[tuple[tuple[str, str], ...], float] = {}
    for portion in portions:
        kept = []
        for series in portion.series:
            key = tuple(sorted(series.labels.items()))
            last = newest.get(key, float("-inf"))
            samples = tuple(sample for sample in series.samples if sample[0] > last)
            if samples:
                newest[key] = samples[-1][0]
                kept.append(Series(series.labels, samples))
        yield Portion(portion.begin, portion.end, tuple(kept))
