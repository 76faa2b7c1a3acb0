"""Many passes at once: a breach's reads and writes go on between the judgements of others, and wait for no room."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from sluice.api.phase import Phase
from sluice.runtime.index import Key
from sluice.runtime.looks import Looks
from sluice.runtime.reconciler import Reconciler, Worker
from sluice.runtime.telemetry import Telemetry
from sluice.runtime.workqueue import WorkQueue
from tests.golden.play import NAMESPACE, Play
from tests.golden.stories import errors

BREACH, CALLS = Key(NAMESPACE, "breach"), 6
KEY = Key(NAMESPACE, "shop-43")


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
    crew = [Worker(number, queue, cast("Reconciler", passes), telemetry, turn) for number in range(workers)]
    tasks = [asyncio.create_task(worker.run()) for worker in crew]
    while len(passes.done) <= others:  # noqa: ASYNC110 -- the passes are done on this loop
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    assert passes.done.index(BREACH) <= CALLS


@pytest.fixture
def play() -> Play:
    """Return a play at its first step."""
    made = Play(rps=5.0)
    made.apply()
    made.run(minutes=3)
    assert made.at(Phase.SHIFTING, 5)()
    return made


@pytest.fixture
def crowded(play: Play) -> Reconciler:
    """Return its reconciler while as many candidates are being read as may be."""
    return replace(play.reconciler(), room=asyncio.Semaphore(0))


async def test_a_breach_waits_for_no_room(play: Play, crowded: Reconciler) -> None:
    crowded.looks.outdate(KEY)
    await play.reconciler().reconcile(KEY)
    play.clients.rate = errors("43", 0.9)
    while play.phase() is Phase.SHIFTING:
        play.clock.advance(5)
        await asyncio.wait_for(crowded.reconcile(KEY), 30)
    assert play.phase() is Phase.ROLLING_BACK


async def test_what_no_samples_called_for_waits_until_there_is_room(play: Play, crowded: Reconciler) -> None:
    crowded.looks.outdate(KEY)
    waiting = asyncio.create_task(crowded.reconcile(KEY))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not waiting.done()
    crowded.room.release()
    await waiting
    assert crowded.looks.is_current(KEY, play.clock.now)
