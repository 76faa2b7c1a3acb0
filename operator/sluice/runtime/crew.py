"""The leader's crew: watches, workers and the lease's keeper; the first to end ends the process."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import kopf

from sluice.api.phase import Phase
from sluice.ports import SluiceError
from sluice.runtime import handlers
from sluice.runtime.apply import Applier
from sluice.runtime.evidence import nobody
from sluice.runtime.index import Index, Key
from sluice.runtime.leadership import Leadership
from sluice.runtime.looks import Looks
from sluice.runtime.reconciler import Reconciler, Worker
from sluice.runtime.telemetry import Telemetry
from sluice.runtime.workqueue import WorkQueue
from sluice.runtime.world import World

log = logging.getLogger(__name__)

LOST = 3
"""Exit code of a process that led and does no longer."""
BROKEN = 1
_END_SECONDS = 8.0


def utc_now() -> datetime:
    """Return the time; decisions get it as a value."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Crew:
    """What runs while this replica leads."""

    world: World
    leadership: Leadership
    telemetry: Telemetry
    workers: int
    namespaces: tuple[str, ...] = ()
    """Watched namespaces; empty: all."""

    async def run(self, stop: asyncio.Event) -> int:
        """Work until stopped (0), the lease is lost (3) or a part breaks (1)."""
        index = Index()
        queue = WorkQueue[Key](self.telemetry.clock, lane=index.target_of)
        self._show(index, queue)
        looks = Looks()
        self.telemetry.evidence.running = looks.evidence
        workers = [_task(f"worker {one.number}", one.run()) for one in self._workers(queue, looks)]
        keeper = _task("lease", self.leadership.keep())
        stopping = _task("stop", stop.wait())
        watches = _task("watches", self._watch(index, partial(_changed, queue, looks)))
        tasks = [*workers, keeper, stopping, watches]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        code = LOST if keeper in done else _code(done)
        await _end(tasks)
        self.telemetry.leader.set(0)
        self.telemetry.evidence.running = nobody
        await self._release()
        return code

    def _workers(self, queue: WorkQueue[Key], looks: Looks) -> list[Worker]:
        """Return those who look at anything, and as many who only look at samples."""
        applier = Applier(self.world, self.telemetry, self.leadership.fence)
        reconciler, turn = Reconciler(self.world, applier, utc_now, looks=looks), asyncio.Lock()
        return [
            Worker(number, queue, reconciler, self.telemetry, quick=number >= self.workers, turn=turn)
            for number in range(2 * self.workers)
        ]

    async def _watch(self, index: Index, poke: handlers.Poke) -> None:
        await kopf.operator(
            registry=handlers.registry_of(index, poke),
            settings=handlers.settings(self.namespaces),
            clusterwide=not self.namespaces,
            namespaces=self.namespaces,
            standalone=True,
        )

    def _show(self, index: Index, queue: WorkQueue[Key]) -> None:
        self.telemetry.leader.set(1)
        self.telemetry.queue.set_function(lambda: len(queue))
        for phase in Phase:
            self.telemetry.candidates.labels(phase.value).set_function(partial(_count, index, phase))

    async def _release(self) -> None:
        try:
            await self.leadership.release()
        except SluiceError as error:
            log.warning("lease not released", extra={"cause": str(error)})


def _changed(queue: WorkQueue[Key], looks: Looks, key: Key) -> None:
    looks.outdate(key)
    queue.add(key)


def _count(index: Index, phase: Phase) -> float:
    return float(index.phases().get(phase, 0))


def _task(name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.create_task(work, name=name)


def _code(done: set[asyncio.Task[Any]]) -> int:
    """Return 0 when a stop was asked for (kopf takes the signals over), 1 when a part broke."""
    for task in done:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a part broke", extra={"part": task.get_name()}, exc_info=error)
            return BROKEN
    return 0


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_END_SECONDS)
