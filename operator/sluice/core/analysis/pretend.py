"""Two arms of one pod each, made of counts instead of being scraped: what planning and backtests feed the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sluice.api.live import Counter, LiveMetric, Signal
from sluice.core.analysis.error_rate import METRIC as COUNT
from sluice.core.analysis.error_rate import PREDICTIONS
from sluice.core.analysis.latency import METRIC as BUCKET
from sluice.core.analysis.samples import Arms, Series

ARMS = Arms(candidate="candidate", stable="stable")
Labels = Mapping[str, str]
Values = Sequence[float]


@dataclass
class Pretended:
    """The counters of both arms, as they would be read: the last two scrapes of each."""

    counters: Sequence[Labels]
    """What tells the counters of one pod apart."""
    arm_label: str
    time: float
    """Of the last scrape."""
    _arms: tuple["_Pod", "_Pod"] = field(init=False)

    def __post_init__(self) -> None:
        self._arms = (self._pod(ARMS.candidate), self._pod(ARMS.stable))

    def _pod(self, arm: str) -> "_Pod":
        named = ({**labels, self.arm_label: arm, "pod": f"{arm}-0"} for labels in self.counters)
        return _Pod(tuple(named), [0.0] * len(self.counters))

    def scrape(self, time: float, candidate: Values, stable: Values) -> tuple[Series, ...]:
        """Add to the counters what each of them gained, and return what is read at this time."""
        times, self.time = (self.time, time), time
        mine, theirs = self._arms
        return (*mine.scrape(times, candidate), *theirs.scrape(times, stable))


@dataclass
class _Pod:
    labels: Sequence[Labels]
    values: list[float]

    def scrape(self, times: tuple[float, float], gains: Values) -> Sequence[Series]:
        before, self.values = self.values, [old + gain for old, gain in zip(self.values, gains, strict=True)]
        return [
            Series(labels, ((times[0], old), (times[1], new)))
            for labels, old, new in zip(self.labels, before, self.values, strict=True)
        ]


def counters_of(metric: LiveMetric, channels: Sequence[str] = ("",)) -> Sequence[Labels]:
    """Return the counters of a pod that suffice for a metric and its channels, in the order of `gains_of`."""
    if metric.signal is Signal.ERROR_RATE:
        return [{"__name__": COUNT, **dict(PREDICTIONS), "code": code} for code in ("200", "500")]
    if metric.signal is Signal.LATENCY:
        return [{"__name__": BUCKET, **dict(PREDICTIONS), "le": bound} for bound in (*channels, "+Inf")]
    if metric.ratio is None:
        raise ValueError(f"live metric {metric.name} names neither a signal nor a ratio")
    return [_labels(metric.ratio.numerator), _labels(metric.ratio.denominator)]


def gains_of(metric: LiveMetric, requests: float, events: Sequence[float]) -> Values:
    """Return what each counter gains by so many requests with so many events of each channel among them."""
    if metric.signal is Signal.ERROR_RATE:
        return requests - events[0], events[0]
    if metric.signal is Signal.LATENCY:
        return [*(requests - slow for slow in events), requests]
    nested = metric.ratio is not None and metric.ratio.numerator.metric == metric.ratio.denominator.metric
    return events[0], requests - events[0] if nested else requests


def _labels(counter: Counter) -> Labels:
    return {"__name__": counter.metric, **{label.name: label.value for label in counter.labels}}
