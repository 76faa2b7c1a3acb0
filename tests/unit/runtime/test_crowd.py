"""Minutes of ticks of many candidates, on a clock that jumps: how many reads, how soon, how fresh, and held by whom."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.ports import CounterQuery, Unavailable
from sluice.runtime.lane import APART, GATHERED, Found
from sluice.runtime.pacing import SLOT_SECONDS, until_slot
from sluice.runtime.sampling import GRACE, NotRead, SharedReads
from tests.support import virtual_time

ERRORS, CARTS = CounterSpec("errors_total"), CounterSpec("carts_total")
TICK, ANSWER, HANG = 5, 0.1, 6.0


@dataclass
class Slow:
    """A provider that takes its time, fails for some counters, and notes when it was asked."""

    hanging: frozenset[CounterSpec] = frozenset()
    reads: Counter[CounterSpec] = field(default_factory=Counter)
    under_way: Counter[CounterSpec] = field(default_factory=Counter)
    most: int = 0
    """Most reads of one counter at once."""

    async def read(self, queries: Collection[CounterQuery], at: float) -> Mapping[CounterQuery, Found]:
        (spec,) = {query.spec for query in queries}
        self.reads[spec] += 1
        self.under_way[spec] += 1
        self.most = max(self.most, self.under_way[spec])
        await asyncio.sleep(HANG if spec in self.hanging else ANSWER)
        self.under_way[spec] -= 1
        if spec in self.hanging:
            return dict.fromkeys(queries, Unavailable("it does not answer in time", reason="Timeout"))
        return {query: (Series({"target": query.target}, ((at, 1.0),)),) for query in queries}


@dataclass
class Crowd:
    """Candidates that tick as the worker has them tick."""

    provider: Slow = field(default_factory=Slow)
    waits: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds from each tick to its samples, by candidate."""
    ages: list[float] = field(default_factory=list)
    """Seconds from when they were read to when they were used."""
    failed: Counter[CounterSpec] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.shared = SharedReads(self.provider, now=lambda: asyncio.get_running_loop().time())

    async def minutes(
        self, candidates: Mapping[str, Collection[CounterSpec]], minutes: float, tick: int = TICK
    ) -> None:
        until = asyncio.get_running_loop().time() + 60 * minutes
        await asyncio.gather(*(self._ticks(name, specs, until, tick) for name, specs in candidates.items()))

    async def _ticks(self, name: str, specs: Collection[CounterSpec], end: float, tick: int) -> None:
        loop = asyncio.get_running_loop()
        queries = [CounterQuery(namespace="models", target=name, spec=spec, seconds=90) for spec in specs]
        while loop.time() < end:
            await asyncio.sleep(until_slot(loop.time(), tick, name))
            begun = loop.time()
            found = await _get(self.shared, queries)
            self.waits[name].append(loop.time() - begun)
            for query, answer in found.items():
                self._note(query, answer, loop.time())

    def _note(self, query: CounterQuery, answer: Found, now: float) -> None:
        if not isinstance(answer, tuple):
            self.failed[query.spec] += 1
            return
        ((one),) = answer
        assert one.labels["target"] == query.target
        self.ages.append(now - one.newest)


async def _get(shared: SharedReads, queries: Collection[CounterQuery]) -> Mapping[CounterQuery, Found]:
    while True:
        try:
            return await shared.read(queries, 0.0)
        except NotRead as wait:
            await wait.arrival


def crowd(count: int, *specs: CounterSpec, name: str = "c") -> dict[str, Collection[CounterSpec]]:
    return {f"{name}-{number}": specs for number in range(count)}


@pytest.mark.parametrize("count", [1, 10, 100, 1000])
def test_queries_a_minute_do_not_grow_with_candidates(count: int) -> None:
    seen = Crowd()
    virtual_time.run(seen.minutes(crowd(count, ERRORS, CARTS), minutes=2))
    slots = 60 / SLOT_SECONDS
    assert max(seen.provider.reads.values()) <= 2 * min(slots, 12 * count) + TICK / SLOT_SECONDS + 1
    assert {len(waits) for waits in seen.waits.values()} <= {24, 25}
    assert (seen.failed, seen.provider.most) == ({}, 1)


def test_samples_come_at_once_and_fresh() -> None:
    seen = Crowd()
    virtual_time.run(seen.minutes(crowd(300, ERRORS), minutes=2))
    assert max(max(waits) for waits in seen.waits.values()) <= GATHERED + ANSWER + 1e-6
    assert max(seen.ages) <= ANSWER + 1e-6


def test_ticks_of_any_length_share_the_reads_of_a_second() -> None:
    seen = Crowd()

    async def all_lengths() -> None:
        parts = (seen.minutes(crowd(50, ERRORS, name=f"t{tick}"), 2, tick) for tick in (1, 2, 3, 5, 7, 10))
        await asyncio.gather(*parts)

    virtual_time.run(all_lengths())
    assert seen.provider.reads[ERRORS] <= (120 + 12) / SLOT_SECONDS
    assert (seen.failed, seen.provider.most) == ({}, 1)


def test_a_counter_that_hangs_holds_its_own_candidates_once_and_hardly_any_more() -> None:
    seen = Crowd(Slow(hanging=frozenset({CARTS})))
    virtual_time.run(seen.minutes(crowd(40, ERRORS, CARTS, name="held") | crowd(100, ERRORS, name="free"), minutes=2))
    free = [wait for name, waits in seen.waits.items() if name.startswith("free") for wait in waits]
    held = [waits for name, waits in seen.waits.items() if name.startswith("held")]
    assert max(free) <= GATHERED + 2 * ANSWER + APART + 1e-6
    assert all(max(waits[2:]) <= GRACE + GATHERED + ANSWER + APART + 1e-6 for waits in held)
    assert seen.failed[ERRORS] == 0
    assert max(age for age in seen.ages) <= 2 * HANG + GATHERED + APART


@settings(max_examples=30, deadline=None)
@given(
    counts=st.tuples(st.integers(1, 20), st.integers(0, 20), st.integers(0, 20)),
    hanging=st.sets(st.sampled_from((ERRORS, CARTS))),
    tick=st.integers(1, 8),
)
def test_everybody_is_answered_whatever_hangs(
    counts: tuple[int, int, int], hanging: set[CounterSpec], tick: int
) -> None:
    seen = Crowd(Slow(frozenset(hanging)))
    wanted = ((ERRORS,), (CARTS,), (ERRORS, CARTS))
    candidates: dict[str, Collection[CounterSpec]] = {}
    for number, (count, specs) in enumerate(zip(counts, wanted, strict=True)):
        candidates |= crowd(count, *specs, name=f"g{number}")
    virtual_time.run(seen.minutes(candidates, 1, tick))
    assert set(seen.waits) == set(candidates)
    assert all(len(waits) >= 60 / tick / 2 - 3 for waits in seen.waits.values())
    assert seen.provider.most == 1
    assert set(seen.failed) == hanging & {spec for specs in candidates.values() for spec in specs}
