"""Workers and shared reads: a tick ends at once where samples are missing, and is done again when they are there."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from sluice.api.phase import Phase
from sluice.ports import CounterQuery, MetricsProvider, Providers
from sluice.runtime.index import Key
from sluice.runtime.lane import Found
from sluice.runtime.pacing import until_slot
from sluice.runtime.reconciler import Reconciler, Worker
from sluice.runtime.sampling import SharedReads
from sluice.runtime.workqueue import WorkQueue
from tests.golden.play import NAMESPACE, Play
from tests.golden.stories import errors

KEY, STRANGER = Key(NAMESPACE, "shop-43"), Key(NAMESPACE, "stranger")
TICK = 5.0


@dataclass
class Gate:
    """A provider that answers when it is let."""

    provider: MetricsProvider
    open: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    reads: int = 0

    async def read(self, queries: Collection[CounterQuery], at: float) -> Mapping[CounterQuery, Found]:
        self.reads += 1
        self.asked.set()
        await self.open.wait()
        return await self.provider.read(queries, at)


class Crowd:
    """A play at its first step, with one worker whose reads are shared."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.queue = WorkQueue[Key](play.clock.seconds)
        self.gate = Gate(play.metrics)
        made = play.reconciler()
        shared = SharedReads(self.gate, now=play.clock.seconds)
        providers = Providers(registries=made.world.providers.registries, metrics={"default": shared})
        world = replace(made.world, providers=providers)
        self.reconciler: Reconciler = replace(made, world=world, applier=replace(made.applier, world=world))
        self.worker = Worker(0, self.queue, self.reconciler, play.telemetry)

    async def step(self, key: Key = KEY) -> None:
        """Have the worker take a key."""
        self.queue.add(key)
        await self.worker.step(patience=0)

    async def arrived(self) -> None:
        """Let the provider answer, and wait until the candidate is due again."""
        self.gate.open.set()
        key = await self.queue.take(10)
        assert key is not None
        self.queue.release(key)

    def outcomes(self) -> dict[str, float]:
        """Return how reconciles ended."""
        found: dict[str, Any] = {}
        for family in self.play.telemetry.registry.collect():
            if family.name == "sluice_reconcile":
                found |= {
                    one.labels["outcome"]: one.value
                    for one in family.samples
                    if one.name == "sluice_reconcile_total" and one.value
                }
        return found


@pytest.fixture
def play() -> Play:
    made = Play(rps=5.0)
    made.apply()
    made.run(minutes=3)
    assert made.at(Phase.SHIFTING, 5)()
    return made


@pytest.fixture
async def crowd(play: Play) -> Crowd:
    play.clock.advance(TICK)
    return Crowd(play)


async def test_a_tick_without_samples_ends_at_once_and_is_done_when_they_are_there(crowd: Crowd) -> None:
    await crowd.step()
    assert (crowd.outcomes(), len(crowd.queue)) == ({}, 0)
    await crowd.arrived()
    await crowd.step()
    assert (crowd.outcomes(), crowd.gate.reads) == ({"ok": 1.0}, 1)


async def test_ticks_begin_on_the_slot_after_their_samples(crowd: Crowd) -> None:
    await crowd.step()
    await crowd.arrived()
    await crowd.step()
    now, look = crowd.play.clock.seconds(), crowd.reconciler.looks.last(KEY)
    assert look is not None
    assert look.rhythm is not None
    assert crowd.queue._due[KEY] - now == until_slot(now, TICK, f"{KEY.namespace}/{KEY.name}", look.rhythm)


async def test_a_provider_that_hangs_holds_no_worker(crowd: Crowd) -> None:
    for _ in range(3):
        await crowd.step()
    await crowd.step(STRANGER)
    await crowd.gate.asked.wait()
    assert (crowd.outcomes(), crowd.gate.reads) == ({"gone": 1.0}, 1)
    await crowd.arrived()


async def test_objects_that_may_be_old_are_read_again_once_the_samples_are_there(crowd: Crowd) -> None:
    crowd.reconciler.looks.outdate(KEY)
    await crowd.step()
    await crowd.arrived()
    await crowd.step()
    assert (crowd.gate.reads, crowd.reconciler.looks.is_current(KEY, crowd.play.clock.now)) == (1, True)


async def test_a_breach_is_acted_on_in_the_pass_that_takes_the_samples(crowd: Crowd) -> None:
    crowd.play.clients.rate = errors("43", 0.9)
    crowd.play.clock.advance(120)
    await crowd.step()
    await crowd.arrived()
    await crowd.step()
    assert (crowd.play.phase(), crowd.gate.reads) == (Phase.ROLLING_BACK, 1)
