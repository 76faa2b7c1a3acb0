"""Rounds: stretches of time over which both arms were scraped, so that their counts may be held against each other.

A round ends with a scrape of every candidate pod; the stable arm is counted up to its first scrapes at or after that.
So a blip that hits both arms is never seen in the candidate first, however the scrapes are staggered. What a round
holds depends on the times of samples alone, not on when or in what portions they were read.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.deltas import Cursor, Delta, Tallies, Track
from sluice.core.analysis.frozen import frozen


@frozen
class Round:
    """Counts of one channel over (begin, end], and the stable pods' requests and events one by one."""

    begin: float
    end: float
    counts: Counts
    strata: Sequence[tuple[float, float]] = ()
    name: str = ""
    """The channel."""


@frozen
class Joint:
    """One round of all channels that both arms have, and the cursors once it is used."""

    begin: float
    end: float
    channels: Mapping[str, Round]
    cursors: Mapping[str, Cursor] = field(default_factory=dict)
    disjoint: bool = False
    """Whether both arms were counted, but in no common channel."""


@frozen
class Clock:
    """The times that rounds depend on, all of them of samples."""

    newest: float
    """Time of the newest sample of all."""
    stale_seconds: float
    pool_seconds: float
    wanted: Collection[str] = ()
    """The channels to count; all of them when none is named."""


_Used = Sequence[tuple[str, Sequence[Delta]]]
"""Of each pod, by key, the deltas that a round takes."""


class _Wait(Exception):  # noqa: N818 -- not an error: a pod's next sample is still to come
    """The key of the pod is its argument."""


def next_round(candidate: Sequence[Track], stable: Sequence[Track], clock: Clock) -> Joint | None:
    """Return the first round that is complete, or None while samples are still awaited."""
    try:
        return next(_rounds(candidate, stable, clock), None)
    except _Wait:
        return None


def _rounds(candidate: Sequence[Track], stable: Sequence[Track], clock: Clock) -> Iterator[Joint]:
    """Yield the round of each possible end whose counts may be used, in order of time."""
    for end in _ends(candidate, clock):
        mine = [(track.key, _until(track.deltas, end)) for track in candidate]
        begin = min([deltas[0].begin for _, deltas in mine if deltas])
        theirs = [(track.key, _covering(track, end, clock)) for track in stable]
        joint = _joint(mine, theirs, (begin, end), clock.wanted)
        first = next(iter(joint.channels.values()), None)
        if (first is not None and first.counts.comparable) or end - begin >= clock.pool_seconds:
            yield joint


def _ends(candidate: Sequence[Track], clock: Clock) -> Sequence[float]:
    """Return the candidate's scrape times from the one on that every pod of it has come to."""
    times = sorted({delta.end for track in candidate for delta in track.deltas})
    if not times:
        return ()
    firsts = [_first(track, times[0], clock) for track in candidate if track.cursor.time <= times[0]]
    earliest = max([first for first in firsts if first is not None], default=times[0])
    return [time for time in times if time >= earliest]


def _first(track: Track, since: float, clock: Clock) -> float | None:
    """Return a candidate pod's next scrape; None for a pod that has gone. Waits for one that may yet come."""
    patience = track.cursor.patience(clock.stale_seconds)
    if track.cursor.time < since - patience:
        return None
    if track.deltas:
        return track.deltas[0].end if track.deltas[0].end <= since + patience else None
    if clock.newest <= since + patience:
        raise _Wait(track.key)
    return None


def _until(deltas: Sequence[Delta], end: float) -> Sequence[Delta]:
    if not deltas or deltas[-1].end <= end:
        return deltas
    return [delta for delta in deltas if delta.end <= end]


def _covering(track: Track, end: float, clock: Clock) -> Sequence[Delta]:
    """Return a stable pod's deltas up to its first scrape at or after `end`. Waits for that scrape if it may come.

    A pod silent for long before `end` has gone (its series outlive it): should it return, it counts from then on.
    """
    deltas, patience = track.deltas, track.cursor.patience(clock.stale_seconds)
    before = track.cursor.time
    for delta in deltas:
        if delta.end >= end:
            break
        before = delta.end
    if before < end - patience:
        return _until(deltas, end)
    limit = end + patience
    reached = deltas[-1].end if deltas else before
    if reached < end and clock.newest <= limit:
        raise _Wait(track.key)
    return [delta for delta in deltas if delta.begin < end and delta.end <= limit]


def _joint(mine: _Used, theirs: _Used, between: tuple[float, float], wanted: Collection[str]) -> Joint:
    """Sum up. What the stable arm did before the candidate's part begins has nothing to be held against."""
    begin, end = between
    candidate = [delta.tally for _, deltas in mine for delta in deltas if delta.tally]
    stable = [[delta.tally for delta in deltas if delta.tally and delta.end > begin] for _, deltas in theirs]
    known = [*candidate, *[tally for pod in stable for tally in pod]]
    names = _shared(known, wanted)
    return Joint(
        begin,
        end,
        {name: _round(between, name, candidate, stable) for name in names},
        {key: deltas[-1].cursor for used in (mine, theirs) for key, deltas in used if deltas},
        disjoint=bool(known) and not names,
    )


def _shared(known: Sequence[Tallies], wanted: Collection[str]) -> Sequence[str]:
    """Return the channels that every pod has."""
    if not known:
        return ()
    names: Collection[str] = wanted or known[0]
    for one in known:
        names = [name for name in names if name in one]
    return list(names)


def _round(
    between: tuple[float, float], name: str, candidate: Sequence[Tallies], stable: Sequence[Sequence[Tallies]]
) -> Round:
    mine = _sum([tally[name] for tally in candidate])
    strata = [_sum([tally[name] for tally in pod]) for pod in stable]
    theirs = _sum(strata)
    return Round(between[0], between[1], Counts(mine[1], mine[0], theirs[1], theirs[0]), strata, name)


def _sum(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return requests and events of all parts."""
    if len(parts) == 1:
        return parts[0]
    return sum([part[0] for part in parts]), sum([part[1] for part in parts])
