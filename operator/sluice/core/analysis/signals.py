"""What Sluice knows how to count. One signal a file; `signal_of` finds the one that a live metric names."""

from collections.abc import Mapping
from typing import Protocol

from sluice.api.live import Counter, LiveMetric
from sluice.api.live import Signal as Name
from sluice.core.analysis.counter_spec import CounterSpec
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.latency import Latency
from sluice.core.analysis.ratio import Ratio

__all__ = ["SIGNALS", "CounterSpec", "Signal", "signal_of"]

Tallies = Mapping[str, tuple[float, float]]
"""Requests and events by channel."""


class Signal(Protocol):
    """Reads requests and events out of a pod's counters: one pair, or one for each channel that it looks at."""

    @property
    def arm_label(self) -> str:
        """Label that names the arm of a series."""

    @property
    def counters(self) -> tuple[CounterSpec, ...]:
        """What must be read of the target."""

    def counter(self, labels: Mapping[str, str]) -> str | None:
        """Return the name of the series' counter inside its pod; None for a series that is not the signal's."""

    def tally(self, increase: Mapping[str, float]) -> Tallies:
        """Return (requests, events) by channel of what the counters gained."""

    def phrase(self, channel: str) -> str:
        """Return what a request did that counts as an event, in words."""


SIGNALS: Mapping[Name, Signal] = {Name.ERROR_RATE: ErrorRate(), Name.LATENCY: Latency()}
"""By the name that a plan uses."""


def signal_of(metric: LiveMetric) -> Signal:
    """Return what a live metric counts."""
    if metric.signal is not None:
        return SIGNALS[metric.signal]
    if metric.ratio is None:
        raise ValueError(f"live metric {metric.name} names neither a signal nor a ratio")
    numerator, denominator = metric.ratio.numerator, metric.ratio.denominator
    return Ratio(
        numerator=_spec(numerator, metric.ratio.target_label),
        denominator=_spec(denominator, metric.ratio.target_label),
        arm_label=metric.ratio.arm_label,
    )


def _spec(counter: Counter, target_label: str) -> CounterSpec:
    labels = tuple(sorted((label.name, label.value) for label in counter.labels))
    return CounterSpec(counter.metric, labels, target_label)
