"""Raw samples as they were read, and what one pod showed at each scrape.

A counter lives in a pod. Series that differ only in who scraped them (two jobs, a replica pair of Prometheus) show the
same counter twice: one source is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from zlib import crc32

from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.signals import Signal

_NEVER: Mapping[str, float] = {}
SCRAPE_LABELS = ("job", "instance", "endpoint", "prometheus", "prometheus_replica", "replica")
"""Labels that say who scraped; all others belong to the metric or to its pod."""


@frozen
class Series:
    """One series: its labels, and its samples as (Unix seconds, value), oldest first."""

    labels: Mapping[str, str]
    samples: tuple[tuple[float, float], ...]

    @property
    def newest(self) -> float:
        """Time of the last sample."""
        return self.samples[-1][0]


@frozen
class Arms:
    """Values of the signal's arm label: the predictor under trial and the one that it is held against."""

    candidate: str
    stable: str


@frozen
class Scrape:
    """The counters of one pod at one scrape, by the signal's counter names."""

    time: float
    counters: Mapping[str, float]


@frozen
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


_Source = tuple[str | None, ...]
_Rows = dict[float, dict[str, float]]
"""The counters that one source saw of a pod, by time."""


def pods(
    series: Iterable[Series], arms: Arms, signal: Signal, stale_seconds: float, since: Mapping[str, float] = _NEVER
) -> tuple[Pod, ...]:
    """Return the pods of both arms, ordered by key. Series of other arms and unusable samples are left out.

    A source that is `stale_seconds` behind the pod's newest sample gives way to the next one. Samples older than
    `since` (by pod) were used before and are left out.
    """
    found: dict[tuple[str, str], tuple[float, dict[_Source, _Rows]]] = {}
    arm_label, wanted, counter_of = signal.arm_label, {arms.candidate, arms.stable}, signal.counter
    for one in series:
        label = one.labels.get
        arm, pod = label(arm_label, ""), label("pod") or label("instance", "")
        if arm in wanted and pod and (counter := counter_of(one.labels)) is not None:
            place = arm, pod
            seen = found.get(place)
            if seen is None:
                seen = found[place] = since.get(f"{arm}/{pod}", -inf), {}
            rows = seen[1].setdefault(tuple(map(label, SCRAPE_LABELS)), {})
            _enter(rows, counter, one.samples, seen[0])
    fresh = [(*place, _fresh(found[place][1], stale_seconds)) for place in sorted(found)]
    return tuple([_pod(arm, pod, *one) for arm, pod, one in fresh if one is not None])


def _enter(rows: _Rows, counter: str, samples: Sequence[tuple[float, float]], since: float) -> None:
    """Add a counter's samples from `since` on, without what is no value of one: NaN, ∞, negatives."""
    for time, count in reversed(samples):
        if time < since:
            break
        if 0 <= count < inf:
            row = rows.get(time)
            if row is None:
                rows[time] = {counter: count}
            else:
                row[counter] = row[counter] + count if counter in row else count


def _fresh(sources: Mapping[_Source, _Rows], stale_seconds: float) -> tuple[_Source, _Rows] | None:
    """Return the source that is up to date; among equals the first by name, so that the choice does not flap."""
    if len(sources) > 1:
        newest = {source: max(rows) for source, rows in sources.items() if rows}
        limit = max(newest.values(), default=0.0) - stale_seconds
        source = min([source for source, time in newest.items() if time >= limit], key=_name, default=None)
        return None if source is None else (source, sources[source])
    ((source, rows),) = sources.items()
    return (source, rows) if rows else None


def _pod(arm: str, pod: str, source: _Source, rows: _Rows) -> Pod:
    scrapes = tuple([Scrape(time, rows[time]) for time in sorted(rows)])
    return Pod(f"{arm}/{pod}", arm, f"{crc32(_name(source).encode()):08x}", scrapes)


def _name(source: _Source) -> str:
    return "|".join([name or "" for name in source])
