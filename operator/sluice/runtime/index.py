"""Which candidates an event concerns, by name of target and plan: fed by events, it only decides whom to poke."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sluice.api.phase import TERMINAL, Phase
from sluice.runtime.parsing import phase_of, plan_name, target_name


class Key(NamedTuple):
    """A candidate's namespace and name."""

    namespace: str
    name: str


@dataclass(frozen=True)
class _Entry:
    """What an event must change for its candidate to be looked at: our own notes in the status are no news."""

    target: str
    plan: str
    phase: Phase
    uid: str
    generation: int
    deleting: bool

    @property
    def active(self) -> bool:
        return self.deleting or self.phase not in TERMINAL


@dataclass
class Index:
    """All candidates known, with what they name."""

    _entries: dict[Key, _Entry] = field(default_factory=dict)

    def note(self, raw: Mapping[str, Any]) -> frozenset[Key]:
        """Take in a candidate; return whom to poke: itself and its rivals when anything that matters changed."""
        key, entry = _key(raw), _entry(raw)
        if self._entries.get(key) == entry:
            return frozenset()
        self._entries[key] = entry
        return self.on_target(key.namespace, entry.target) | {key}

    def forget(self, raw: Mapping[str, Any]) -> frozenset[Key]:
        """Take a deleted candidate out; return its rivals."""
        key = _key(raw)
        gone = self._entries.pop(key, None)
        return self.on_target(key.namespace, gone.target) if gone else frozenset()

    def target_of(self, key: Key) -> tuple[str, str]:
        """Return namespace and target of a candidate: two candidates of one target are never decided side by side."""
        entry = self._entries.get(key)
        return (key.namespace, entry.target) if entry else key

    def on_target(self, namespace: str, target: str) -> frozenset[Key]:
        """Return the active candidates of a target."""
        return frozenset(
            key
            for key, entry in self._entries.items()
            if _same(key, namespace) and entry.target == target and entry.active
        )

    def on_plan(self, namespace: str, plan: str) -> frozenset[Key]:
        """Return the active candidates that name a plan."""
        return frozenset(
            key for key, entry in self._entries.items() if _same(key, namespace) and entry.plan == plan and entry.active
        )

    def phases(self) -> Mapping[Phase, int]:
        """Return how many candidates are in each phase."""
        return Counter(entry.phase for entry in self._entries.values())


def _same(key: Key, namespace: str) -> bool:
    return key.namespace == namespace


def _key(raw: Mapping[str, Any]) -> Key:
    return Key(raw["metadata"]["namespace"], raw["metadata"]["name"])


def _entry(raw: Mapping[str, Any]) -> _Entry:
    meta = raw["metadata"]
    return _Entry(
        target=target_name(raw),
        plan=plan_name(raw),
        phase=phase_of(raw),
        uid=str(meta.get("uid")),
        generation=int(meta.get("generation") or 0),
        deleting="deletionTimestamp" in meta,
    )
