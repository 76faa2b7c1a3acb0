"""The reads of one counter: one after another, each for all who asked while the last was under way."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sluice.core.analysis.samples import Series
from sluice.ports import CounterQuery, SluiceError, Unavailable

log = logging.getLogger(__name__)

SETTLED = 0.02
"""A read begins when nobody has joined it for so many seconds…"""
GATHERED = 0.2
"""…or after so many."""
APART = 0.2
"""Reads of one counter begin so many seconds apart: a bound on queries, whatever asks."""

Found = tuple[Series, ...] | SluiceError
Place = tuple[str, str]
Read = Callable[[Collection[CounterQuery]], Awaitable[Mapping[CounterQuery, Found]]]


@dataclass
class Question:
    """A query on its way. Whoever asked may have stopped waiting for it."""

    query: CounterQuery
    answered: asyncio.Future[None]
    """Done when the read is: the same for all who share it."""
    doubtful: bool
    """The last answer was an error, which stands until this one arrives."""
    awaited: bool = True


@dataclass
class _Answer:
    found: Found
    time: float
    taken: bool


@dataclass
class Lane:
    """Questions about one counter and their answers, each of which is handed out once."""

    read: Read
    _open: dict[Place, Question] = field(default_factory=dict, init=False)
    _next: list[Question] = field(default_factory=list, init=False)
    _round: asyncio.Future[None] | None = field(default=None, init=False)
    _answers: dict[Place, _Answer] = field(default_factory=dict, init=False)
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _begun: float = field(default=-APART, init=False)

    def is_ready(self, query: CounterQuery) -> bool:
        """Return whether there is an answer: a new one, or an error while the next answer is on its way."""
        answer = self._answers.get(_place(query))
        return answer is not None and (not answer.taken or _place(query) in self._open)

    def take(self, query: CounterQuery) -> Found:
        """Return the answer. Samples are forgotten with that, an error stands until it is answered anew."""
        answer = self._answers[_place(query)]
        answer.taken = True
        if not isinstance(answer.found, SluiceError):
            del self._answers[_place(query)]
        return answer.found

    def ask(self, query: CounterQuery) -> Question:
        """Have a query answered by the next read, unless it is on its way already."""
        question = self._open.get(_place(query))
        if question is None:
            if self._round is None:
                self._round = asyncio.get_running_loop().create_future()
            question = Question(query, self._round, doubtful=_place(query) in self._answers)
            self._open[_place(query)] = question
            self._next.append(question)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return question

    def drop(self, before: float) -> bool:
        """Drop answers that nobody came for since a time of the loop; return whether nothing is left."""
        self._answers = {place: answer for place, answer in self._answers.items() if answer.time >= before}
        return not self._answers and not self._open

    async def _work(self) -> None:
        while self._next:
            await self._gather()
            self._begun = asyncio.get_running_loop().time()
            batch, self._next = self._next, []
            done, self._round = self._round, None
            found = await self._found([question.query for question in batch])
            for question in batch:
                self._settle(question, found[question.query])
            if done is not None:
                done.set_result(None)

    async def _gather(self) -> None:
        """Wait for those who tick at the same time, and for one's turn."""
        loop, joined = asyncio.get_running_loop(), 0
        await asyncio.sleep(self._begun + APART - loop.time())
        until = loop.time() + GATHERED
        while joined < len(self._next) and loop.time() < until:
            joined = len(self._next)
            await asyncio.sleep(SETTLED)

    async def _found(self, queries: Sequence[CounterQuery]) -> Mapping[CounterQuery, Found]:
        try:
            return await self.read(queries)
        except Exception:
            log.exception("reading metrics failed")
            return dict.fromkeys(queries, Unavailable("it cannot be read: see the operator's log", reason="Other"))

    def _settle(self, question: Question, found: Found) -> None:
        """Keep an answer for those who wait. Samples that come too late are stale by the time somebody asks again."""
        place = _place(question.query)
        del self._open[place]
        self._answers.pop(place, None)
        if question.awaited or isinstance(found, SluiceError):
            now = asyncio.get_running_loop().time()
            self._answers[place] = _Answer(found, now, taken=not question.awaited)


def _place(query: CounterQuery) -> Place:
    return query.namespace, query.target
