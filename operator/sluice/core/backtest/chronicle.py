"""What the pods of one arm did, round by round: raw samples are turned into counts once, however often they are used.

A round holds one scrape interval of each pod. It ends when a pod is scraped again.
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sluice.api.live import LiveMetric
from sluice.core.analysis.deltas import Cursor, Delta, track
from sluice.core.analysis.samples import Arms, pods
from sluice.core.analysis.signals import signal_of
from sluice.core.history import Portion

STALE_SECONDS = 15.0
FEW = 0.05
"""Of latency, the lowest bound that so few requests exceed says most to people."""
Row = tuple[float, ...]
"""Requests of one pod in one round, and the events of each channel."""


@dataclass
class Pod:
    """One pod: its rows from its first round on."""

    first: int
    width: int
    cells: "array[float]" = field(default_factory=lambda: array("f"))

    @property
    def end(self) -> int:
        """The round after its last."""
        return self.first + len(self.cells) // self.width

    def put(self, place: int, row: Row) -> None:
        """Set the row of a round after all others."""
        self.cells.extend((0.0,) * (self.width * (place - self.end)))
        self.cells.extend(row)

    def between(self, first: int, last: int) -> "tuple[array[float], int]":
        """Return the cells of some rounds, and how many make a row."""
        begin, end = max(first - self.first, 0), max(last - self.first, 0)
        return self.cells[begin * self.width : end * self.width], self.width

    def row(self, place: int) -> "array[float] | None":
        """Return the row of a round; None before its first and after its last."""
        if not self.first <= place < self.end:
            return None
        begin = (place - self.first) * self.width
        return self.cells[begin : begin + self.width]


@dataclass
class Chronicle:
    """One metric of one arm."""

    metric: LiveMetric
    arm: str
    channels: tuple[str, ...] = ()
    """Latency: the histogram's bounds, lowest first. Empty before the first round."""
    begin: float = 0.0
    """When the first round began."""
    ends: "array[float]" = field(default_factory=lambda: array("d"))
    pods: dict[str, Pod] = field(default_factory=dict)
    _cursors: dict[str, Cursor] = field(default_factory=dict)
    _open: dict[str, Row] = field(default_factory=dict)
    _open_end: float = 0.0

    def __post_init__(self) -> None:
        self._signal = signal_of(self.metric)

    def add(self, portion: Portion) -> None:
        """Take in samples; portions come in order of time."""
        arms = Arms(candidate=self.arm, stable=self.arm)
        deltas: list[tuple[float, str, Delta]] = []
        for pod in pods(portion.series, arms, self._signal, STALE_SECONDS):
            found = track(pod, self._cursors.get(pod.key), self._signal, 0.0)
            deltas += ((delta.end, pod.key, delta) for delta in found.deltas)
            self._cursors[pod.key] = found.deltas[-1].cursor if found.deltas else found.cursor
        for _, key, delta in sorted(deltas, key=lambda one: one[:2]):
            self._note(key, delta)

    def _note(self, key: str, delta: Delta) -> None:
        if key in self._open:
            self.close()
        if not self.channels:
            self.channels, self.begin = tuple(sorted(delta.tally, key=_bound)), delta.begin
        self._open[key], self._open_end = self._row(delta.tally), delta.end

    def _row(self, tally: Mapping[str, tuple[float, float]]) -> Row:
        """Return a row; without one of the channels it is as if nothing had been seen."""
        if not tally or any(channel not in tally for channel in self.channels):
            return (0.0,) * (1 + len(self.channels))
        return (tally[self.channels[0]][0], *(tally[channel][1] for channel in self.channels))

    def close(self) -> None:
        """End the open round: a pod is scraped again, or there is nothing more to come."""
        if not self._open or not self.channels:
            return
        place = len(self.ends)
        for key, row in self._open.items():
            self.pods.setdefault(key, Pod(place, len(row))).put(place, row)
        self.ends.append(self._open_end)
        self._open = {}

    def place(self, time: float) -> int:
        """Return the first round that ends at or after a time."""
        return bisect_left(self.ends, time)

    def totals(self, first: int, last: int, channel: int = 0) -> tuple[float, float]:
        """Return requests and events of a channel in the rounds from `first` to before `last`."""
        parts = [pod.between(first, last) for pod in self.pods.values()]
        requests = sum(sum(part[0::width]) for part, width in parts)
        return requests, sum(sum(part[1 + channel :: width]) for part, width in parts)

    def rate(self, channel: int = 0) -> float | None:
        """Return the share of events of a channel over the whole time; None without requests."""
        requests, events = self.totals(0, len(self.ends), channel)
        return events / requests if requests else None

    def shown(self) -> int:
        """Return the channel to show people: of several the first whose events are few."""
        rates = (self.rate(place) or 0.0 for place in range(len(self.channels)))
        return next((place for place, rate in enumerate(rates) if rate <= FEW), 0)


@dataclass
class Library:
    """What every arm did, by every metric, while nobody knows yet which of them will be asked for."""

    metrics: Sequence[LiveMetric]
    _made: dict[tuple[str, str], Chronicle] = field(default_factory=dict)

    def add(self, portion: Portion) -> None:
        """Take in samples; portions come in order of time."""
        for metric in self.metrics:
            label = signal_of(metric).arm_label
            for arm in sorted({series.labels.get(label, "") for series in portion.series} - {""}):
                self._made.setdefault((arm, metric.name), Chronicle(metric, arm)).add(portion)

    def arms(self) -> Mapping[str, float]:
        """Return how many pods' scrapes there are of each arm."""
        scrapes: dict[str, float] = {}
        for (arm, _), one in self._made.items():
            scrapes[arm] = scrapes.get(arm, 0.0) + sum(len(pod.cells) / pod.width for pod in one.pods.values())
        return scrapes

    def of(self, arm: str) -> Sequence[Chronicle]:
        """Return an arm's chronicles, in the order of the metrics; one without samples is empty."""
        found = [self._made.get((arm, metric.name)) or Chronicle(metric, arm) for metric in self.metrics]
        for one in found:
            one.close()
        return found


def _bound(channel: str) -> tuple[float, str]:
    try:
        return float(channel), channel
    except ValueError:
        return 0.0, channel
