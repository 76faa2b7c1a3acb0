"""One read of a counter for all candidates that tick at about the same time; nobody holds a worker meanwhile.

Who asks for samples that are not there is told to come again as soon as they are (`NotRead`); the question joins those
that arrive in the same moment. Each counter has a lane of its own, so that one that hangs holds only those who want it,
and once it has failed before, them no longer than `GRACE`.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sluice.core.analysis.signals import CounterSpec
from sluice.ports import CounterQuery, MetricsProvider
from sluice.runtime.lane import Found, Lane, Question

GRACE = 0.5
"""How long a counter that failed the last time is waited for; until it answers, its last error stands."""
KEPT_SECONDS = 30.0
"""An answer that nobody comes for is dropped."""


class NotRead(Exception):  # noqa: N818 -- it is no error: the samples are on their way
    """The samples are being read: come again when `arrival` is done."""

    def __init__(self, arrival: asyncio.Future[None]) -> None:
        super().__init__("samples are being read")
        self.arrival = arrival


def unnoted(_found: Found) -> None:
    """Note nothing."""


@dataclass
class SharedReads:
    """`ports.MetricsProvider` for workers: it answers at once, or raises `NotRead`."""

    provider: MetricsProvider
    note: Callable[[Found], None] = unnoted
    """Is told every answer that is handed out."""
    now: Callable[[], float] = time.time
    _lanes: dict[CounterSpec, Lane] = field(default_factory=dict, init=False)
    _arrivals: dict[frozenset[asyncio.Future[None]], asyncio.Future[None]] = field(default_factory=dict, init=False)
    _swept: float = field(default=0.0, init=False)

    async def read(self, queries: Collection[CounterQuery], at: float) -> Mapping[CounterQuery, Found]:
        """Return the answers that have arrived since these queries were last answered. Raises NotRead."""
        del at  # a shared read ends when it is made
        self._sweep()
        missing = [query for query in queries if not self._lane(query).is_ready(query)]
        if missing:
            raise NotRead(self._arrival([self._lane(query).ask(query) for query in missing]))
        found = {query: self._lane(query).take(query) for query in queries}
        for one in found.values():
            self.note(one)
        return found

    def _lane(self, query: CounterQuery) -> Lane:
        lane = self._lanes.get(query.spec)
        if lane is None:
            lane = self._lanes[query.spec] = Lane(self._read)
        return lane

    async def _read(self, queries: Collection[CounterQuery]) -> Mapping[CounterQuery, Found]:
        return await self.provider.read(queries, self.now())

    def _arrival(self, questions: Sequence[Question]) -> asyncio.Future[None]:
        """Return when all are answered; who waits for the same reads waits for the same arrival."""
        reads = frozenset(question.answered for question in questions)
        if any(question.doubtful for question in questions):
            reads |= {asyncio.get_running_loop().create_future()}  # an arrival of one's own
        if reads not in self._arrivals:
            self._arrivals[reads] = asyncio.ensure_future(_answered(questions))
            self._arrivals[reads].add_done_callback(lambda _: self._arrivals.pop(reads))
        return self._arrivals[reads]

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._swept < KEPT_SECONDS:
            return
        self._swept = now
        self._lanes = {spec: lane for spec, lane in self._lanes.items() if not lane.drop(now - KEPT_SECONDS)}


async def _answered(questions: Sequence[Question]) -> None:
    """Wait for the answers, for the doubtful ones not long."""
    doubtful = [question for question in questions if question.doubtful]
    if doubtful:
        await asyncio.wait([question.answered for question in doubtful], timeout=GRACE)
        for question in doubtful:
            question.awaited = question.answered.done()
    sure = [question.answered for question in questions if not question.doubtful]
    if sure:
        await asyncio.wait(sure)
