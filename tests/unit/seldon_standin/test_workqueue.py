"""The work queue: one at a time, none twice, failures again."""

import asyncio

import pytest

from lab.seldon_standin.workqueue import WorkQueue

A, B = ("models", "a"), ("models", "b")


async def _worked(queue: WorkQueue, outcomes: list[bool], until: int) -> list[tuple[str, str]]:
    done: list[tuple[str, str]] = []
    finished = asyncio.Event()
    at_work = 0

    async def work(key: tuple[str, str]) -> bool:
        nonlocal at_work
        at_work += 1
        assert at_work == 1
        await asyncio.sleep(0)
        at_work -= 1
        done.append(key)
        if len(done) == until:
            finished.set()
        return outcomes.pop(0) if outcomes else True

    task = asyncio.ensure_future(queue.run(work))
    await asyncio.wait_for(finished.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return done


async def test_a_key_that_waits_is_not_added_twice() -> None:
    queue = WorkQueue()
    for key in (A, A, B, A):
        queue.add(key)

    assert await _worked(queue, [], until=2) == [A, B]


async def test_a_failed_key_comes_again_behind_the_others() -> None:
    queue = WorkQueue()
    queue.add(A)
    queue.add(B)

    assert await _worked(queue, [False, True, True], until=3) == [A, B, A]
