"""Rounds: stretches of time over which both arms were scraped, so that their counts may be held against each other.

A round ends with a scrape of every candidate pod; the stable arm is counted up to its first scrapes at or after that.
So a blip that hits both arms is never seen in the candidate first, however the scrapes are staggered. What a round
holds depends on the times of samples alone, not on when or in what portions they were read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.deltas import Cursor, Delta, Track


@dataclass(frozen=True, slots=True)
class Round:
    """Counts of one round over (begin, end], and the cursors once it is used."""

    begin: float
    end: float
    counts: Counts
    cursors: Mapping[str, Cursor]


@dataclass(frozen=True, slots=True)
class Clock:
    """The times that rounds depend on, all of them of samples."""

    newest: float
    """Time of the newest sample of all."""
    stale_seconds: float
    pool_seconds: float


@dataclass(frozen=True, slots=True)
class _Wait(Exception):  # noqa: N818 -- not an error: a pod's next sample is still to come
    key: str


def next_round(candidate: Sequence[Track], stable: Sequence[Track], clock: Clock) -> Round | None:
    """Return the first round that is complete, or None while samples are still awaited."""
    try:
        return next(_rounds(candidate, stable, clock), None)
    except _Wait:
        return None


def _rounds(candidate: Sequence[Track], stable: Sequence[Track], clock: Clock) -> Iterator[Round]:
    """Yield the round of each possible end whose counts may be used, in order of time."""
    for end in _ends(candidate, clock):
        mine = {track.key: _until(track, end) for track in candidate}
        begin = min(deltas[0].begin for deltas in mine.values() if deltas)
        theirs = {track.key: _covering(track, end, clock) for track in stable}
        counts = _counts(mine.values(), theirs.values(), begin)
        if counts.comparable or end - begin >= clock.pool_seconds:
            used = {**mine, **theirs}
            yield Round(begin, end, counts, {key: deltas[-1].cursor for key, deltas in used.items() if deltas})


def _ends(candidate: Sequence[Track], clock: Clock) -> Sequence[float]:
    """Return the candidate's scrape times from the one on that every pod of it has come to."""
    times = sorted({delta.end for track in candidate for delta in track.deltas})
    if not times:
        return ()
    firsts = [_first(track, times[0], clock) for track in candidate if track.cursor.time <= times[0]]
    earliest = max((first for first in firsts if first is not None), default=times[0])
    return [time for time in times if time >= earliest]


def _first(track: Track, since: float, clock: Clock) -> float | None:
    """Return a candidate pod's next scrape; None for a pod that has gone. Waits for one that may yet come."""
    patience = track.patience(clock.stale_seconds)
    if track.cursor.time < since - patience:
        return None
    if track.deltas:
        return track.deltas[0].end if track.deltas[0].end <= since + patience else None
    if clock.newest <= since + patience:
        raise _Wait(track.key)
    return None


def _until(track: Track, end: float) -> tuple[Delta, ...]:
    return tuple(delta for delta in track.deltas if delta.end <= end)


def _covering(track: Track, end: float, clock: Clock) -> tuple[Delta, ...]:
    """Return a stable pod's deltas up to its first scrape at or after `end`. Waits for that scrape if it may come.

    A pod silent for long before `end` has gone (its series outlive it): should it return, it counts from then on.
    """
    patience = track.patience(clock.stale_seconds)
    limit = end + patience
    before = max((delta.end for delta in track.deltas if delta.end < end), default=track.cursor.time)
    if before < end - patience:
        return tuple(delta for delta in track.deltas if delta.end <= end)
    deltas = tuple(delta for delta in track.deltas if delta.begin < end and delta.end <= limit)
    reached = max((delta.end for delta in track.deltas), default=track.cursor.time)
    if reached < end and clock.newest <= limit:
        raise _Wait(track.key)
    return deltas


def _counts(candidate: Iterable[Sequence[Delta]], stable: Iterable[Sequence[Delta]], begin: float) -> Counts:
    """Sum up. What the stable arm did before the candidate's part begins has nothing to be held against."""
    mine = [delta for deltas in candidate for delta in deltas]
    theirs = [delta for deltas in stable for delta in deltas if delta.end > begin]
    return Counts(
        sum(delta.failures for delta in mine),
        sum(delta.requests for delta in mine),
        sum(delta.failures for delta in theirs),
        sum(delta.requests for delta in theirs),
    )
