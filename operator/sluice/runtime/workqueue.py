"""What is to be looked at, and when: one entry a key, the earliest time wins, a lane is never in two hands at once."""

import asyncio
import heapq
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")

FIRST_BACKOFF = 0.5
LAST_BACKOFF = 10.0
FREE_RETRIES = 3


def backoff(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row."""
    return float(min(LAST_BACKOFF, FIRST_BACKOFF * 2 ** min(failures - 1, 16)))


FIRST = float("-inf")
"""A delay: before all that is due."""

_Entry = tuple[float, int, K]


class WorkQueue(Generic[K]):
    """Keys with due times. Bounded by the number of keys, however often each is poked.

    Quick ones, which need no answers from elsewhere, have takers of their own besides those who take anything.
    """

    def __init__(self, clock: Callable[[], float], lane: Callable[[K], Hashable] = lambda key: key) -> None:
        """Take the clock, and what keys that must not be looked at side by side have in common."""
        self._clock, self._lane = clock, lane
        self._due: dict[K, float] = {}
        self._quick: list[_Entry[K]] = []
        self._other: list[_Entry[K]] = []
        self._hands: dict[K, Hashable] = {}
        self._failures: dict[K, int] = {}
        self._order = 0
        self._idle: dict[asyncio.Future[None], bool] = {}
        """Those who wait, and whether for quick keys only."""
        self._watchmen: dict[bool, asyncio.Future[None]] = {}
        """Of each sort, the one who minds the time."""
        self._held_up = False
        """Whether somebody minds the time who saw a key that was in hand."""

    def __len__(self) -> int:
        return len(self._due)

    def add(self, key: K, delay: float = 0, *, quick: bool = False) -> None:
        """Have a key looked at in `delay` seconds, or earlier when it already was to be."""
        due = self._clock() + delay
        if due < self._due.get(key, float("inf")):
            self._due[key] = due
            self._order += 1
            heap = self._quick if quick else self._other
            heapq.heappush(heap, (due, self._order, key))
            if heap[0][2] == key:
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

    async def take(self, patience: float, *, quick: bool = False) -> K | None:
        """Return the next due key, which is then in hand until `release`; None when none came due in time.

        `quick`: none but a quick one.
        """
        until = self._clock() + patience
        while True:
            key = self._pop(quick=quick)
            if key is not None:
                self._wake(by=self._clock())
                return key
            if until <= self._clock():
                return None
            await self._sleep(until, quick=quick)

    def release(self, key: K) -> None:
        """Give a key back: it may be taken again."""
        self._hands.pop(key, None)
        if self._held_up:
            self._held_up = False
            self._wake()

    def _pop(self, *, quick: bool) -> K | None:
        heaps = [heap for heap in self._heaps(quick=quick) if self._head(heap) <= self._clock()]
        for heap in sorted(heaps, key=self._head):
            found = self._first(heap)
            if found is not None:
                del self._due[found]
                self._hands[found] = self._lane(found)
                return found
        return None

    def _heaps(self, *, quick: bool) -> Sequence[list[_Entry[K]]]:
        return (self._quick,) if quick else (self._quick, self._other)

    def _head(self, heap: list[_Entry[K]]) -> float:
        """Return when the first key of a heap comes due, in hand or not; entries that were overtaken are dropped."""
        while heap and self._due.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else float("inf")

    def _first(self, heap: list[_Entry[K]]) -> K | None:
        """Take the first due key out of a heap that is in nobody's hands."""
        held: list[_Entry[K]] = []
        found: K | None = None
        while found is None and self._head(heap) <= self._clock():
            entry = heapq.heappop(heap)
            if self._is_busy(entry[2]):
                held.append(entry)
            else:
                found = entry[2]
        for entry in held:
            heapq.heappush(heap, entry)
        return found

    def _next(self, *, quick: bool) -> float:
        """Return when the next free key comes due: nearly always the first one, however many there are."""
        return min(self._next_of(heap) for heap in self._heaps(quick=quick))

    def _next_of(self, heap: list[_Entry[K]]) -> float:
        head = self._head(heap)
        if not heap or not self._is_busy(heap[0][2]):
            return head
        self._held_up = True
        free = (due for due, _, key in heap if self._due.get(key) == due and not self._is_busy(key))
        return min(free, default=float("inf"))

    def _is_busy(self, key: K) -> bool:
        return key in self._hands or self._lane(key) in self._hands.values()

    def _wake(self, by: float = float("inf")) -> None:
        """Have those who mind the time look again, if something comes due by then."""
        for quick, waiter in self._watchmen.items():
            due = min(self._head(heap) for heap in self._heaps(quick=quick))
            if due <= by and not waiter.done():
                waiter.set_result(None)

    async def _sleep(self, until: float, *, quick: bool) -> None:
        """Wait to be woken. Only one of each sort minds the time, or each key would wake everybody."""
        waiter = asyncio.get_running_loop().create_future()
        self._idle[waiter] = quick
        minds = self._watchmen.setdefault(quick, waiter) is waiter
        wait = (min(until, self._next(quick=quick)) if minds else until) - self._clock()
        try:
            async with asyncio.timeout(max(0.0, wait)):
                await waiter
        except TimeoutError:
            return
        finally:
            del self._idle[waiter]
            if minds:
                self._hand_over(quick=quick)

    def _hand_over(self, *, quick: bool) -> None:
        """Have another one of the same sort mind the time: woken, it looks, and finds the place free."""
        del self._watchmen[quick]
        other = next((waiter for waiter, sort in self._idle.items() if sort == quick and not waiter.done()), None)
        if other is not None:
            other.set_result(None)
