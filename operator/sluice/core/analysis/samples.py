"""Raw samples as they were read, and what one pod showed at each scrape.

A counter lives in a pod. Series that differ only in who scraped them (two jobs, a replica pair of Prometheus) show the
same counter twice: one source is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from zlib import crc32

from sluice.core.analysis.signals import Signal

_NEVER: Mapping[str, float] = {}
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
    """One pod of one arm with its scrapes since the cursor, oldest first (never empty)."""

    key: str
    arm: str
    source: str
    """Who scraped it: a short digest, as every checkpoint holds one for each pod."""
    scrapes: tuple[Scrape, ...]

    @property
    def newest(self) -> float:
        """Time of the last scrape."""
        return self.scrapes[-1].time


_Sample = tuple[float, float]
_Source = tuple[str | None, ...]
_Parts = list[tuple[str, Sequence[_Sample]]]
"""Of one source, the series of a pod: the counter of each, and its usable samples, newest first."""


def pods(
    series: Iterable[Series], arms: Arms, signal: Signal, stale_seconds: float, since: Mapping[str, float] = _NEVER
) -> tuple[Pod, ...]:
    """Return the pods of both arms, ordered by key. Series of other arms and unusable samples are left out.

    A source that is `stale_seconds` behind the pod's newest sample gives way to the next one. Samples older than
    `since` (by pod) were used before and are left out.
    """
    found: dict[tuple[str, str], dict[_Source, _Parts]] = {}
    arm_label, wanted, counter_of = signal.arm_label, {arms.candidate, arms.stable}, signal.counter
    for one in series:
        label = one.labels.get
        arm, pod = label(arm_label, ""), label("pod") or label("instance", "")
        if arm in wanted and pod and (counter := counter_of(one.labels)) is not None:
            samples = _recent(one.samples, since.get(f"{arm}/{pod}", -inf))
            if samples:
                sources = found.setdefault((arm, pod), {})
                source = tuple([label(name) for name in SCRAPE_LABELS])
                sources.setdefault(source, []).append((counter, samples))
    return tuple([_pod(arm, pod, *_fresh(sources, stale_seconds)) for (arm, pod), sources in sorted(found.items())])


def _recent(samples: Sequence[_Sample], since: float) -> Sequence[_Sample]:
    """Return the samples from `since` on, newest first, without what is no value of a counter: NaN, ∞, negatives."""
    found = []
    for sample in reversed(samples):
        if sample[0] < since:
            break
        if 0 <= sample[1] < inf:
            found.append(sample)
    return found


def _fresh(sources: Mapping[_Source, _Parts], stale_seconds: float) -> tuple[str, _Parts]:
    """Return the source that is up to date; among equals the first by name, so that the choice does not flap."""
    named = {"|".join([name or "" for name in source]): parts for source, parts in sources.items()}
    if len(named) == 1:
        return next(iter(named.items()))
    newest = {source: max(samples[0][0] for _, samples in parts) for source, parts in named.items()}
    limit = max(newest.values()) - stale_seconds
    source = min(source for source, time in newest.items() if time >= limit)
    return source, named[source]


def _pod(arm: str, pod: str, source: str, parts: _Parts) -> Pod:
    by_time: dict[float, dict[str, float]] = {}
    for counter, samples in parts:
        for time, value in samples:
            row = by_time.setdefault(time, {})
            row[counter] = row.get(counter, 0.0) + value
    scrapes = tuple([Scrape(time, by_time[time]) for time in sorted(by_time)])
    return Pod(f"{arm}/{pod}", arm, f"{crc32(source.encode()):08x}", scrapes)
