"""The work queue: each object at most once in line, one at a time at work, failures later and later."""

import asyncio
from collections.abc import Awaitable, Callable

from lab.seldon_standin.objects import Key

FIRST_RETRY = 0.01
LONGEST_RETRY = 5.0


class WorkQueue:
    """Keys in the order they were added."""

    def __init__(self) -> None:
        self._line: asyncio.Queue[Key] = asyncio.Queue()
        self._waiting: set[Key] = set()
        self._failures: dict[Key, int] = {}

    def add(self, key: Key) -> None:
        """Ask for a pass; one that is already asked for is not asked for twice."""
        if key not in self._waiting:
            self._waiting.add(key)
            self._line.put_nowait(key)

    async def run(self, work: Callable[[Key], Awaitable[bool]]) -> None:
        """Work for ever, one key at a time; `work` says whether it succeeded."""
        while True:
            key = await self._line.get()
            self._waiting.discard(key)
            if await work(key):
                self._failures.pop(key, None)
                continue
            failures = self._failures.get(key, 0)
            self._failures[key] = failures + 1
            delay = min(LONGEST_RETRY, FIRST_RETRY * 2**failures)
            asyncio.get_running_loop().call_later(delay, self.add, key)
