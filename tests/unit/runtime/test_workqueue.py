"""The work queue: earliest wins, one hand a key, later after each failure."""

import asyncio

import pytest

from sluice.adapters.memory_clock import MemoryClock
from sluice.runtime.workqueue import FIRST, LAST_BACKOFF, WorkQueue, backoff
from tests.support import virtual_time


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def queue(clock: MemoryClock) -> WorkQueue[str]:
    return WorkQueue(clock.seconds)


async def taken(queue: WorkQueue[str]) -> list[str]:
    """Return all that is due, in order; each stays in hand."""
    found = []
    while (key := await queue.take(0)) is not None:
        found.append(key)
    return found


async def test_keys_come_in_the_order_of_their_times(clock: MemoryClock, queue: WorkQueue[str]) -> None:
    queue.add("late", 5)
    queue.add("soon", 1)
    queue.add("now")
    clock.advance(5)
    assert await taken(queue) == ["now", "soon", "late"]


async def test_a_key_is_there_once_at_its_earliest_time(clock: MemoryClock, queue: WorkQueue[str]) -> None:
    for delay in (30, 2, 10):
        queue.add("a", delay)
    assert len(queue) == 1
    assert await taken(queue) == []
    clock.advance(2)
    assert await taken(queue) == ["a"]
    queue.release("a")
    clock.advance(60)
    assert await taken(queue) == []


async def test_a_key_in_hand_is_not_given_to_another_until_it_is_released(queue: WorkQueue[str]) -> None:
    queue.add("a")
    assert await taken(queue) == ["a"]
    queue.add("a")
    queue.add("b")
    assert await taken(queue) == ["b"]
    queue.release("a")
    assert await taken(queue) == ["a"]


async def test_a_poke_wakes_who_waits() -> None:
    queue: WorkQueue[str] = WorkQueue(asyncio.get_running_loop().time)
    waiting = asyncio.create_task(queue.take(60))
    await asyncio.sleep(0)
    queue.add("a")
    assert await asyncio.wait_for(waiting, 30) == "a"


async def test_who_waits_gets_a_key_when_it_is_released() -> None:
    queue: WorkQueue[str] = WorkQueue(asyncio.get_running_loop().time)
    queue.add("a")
    assert await queue.take(0) == "a"
    queue.add("a")
    waiting = asyncio.create_task(queue.take(60))
    await asyncio.sleep(0)
    queue.release("a")
    assert await asyncio.wait_for(waiting, 30) == "a"


async def test_patience_ends_with_nothing_so_that_a_worker_can_give_a_sign_of_life() -> None:
    queue: WorkQueue[str] = WorkQueue(asyncio.get_running_loop().time)
    queue.add("a", 3600)
    assert await queue.take(0.01) is None


@pytest.mark.parametrize(
    ("failures", "want"),
    [
        pytest.param(1, 0.5, id="the first failure waits half a second"),
        pytest.param(2, 1.0, id="each further one twice as long"),
        pytest.param(5, 8.0, id="the fifth eight seconds"),
        pytest.param(500, LAST_BACKOFF, id="never longer than a minute, whatever the count"),
    ],
)
def test_backoff(failures: int, want: float) -> None:
    assert backoff(failures) == want


def test_conflicts_are_retried_at_once_a_few_times_then_like_failures(queue: WorkQueue[str]) -> None:
    assert [queue.retry("a", at_once=True) for _ in range(5)] == [0.0, 0.0, 0.0, 4.0, 8.0]


def test_success_is_forgiving(queue: WorkQueue[str]) -> None:
    queue.retry("a")
    queue.retry("a")
    queue.forgive("a")
    assert queue.retry("a") == 0.5


async def test_keys_of_one_lane_are_never_in_two_hands(clock: MemoryClock) -> None:
    queue: WorkQueue[str] = WorkQueue(clock.seconds, lane=lambda key: key[0])
    for key in ("shop-43", "shop-44", "fraud-7"):
        queue.add(key)
    assert await taken(queue) == ["shop-43", "fraud-7"]
    queue.release("shop-43")
    assert await taken(queue) == ["shop-44"]


@pytest.mark.parametrize("waiting", [1, 50])
def test_a_key_wakes_one_of_those_who_wait(waiting: int) -> None:
    looked = 0

    def clock() -> float:
        nonlocal looked
        looked += 1
        return asyncio.get_running_loop().time()

    async def one_key() -> int:
        queue: WorkQueue[str] = WorkQueue(clock)
        takers = [asyncio.create_task(queue.take(60)) for _ in range(waiting)]
        await asyncio.sleep(1)
        before = looked
        queue.add("a", 5)
        await asyncio.wait(takers, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(1)
        assert sum(taker.done() for taker in takers) == 1
        for taker in takers:
            taker.cancel()
        return looked - before

    assert virtual_time.run(one_key()) < 30


@pytest.mark.parametrize("keys", [1, 3, 5])
def test_everybody_who_waits_gets_what_comes_due_at_once(keys: int) -> None:
    async def taken_by_five() -> list[str | None]:
        queue: WorkQueue[str] = WorkQueue(asyncio.get_running_loop().time)
        takers = [asyncio.create_task(queue.take(60)) for _ in range(5)]
        await asyncio.sleep(1)
        for number in range(keys):
            queue.add(f"k-{number}", 10)
        return list(await asyncio.gather(*takers))

    found = virtual_time.run(taken_by_five())
    assert sorted(filter(None, found)) == [f"k-{number}" for number in range(keys)]


def test_when_the_one_who_minds_the_time_leaves_another_does() -> None:
    async def abandoned() -> float:
        loop = asyncio.get_running_loop()
        queue: WorkQueue[str] = WorkQueue(loop.time)
        first, second = (asyncio.create_task(queue.take(60)) for _ in range(2))
        await asyncio.sleep(0)
        queue.add("a", 10)
        first.cancel()
        assert await second == "a"
        return loop.time()

    assert virtual_time.run(abandoned()) == pytest.approx(10)


async def test_quick_keys_have_takers_of_their_own(clock: MemoryClock, queue: WorkQueue[str]) -> None:
    queue.add("object")
    queue.add("samples", 1, quick=True)
    assert await queue.take(0, quick=True) is None
    clock.advance(1)
    assert await queue.take(0, quick=True) == "samples"
    assert await queue.take(0) == "object"


async def test_what_is_first_goes_before_all_that_is_due(clock: MemoryClock, queue: WorkQueue[str]) -> None:
    for key in ("a", "b", "c"):
        queue.add(key)
    clock.advance(9)
    queue.add("c", FIRST, quick=True)
    assert await taken(queue) == ["c", "a", "b"]


def test_a_key_given_back_before_its_time_is_taken_at_its_time() -> None:
    async def taken_at() -> float:
        loop = asyncio.get_running_loop()
        queue: WorkQueue[str] = WorkQueue(loop.time)
        queue.add("a")
        assert await queue.take(0) == "a"
        queue.add("a", 3)
        waiting = asyncio.create_task(queue.take(60))
        await asyncio.sleep(1)
        queue.release("a")
        assert await waiting == "a"
        return loop.time()

    assert virtual_time.run(taken_at()) == pytest.approx(3)
