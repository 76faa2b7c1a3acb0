"""Raw samples as they were read, and what one pod showed at each scrape.

A counter lives in a pod. Series that differ only in who scraped them (two jobs, a replica pair of Prometheus) show the
same counter twice: one source is kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from zlib import crc32

from sluice.core.analysis.signals import Signal

SCRAPE_LABELS = ("job", "instance", "endpoint", "prometheus", "prometheus_replica", "replica")
"""Labels that say who scraped; all others belong to the metric or to its pod."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its labels, and its samples as (Unix seconds, value), oldest first."""

    labels: Mapping[str, str]
    samples: tuple[tuple[float, float], ...]

    @property
    def newest(self) -> float:
        """Time of the last sample."""
        return self.samples[-1][0]


@dataclass(frozen=True, slots=True)
class Arms:
    """Values of the signal's arm label: the predictor under trial and the one that it is held against."""

    candidate: str
    stable: str


@dataclass(frozen=True, slots=True)
class Scrape:
    """The counters of one pod at one scrape, by the signal's counter names."""

    time: float
    counters: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod of one arm with its scrapes, oldest first (never empty)."""

    key: str
    arm: str
    source: str
    """Who scraped it: a short digest, as every checkpoint holds one for each pod."""
    scrapes: tuple[Scrape, ...]

    @property
    def newest(self) -> float:
        """Time of the last scrape."""
        return self.scrapes[-1].time


def pods(series: Iterable[Series], arms: Arms, signal: Signal, stale_seconds: float) -> tuple[Pod, ...]:
    """Return the pods of both arms, ordered by key. Series of other arms and unusable samples are left out.

    A source that is `stale_seconds` behind the pod's newest sample gives way to the next one.
    """
    found: dict[tuple[str, str], dict[str, list[Series]]] = defaultdict(lambda: defaultdict(list))
    for one in map(_usable, series):
        arm, pod = one.labels.get(signal.arm_label, ""), one.labels.get("pod") or one.labels.get("instance", "")
        if one.samples and pod and arm in {arms.candidate, arms.stable} and signal.counter(one.labels) is not None:
            found[arm, pod][_source(one.labels)].append(one)
    return tuple(
        _pod(arm, pod, _fresh(sources, stale_seconds), signal) for (arm, pod), sources in sorted(found.items())
    )


def _usable(series: Series) -> Series:
    """Drop what is no value of a counter: NaN, infinities, negatives."""
    good = tuple((time, value) for time, value in series.samples if isfinite(value) and value >= 0)
    return series if len(good) == len(series.samples) else Series(series.labels, good)


def _source(labels: Mapping[str, str]) -> str:
    return "|".join(labels.get(name, "") for name in SCRAPE_LABELS)


def _fresh(sources: Mapping[str, Sequence[Series]], stale_seconds: float) -> tuple[str, Sequence[Series]]:
    """Return the source that is up to date; among equals the first by name, so that the choice does not flap."""
    newest = {source: max(one.newest for one in group) for source, group in sources.items()}
    limit = max(newest.values()) - stale_seconds
    source = min(source for source, time in newest.items() if time >= limit)
    return source, sources[source]


def _pod(arm: str, pod: str, fresh: tuple[str, Sequence[Series]], signal: Signal) -> Pod:
    source, group = fresh
    return Pod(f"{arm}/{pod}", arm, f"{crc32(source.encode()):08x}", _scrapes(group, signal))


def _scrapes(group: Sequence[Series], signal: Signal) -> tuple[Scrape, ...]:
    by_time: dict[float, dict[str, float]] = defaultdict(dict)
    for one in group:
        counter = signal.counter(one.labels) or ""
        for time, value in one.samples:
            by_time[time][counter] = by_time[time].get(counter, 0.0) + value
    return tuple(Scrape(time, by_time[time]) for time in sorted(by_time))
