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


@dataclass(frozen=True, slots=True)
class _Part:
    """One series of a pod: its counter, and its usable samples, newest first."""

    counter: str
    samples: Sequence[tuple[float, float]]


def pods(
    series: Iterable[Series], arms: Arms, signal: Signal, stale_seconds: float, since: Mapping[str, float] = _NEVER
) -> tuple[Pod, ...]:
    """Return the pods of both arms, ordered by key. Series of other arms and unusable samples are left out.

    A source that is `stale_seconds` behind the pod's newest sample gives way to the next one. Samples older than
    `since` (by pod) were used before and are left out.
    """
    found: dict[tuple[str, str], dict[str, list[_Part]]] = {}
    arm_label, wanted = signal.arm_label, {arms.candidate, arms.stable}
    for one in series:
        labels = one.labels
        arm = labels.get(arm_label, "")
        if not one.samples or arm not in wanted:
            continue
        pod, counter = labels.get("pod") or labels.get("instance", ""), signal.counter(labels)
        if pod and counter is not None:
            samples = _recent(one.samples, since.get(f"{arm}/{pod}", -inf))
            if samples:
                sources = found.setdefault((arm, pod), {})
                sources.setdefault(_source(labels), []).append(_Part(counter, samples))
    return tuple([_pod(arm, pod, _fresh(sources, stale_seconds)) for (arm, pod), sources in sorted(found.items())])


def _recent(samples: Sequence[tuple[float, float]], since: float) -> Sequence[tuple[float, float]]:
    """Return the samples from `since` on, newest first, without what is no value of a counter: NaN, ∞, negatives."""
    found = []
    for sample in reversed(samples):
        if sample[0] < since:
            break
        if 0 <= sample[1] < inf:
            found.append(sample)
    return found


def _source(labels: Mapping[str, str]) -> str:
    return "|".join([labels.get(name, "") for name in SCRAPE_LABELS])


def _fresh(sources: Mapping[str, Sequence[_Part]], stale_seconds: float) -> tuple[str, Sequence[_Part]]:
    """Return the source that is up to date; among equals the first by name, so that the choice does not flap."""
    if len(sources) == 1:
        return next(iter(sources.items()))
    newest = {source: max(part.samples[0][0] for part in parts) for source, parts in sources.items()}
    limit = max(newest.values()) - stale_seconds
    source = min(source for source, time in newest.items() if time >= limit)
    return source, sources[source]


def _pod(arm: str, pod: str, fresh: tuple[str, Sequence[_Part]]) -> Pod:
    source, parts = fresh
    by_time: dict[float, dict[str, float]] = {}
    for part in parts:
        counter = part.counter
        for time, value in part.samples:
            row = by_time.setdefault(time, {})
            row[counter] = row.get(counter, 0.0) + value
    scrapes = tuple([Scrape(time, by_time[time]) for time in sorted(by_time)])
    return Pod(f"{arm}/{pod}", arm, f"{crc32(source.encode()):08x}", scrapes)
