"""Many passes at once: a breach's reads and writes go on between the judgements of others, and
samples are judged while reads hang."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from sluice.runtime.index import Key
from sluice.runtime.looks import Looks
from sluice.runtime.reconciler import Reconciler, Worker
from sluice.runtime.telemetry import Telemetry
from sluice.runtime.workqueue import WorkQueue
from tests.golden.play import NAMESPACE

BREACH, CALLS = Key(NAMESPACE, "breach"), 6
SLOW = Key(NAMESPACE, "slow")


@dataclass
class Passes:
    """Stands in for a reconciler: all only judge, but for one that then calls the API server."""

    looks: Looks = field(default_factory=Looks)
    done: list[Key] = field(default_factory=list)

    async def reconcile(self, key: Key) -> None:
        for _ in range(CALLS if key == BREACH else 0):
            await asyncio.sleep(0)
        self.done.append(key)


@pytest.mark.parametrize("others", [10, 1000])
@pytest.mark.parametrize("workers", [2, 8, 32])
async def test_a_breach_is_written_before_others_are_judged(others: int, workers: int) -> None:
    passes, loop = Passes(), asyncio.get_running_loop()
    queue, turn = WorkQueue[Key](loop.time), asyncio.Lock()
    telemetry = Telemetry(clock=loop.time, heartbeat_seconds=60)
    for key in (BREACH, *(Key(NAMESPACE, f"c-{number}") for number in range(others))):
        queue.add(key)
    crew = [Worker(number, queue, cast("Reconciler", passes), telemetry, turn=turn) for number in range(workers)]
    tasks = [asyncio.create_task(worker.run()) for worker in crew]
    while len(passes.done) <= others:  # noqa: ASYNC110 -- the passes are done on this loop
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    assert passes.done.index(BREACH) <= CALLS


@dataclass
class Stuck:
    """Stands in for a reconciler whose reads of objects never end; samples are judged at once."""

    looks: Looks = field(default_factory=Looks)
    judged: list[Key] = field(default_factory=list)

    async def reconcile(self, key: Key) -> None:
        if key == SLOW:
            await asyncio.get_running_loop().create_future()
        self.judged.append(key)


async def test_samples_are_judged_while_reads_hang(caplog: pytest.LogCaptureFixture) -> None:
    passes, loop = Stuck(), asyncio.get_running_loop()
    queue, turn = WorkQueue[Key](loop.time), asyncio.Lock()
    telemetry = Telemetry(clock=loop.time, heartbeat_seconds=60)
    crew = [
        Worker(number, queue, cast("Reconciler", passes), telemetry, quick=number > 0, turn=turn) for number in range(2)
    ]
    queue.add(SLOW)
    tasks = [asyncio.create_task(worker.run()) for worker in crew]
    ticks = [Key(NAMESPACE, f"c-{number}") for number in range(20)]
    for key in ticks:
        queue.add(key, quick=True)
    other = Key(NAMESPACE, "other")
    queue.add(other)
    for _ in range(500):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    assert passes.judged == ticks
    assert len(queue) == 1
    assert not caplog.records
