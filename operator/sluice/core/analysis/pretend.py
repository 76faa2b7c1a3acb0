"""Two arms of one pod each, made of counts instead of being scraped: what planning and backtests feed the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass

from sluice.api.live import Counter, LiveMetric, Signal
from sluice.core.analysis.error_rate import METRIC as COUNT
from sluice.core.analysis.error_rate import PREDICTIONS
from sluice.core.analysis.latency import METRIC as BUCKET
from sluice.core.analysis.samples import Arms, Series

ARMS = Arms(candidate="candidate", stable="stable")
_BOTH = (ARMS.candidate, ARMS.stable)
Labels = Mapping[str, str]
Values = Sequence[float]


@dataclass
class PretendedPod:
    """The counters of one pod, all of them 0 at first."""

    labels: Sequence[Labels]
    """Of each counter."""
    time: float
    """Of the last scrape."""
    _values: Values = ()

    def scrape(self, time: float, gains: Values) -> Sequence[Series]:
        """Add what each counter gained, and return its last two scrapes."""
        before = self._values or (0.0,) * len(self.labels)
        self._values = [old + gain for old, gain in zip(before, gains, strict=True)]
        begun, self.time = self.time, time
        return [
            Series(labels, ((begun, old), (time, new)))
            for labels, old, new in zip(self.labels, before, self._values, strict=True)
        ]


@dataclass
class Pretended:
    """Both arms of one pod each, as they would be read."""

    counters: InitVar[Sequence[Labels]]
    """What tells the counters of one pod apart."""
    arm_label: str
    time: InitVar[float]
    """When the first round begins."""

    def __post_init__(self, counters: Sequence[Labels], time: float) -> None:
        named = ([named_as(arm, self.arm_label, f"{arm}-0", labels) for labels in counters] for arm in _BOTH)
        self._candidate, self._stable = (PretendedPod(labels, time) for labels in named)

    def scrape(self, time: float, candidate: Values, stable: Values) -> tuple[Series, ...]:
        """Add to the counters what each of them gained, and return what is read at this time."""
        return (*self._candidate.scrape(time, candidate), *self._stable.scrape(time, stable))


def named_as(arm: str, arm_label: str, pod: str, labels: Labels) -> Labels:
    """Return a counter's labels as a pod of an arm has them."""
    return {**labels, arm_label: arm, "pod": pod}


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
