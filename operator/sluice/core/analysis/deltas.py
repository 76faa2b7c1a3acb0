"""What a pod's counters gained between two scrapes: the only form in which counters are looked at."""

from collections.abc import Mapping
from dataclasses import field, replace

from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.samples import Pod, Scrape
from sluice.core.analysis.signals import Signal, Tallies

__all__ = ["Cursor", "Delta", "Tallies", "Track", "track"]

MISSABLE = 2
"""Scrape intervals without a sample before a pod is taken to have gone."""
LONGEST_INTERVAL = 60.0
"""A longer gap was an outage and says nothing about the next."""
_IDLE: Tallies = {}
_NONE: Mapping[str, float] = {}


@frozen
class Cursor:
    """How far a pod's samples were used."""

    since: float
    """Time of the pod's first sample."""
    time: float
    """Time of the last sample used."""
    source: str
    """Who scraped it: another source starts anew, its clock may differ."""
    counters: Mapping[str, float] | None = field(default=None, compare=False)
    """What they showed; None after a restart: they are read again, a checkpoint has no room for them."""
    carried: Mapping[str, float] = field(default_factory=dict)
    """Those of them that were missing in that sample."""
    gap: float = 0.0
    """Seconds between the last two samples used: the pod's scrape interval, as far as it is known."""

    def patience(self, stale_seconds: float) -> float:
        """Return how long the next sample is awaited: a pod that is scraped seldom is waited for longer."""
        return max(stale_seconds, MISSABLE * min(self.gap, LONGEST_INTERVAL))


@frozen
class Delta:
    """What one pod did in (begin, cursor.time], and the cursor once it is used."""

    begin: float
    cursor: Cursor
    tally: Tallies
    """Requests and events by channel; nothing while the pod warms up."""

    @property
    def end(self) -> float:
        """Time of the scrape that showed it."""
        return self.cursor.time


@frozen
class Track:
    """One pod: where its samples were left, and what has come since, oldest first."""

    key: str
    arm: str
    cursor: Cursor
    deltas: tuple[Delta, ...]


def track(pod: Pod, cursor: Cursor | None, signal: Signal, warm_up_seconds: float) -> Track:
    """Return what a pod gained since its cursor. A pod or source not seen before starts at its first sample."""
    last = cursor = _resumed(pod, cursor)
    warm, deltas = cursor.since + warm_up_seconds, []
    for scrape in pod.scrapes:
        if scrape.time > last.time:
            delta = _delta(last, scrape, signal, warm)
            deltas.append(delta)
            last = delta.cursor
    return Track(pod.key, pod.arm, cursor, tuple(deltas))


def _resumed(pod: Pod, cursor: Cursor | None) -> Cursor:
    """Return where to go on: at the cursor, if the sample that it points to is known or can be read again."""
    first = pod.scrapes[0]
    if cursor is None:
        return Cursor(first.time, first.time, pod.source, first.counters)
    if cursor.source == pod.source and cursor.counters is not None:
        return cursor
    if cursor.source == pod.source and first.time <= cursor.time:
        again = [scrape for scrape in pod.scrapes if scrape.time <= cursor.time][-1]
        if again.time == cursor.time:
            return replace(cursor, counters={**cursor.carried, **again.counters})
    return Cursor(cursor.since, first.time, pod.source, first.counters)


def _delta(last: Cursor, scrape: Scrape, signal: Signal, warm: float) -> Delta:
    carried, gained = _gain(last.counters or {}, scrape.counters)
    kept = {**carried, **scrape.counters} if carried else scrape.counters
    cursor = Cursor(last.since, scrape.time, last.source, kept, carried, scrape.time - last.time)
    return Delta(last.time, cursor, signal.tally(gained) if last.time >= warm else _IDLE)


def _gain(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the counters that are missing now, and what the others gained.

    One counter that fell means that the process began again, all its counters with it. One that is new beside others
    was zero; one that is missing beside others has not moved.
    """
    shown = before.get
    gained = {name: value - shown(name, 0.0) for name, value in after.items()}
    if min(gained.values(), default=0.0) < 0:
        return _NONE, after
    if before.keys() <= after.keys():
        return _NONE, gained
    return {name: count for name, count in before.items() if name not in after}, gained
