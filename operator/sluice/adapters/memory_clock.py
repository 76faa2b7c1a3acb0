"""A clock that moves only when told to, and what is to happen at its times."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class MemoryClock:
    """Fake time. What was scheduled happens in order, each at its own time, while the clock moves past it."""

    now: datetime = START
    _events: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0

    def __call__(self) -> datetime:
        """Return the time, as `datetime.now` would."""
        return self.now

    def seconds(self) -> float:
        """Return Unix seconds; also good as a monotonic clock."""
        return self.now.timestamp()

    def after(self, seconds: float, happen: Callable[[], None]) -> None:
        """Have something happen in `seconds`; with 0 still only when the clock is next moved or settled."""
        self._count += 1
        heapq.heappush(self._events, (self.now + timedelta(seconds=seconds), self._count, happen))

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, event by event."""
        until = self.now + timedelta(seconds=seconds)
        while self._events and self._events[0][0] <= until:
            time, _, happen = heapq.heappop(self._events)
            self.now = max(self.now, time)
            happen()
        self.now = until

    def settle(self) -> None:
        """Have happen what is due now."""
        self.advance(0)
