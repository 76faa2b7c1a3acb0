"""What a pod's counters gained between two scrapes: the only form in which counters are looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sluice.core.analysis.samples import Pod
from sluice.core.analysis.signals import Signal

MISSABLE = 2
"""Scrape intervals without a sample before a pod is taken to have gone."""
LONGEST_INTERVAL = 60.0
"""A longer gap was an outage and says nothing about the next."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a pod's samples were used."""

    since: float
    """Time of the pod's first sample."""
    time: float
    """Time of the last sample used."""
    source: str
    """Who scraped it: another source starts anew, its clock may differ."""
    counters: Mapping[str, float]
    gap: float = 0.0
    """Seconds between the last two samples used: the pod's scrape interval, as far as it is known."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Requests and failures of one pod in (begin, cursor.time], and the cursor once they are used."""

    begin: float
    cursor: Cursor
    requests: float
    failures: float

    @property
    def end(self) -> float:
        """Time of the scrape that showed it."""
        return self.cursor.time


@dataclass(frozen=True, slots=True)
class Track:
    """One pod: where its samples were left, and what has come since, oldest first."""

    key: str
    arm: str
    cursor: Cursor
    deltas: tuple[Delta, ...]

    def patience(self, stale_seconds: float) -> float:
        """Return how long its next sample is awaited: a pod that is scraped seldom is waited for longer."""
        return max(stale_seconds, MISSABLE * min(self.cursor.gap, LONGEST_INTERVAL))


def track(pod: Pod, cursor: Cursor | None, signal: Signal, warm_up_seconds: float) -> Track:
    """Return what a pod gained since its cursor. A pod or source not seen before starts at its first sample."""
    if cursor is None or cursor.source != pod.source:
        first = pod.scrapes[0]
        since = first.time if cursor is None else cursor.since
        cursor = Cursor(since, first.time, pod.source, dict(first.counters))
    deltas, last = [], cursor
    for scrape in pod.scrapes:
        if scrape.time > last.time:
            deltas.append(_delta(last, scrape.time, scrape.counters, signal))
            last = deltas[-1].cursor
    warm = cursor.since + warm_up_seconds
    return Track(pod.key, pod.arm, cursor, tuple(_idle(delta) if delta.begin < warm else delta for delta in deltas))


def _delta(last: Cursor, time: float, counters: Mapping[str, float], signal: Signal) -> Delta:
    kept, gained = _gain(last.counters, counters)
    requests, failures = signal.tally(gained).get("", (0.0, 0.0))
    return Delta(last.time, replace(last, time=time, counters=kept, gap=time - last.time), requests, failures)


def _gain(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the counters to go on from and what was gained.

    One counter that fell means that the process began again, all its counters with it. One that is new beside others
    was zero; one that is missing beside others has not moved.
    """
    if any(value < before.get(name, 0.0) for name, value in after.items()):
        return after, after
    return {**before, **after}, {name: value - before.get(name, 0.0) for name, value in after.items()}


def _idle(delta: Delta) -> Delta:
    return replace(delta, requests=0.0, failures=0.0)
