"""What is to be looked at, and when: one entry a key, the earliest time wins, a lane is never in two hands at once."""

import asyncio
import heapq
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K")

FIRST_BACKOFF = 0.5
LAST_BACKOFF = 10.0
FREE_RETRIES = 3


def backoff(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row."""
    return float(min(LAST_BACKOFF, FIRST_BACKOFF * 2 ** min(failures - 1, 16)))


class WorkQueue(Generic[K]):
    """Keys with due times. Bounded by the number of keys, however often each is poked."""

    def __init__(self, clock: Callable[[], float], lane: Callable[[K], Hashable] = lambda key: key) -> None:
        """Take the clock, and what keys that must not be looked at side by side have in common."""
        self._clock, self._lane = clock, lane
        self._due: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._hands: dict[K, Hashable] = {}
        self._failures: dict[K, int] = {}
        self._order = 0
        self._idle: dict[asyncio.Future[None], None] = {}
        self._watchman: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._due)

    def add(self, key: K, delay: float = 0) -> None:
        """Have a key looked at in `delay` seconds, or earlier when it already was to be."""
        due = self._clock() + delay
        if due < self._due.get(key, float("inf")):
            self._due[key] = due
            self._order += 1
            heapq.heappush(self._heap, (due, self._order, key))
            if self._heap[0][2] == key:
                self._wake()

    def retry(self, key: K, *, at_once: bool = False) -> float:
        """Have a key looked at again after a failure, later each time; return the delay in seconds.

        `at_once`: the first few failures in a row cost no delay (what was read had merely changed).
        """
        self._failures[key] = self._failures.get(key, 0) + 1
        free = at_once and self._failures[key] <= FREE_RETRIES
        delay = 0.0 if free else backoff(self._failures[key])
        self.add(key, delay)
        return delay

    def forgive(self, key: K) -> None:
        """Forget a key's failures."""
        self._failures.pop(key, None)

    async def take(self, patience: float) -> K | None:
        """Return the next due key, which is then in hand until `release`; None when none came due in time."""
        until = self._clock() + patience
        while True:
            key = self._pop()
            if key is not None:
                self._wake()
                return key
            if until <= self._clock():
                return None
            await self._sleep(until)

    def release(self, key: K) -> None:
        """Give a key back: it may be taken again."""
        self._hands.pop(key, None)
        self._wake()

    def _pop(self) -> K | None:
        held: list[tuple[float, int, K]] = []
        found: K | None = None
        while found is None and self._heap and self._heap[0][0] <= self._clock():
            entry = heapq.heappop(self._heap)
            due, _, key = entry
            if self._due.get(key) != due:
                continue
            if self._is_busy(key):
                held.append(entry)
                continue
            found = key
        for entry in held:
            heapq.heappush(self._heap, entry)
        if found is not None:
            del self._due[found]
            self._hands[found] = self._lane(found)
        return found

    def _next(self) -> float:
        """Return when the next free key comes due: nearly always the first one, however many there are."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        if self._heap and not self._is_busy(self._heap[0][2]):
            return self._heap[0][0]
        free = (due for due, _, key in self._heap if not self._is_busy(key))
        return min(free, default=float("inf"))

    def _is_busy(self, key: K) -> bool:
        return key in self._hands or self._lane(key) in self._hands.values()

    def _wake(self) -> None:
        """Have one of those who wait look again: the one who minds the time, if there is one."""
        waiter = self._watchman or next(iter(self._idle), None)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def _sleep(self, until: float) -> None:
        """Wait to be woken. Only one of all who wait minds the time, or each key would wake everybody."""
        waiter = asyncio.get_running_loop().create_future()
        self._idle[waiter] = None
        self._watchman = self._watchman or waiter
        wait = (min(until, self._next()) if self._watchman is waiter else until) - self._clock()
        try:
            async with asyncio.timeout(max(0.0, wait)):
                await waiter
        except TimeoutError:
            return
        finally:
            del self._idle[waiter]
            if self._watchman is waiter:
                self._watchman = None
                self._wake()
