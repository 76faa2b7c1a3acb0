"""What the last pass over each running candidate saw, for as long as no watch reports a change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from zlib import crc32

from sluice.api.candidate import MetricStatus
from sluice.core.observed import Observed
from sluice.core.record import Record
from sluice.runtime.index import Key
from sluice.runtime.pacing import Rhythm

EARLIEST = 0.5
"""A pass that begins before this part of its tick is over was not the tick's."""
_HEAVY = ("managedFields", "annotations")
MOST_SECONDS = 300.0
"""Objects are read again after this long though nothing was reported: a watch can fall silent."""
SURE_SECONDS = 75.0
"""A candidate is read again after this long unless it was written: a guarded write shows that nothing changed."""
_SPREAD = 1000


@dataclass(frozen=True, kw_only=True)
class Look:
    """One pass: what it saw, with the candidate's status as it left it, and what is on record of that."""

    raw: Mapping[str, Any] = field(repr=False)
    """The candidate as it was last read or written, as far as it is still of use."""
    observed: Observed
    taken: datetime
    """When the objects were read."""
    record: Record
    begun: datetime
    """When the pass that led to it began."""
    tick: float = 0.0
    """Seconds from there until the next pass was to begin; 0: this one waits for samples."""
    missed: int = 0
    """How many ticks in a row had begun late by a whole tick or more."""
    rhythm: Rhythm | None = None
    """When its samples come, as far as it is known."""


def gist(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a write needs of a candidate, and that it has a status: the whole would be much of all memory."""
    metadata = {name: value for name, value in raw["metadata"].items() if name not in _HEAVY}
    named = {name: raw[name] for name in ("apiVersion", "kind") if name in raw}
    return named | {"metadata": metadata, "status": {"phase": (raw.get("status") or {}).get("phase")}}


def look_of(raw: Mapping[str, Any], observed: Observed, record: Record, taken: datetime) -> Look:
    """Return the look of a pass that has read its objects."""
    return Look(raw=gist(raw), observed=observed, taken=taken, record=record, begun=observed.now)


class Begun(NamedTuple):
    """How a pass begins."""

    late_seconds: float | None = None
    """How much too late; None: it was no tick's."""
    missed_ticks: int = 0
    """How many ticks in a row were late by a whole tick or more, this one included."""


@dataclass
class Looks:
    """The last looks by candidate; a change that is reported while a pass is under way makes its look an old one."""

    _kept: dict[Key, Look] = field(default_factory=dict)
    _old: set[Key] = field(default_factory=set)
    _begun: dict[Key, datetime] = field(default_factory=dict)

    def last(self, key: Key) -> Look | None:
        """Return the last look, current or not."""
        return self._kept.get(key)

    def is_outdated(self, key: Key) -> bool:
        """Return whether a change was reported since objects were last read."""
        return key in self._old

    def is_current(self, key: Key, now: datetime) -> bool:
        """Return whether the objects of the last look can be taken for those of now."""
        look = self._kept.get(key)
        if look is None or key in self._old:
            return False
        age, seen = (now - look.taken).total_seconds(), max(look.taken, look.record.time or look.taken)
        return age < _most_seconds(key) and (now - seen).total_seconds() < SURE_SECONDS

    def begin(self, key: Key, now: datetime) -> Begun:
        """Take note that a pass begins, and return how it does.

        What comes so early that something else called it is no tick's. A pass that has to wait for samples began when
        it first asked for them: a slow provider is not an operator that comes late.
        """
        look = self._kept.get(key)
        if look is None or not look.tick:
            return Begun()
        begun = self._begun.setdefault(key, now)
        passed = (begun - look.begun).total_seconds()
        if passed < look.tick * EARLIEST:
            return Begun(None, look.missed)
        late = max(0.0, passed - look.tick)
        return Begun(late, look.missed + 1 if late >= look.tick else 0)

    def evidence(self) -> Mapping[Key, tuple[MetricStatus, ...]]:
        """Return the live metrics of each candidate whose step is in force."""
        return {key: look.observed.candidate.status.metrics for key, look in list(self._kept.items())}

    def outdate(self, key: Key) -> None:
        """Take note that something about a candidate changed: its objects are to be read again."""
        self._old.add(key)

    def renew(self, key: Key) -> None:
        """Take note that the objects are about to be read: only what changes from here on is news."""
        self._old.discard(key)

    def keep(self, key: Key, look: Look) -> None:
        """Remember a look."""
        self._kept[key] = look
        self._begun.pop(key, None)

    def await_samples(self, key: Key, look: Look) -> None:
        """Remember the objects of a pass that ends before its samples are there: it goes on with them."""
        last = self._kept.get(key)
        if last is not None:
            look = replace(look, begun=last.begun, tick=last.tick, missed=last.missed, rhythm=last.rhythm)
        self._kept[key] = look

    def forget(self, key: Key) -> None:
        """Drop what is known of a candidate."""
        self._kept.pop(key, None)
        self._begun.pop(key, None)
        self._old.discard(key)


def _most_seconds(key: Key) -> float:
    """Return how old objects may become: half of the most or more, by name, so that a start does not come back."""
    return MOST_SECONDS * (1 + crc32(f"{key.namespace}/{key.name}".encode()) % _SPREAD / _SPREAD) / 2
