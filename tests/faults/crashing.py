"""Something goes wrong at the k-th write: the operator dies before it or after it, it conflicts, or has no answer.

Fault classes F1 (killed before the k-th write), F2 and F3 (killed after it committed, answer lost), F4 (conflict on it)
and F5 (a server error).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sluice.ports import Conflict, Providers, Unavailable
from sluice.runtime.world import World

WRITES: Mapping[str, frozenset[str]] = {
    "objects": frozenset({"create_revision"}),
    "writer": frozenset({"write_status", "set_finalizers"}),
    "jobs": frozenset({"create_job", "delete_job"}),
    "targets": frozenset({"patch", "write_route", "delete_workload"}),
    "registry": frozenset({"tag", "set_alias", "count_use"}),
}


class Mode(StrEnum):
    """What goes wrong at the write."""

    BEFORE = "Before"
    AFTER = "After"
    CONFLICT = "Conflict"
    NO_ANSWER = "NoAnswer"


class Died(Exception):  # noqa: N818 -- not an error of ours: the process is gone
    """The operator was killed: whatever it was about to do, it does not."""


@dataclass
class Fault:
    """Counts the writes of a play and spoils one of them; 0 spoils none."""

    at: int = 0
    mode: Mode = Mode.BEFORE
    seen: int = 0
    log: list[str] = field(default_factory=list)

    async def around(self, name: str, write: Callable[[], Awaitable[Any]]) -> Any:
        """Carry a write out, or not."""
        self.seen += 1
        self.log.append(name)
        if self.seen != self.at:
            return await write()
        if self.mode is Mode.AFTER:
            await write()
        if self.mode is Mode.CONFLICT:
            raise Conflict(f"{name} met a change")
        if self.mode is Mode.NO_ANSWER:
            raise Unavailable(f"{name} had no answer")
        raise Died(name)


class Faulty:
    """A port whose writes pass through a fault; reads go straight through."""

    def __init__(self, port: object, writes: frozenset[str], fault: Fault) -> None:
        self._port, self._writes, self._fault = port, writes, fault

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._port, name)
        if name not in self._writes:
            return inner

        async def write(*args: Any, **kwargs: Any) -> Any:
            return await self._fault.around(name, lambda: inner(*args, **kwargs))

        return write


def spoiled(world: World, fault: Fault) -> World:
    """Return the world with every write of every port under the fault."""
    ports: dict[str, Any] = {
        name: Faulty(getattr(world, name), writes, fault) for name, writes in WRITES.items() if name != "registry"
    }
    registries = {
        name: Faulty(registry, WRITES["registry"], fault) for name, registry in world.providers.registries.items()
    }
    return replace(world, **ports, providers=Providers(registries=registries, metrics=world.providers.metrics))
