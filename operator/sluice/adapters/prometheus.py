"""Prometheus as a metrics provider: one query a counter for all targets, raw samples, tight bounds."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic

from prometheus_api_client import PrometheusConnect
from urllib3.util.retry import Retry

from sluice.adapters.prometheus_matrix import Matrix
from sluice.adapters.prometheus_native import Natives
from sluice.adapters.prometheus_portions import Answers, Portion, Portioner, by_counter, deal, refusal, selector
from sluice.adapters.prometheus_session import GuardedSession
from sluice.core.analysis.samples import Series
from sluice.ports import CounterQuery, SluiceError, Unavailable

CONCURRENCY = 8
"""Queries under way at once, one a thread."""
SIDE_BY_SIDE = 2
"""Of which so many for one counter: large answers come one after another, and leave threads for the others."""
PATIENCE = 3
"""An answer that drips in, each byte just in time, is given up after this many time-outs."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a Prometheus is and how much it may cost to ask it; the administrator's configuration."""

    url: str
    timeout_seconds: float = 2.0
    max_bytes: int = 16 * 1024 * 1024
    ca_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def _silent(_seconds: float, _reason: str) -> None:
    """Note nothing."""


class PrometheusMetrics:
    """`ports.MetricsProvider`. It has threads of its own, so that a hanging provider delays nobody else's."""

    def __init__(self, endpoint: Endpoint, note: Callable[[float, str], None] = _silent) -> None:
        """Take where it is, and who wants to know of each query its seconds and the reason that it failed for."""
        self._timeout, self._note = endpoint.timeout_seconds, note
        session = GuardedSession(endpoint.max_bytes, endpoint.headers, endpoint.ca_file or True)
        self._client = PrometheusConnect(
            endpoint.url.rstrip("/"),
            timeout=endpoint.timeout_seconds,
            retry=Retry(total=0),
            session=session,
            method="POST",
        )
        self._threads = ThreadPoolExecutor(max_workers=CONCURRENCY, thread_name_prefix="prometheus")
        self._portioner, self._natives = Portioner(endpoint.max_bytes, monotonic), Natives(monotonic)

    async def read(
        self, queries: Collection[CounterQuery], at: float
    ) -> Mapping[CounterQuery, tuple[Series, ...] | SluiceError]:
        """Return the raw samples of each query's window up to Unix time `at`, or why they could not be read."""
        answers: Answers = {query: error for query in queries if (error := refusal(query)) is not None}
        sound = [query for query in dict.fromkeys(queries) if query not in answers]
        for found in await asyncio.gather(*(self._counter(wanted, at) for wanted in by_counter(sound))):
            answers |= found
        return answers

    def close(self) -> None:
        """Give up the threads; a query under way ends by its own time-out."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _counter(self, wanted: Portion, at: float) -> Answers:
        turns, answers = asyncio.Semaphore(SIDE_BY_SIDE), Answers()
        asked = (self._portion(portion, at, turns) for portion in self._portioner.portions(wanted))
        for found in await asyncio.gather(*asked):
            answers |= found
        question = self._natives.question(answers)
        if question:
            self._natives.learn(await self._portion(question, at, turns))
        answers |= self._natives.explain(answers)
        return answers

    async def _portion(self, portion: Portion, at: float, turns: asyncio.Semaphore) -> Answers:
        """Ask for a portion; what is too large is asked for by halves, until it is plain whose it is."""
        try:
            async with turns:
                return await self._ask(portion, at)
        except SluiceError as error:
            halves = self._portioner.halves(portion) if error.reason == "TooLarge" else ()
            answers: Answers = {} if halves else dict.fromkeys(portion, error)
        for half in halves:
            answers |= await self._portion(half, at, turns)
        return answers

    async def _ask(self, portion: Portion, at: float) -> Answers:
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._answers, portion, at)
        try:
            return await asyncio.wait_for(asked, PATIENCE * self._timeout)
        except TimeoutError as error:
            raise Unavailable("it does not answer in time", reason="Timeout") from error

    def _answers(self, portion: Portion, at: float) -> Answers:
        """Send one query and deal out its answer; on a thread of this provider's own."""
        begun, reason = monotonic(), ""
        try:
            matrix = self._send(selector(portion), at)
            self._portioner.learn(portion, matrix.size)
            return deal(portion, matrix, at)
        except SluiceError as error:
            reason = error.reason
            raise
        finally:
            self._note(monotonic() - begun, reason)

    def _send(self, query: str, at: float) -> Matrix:
        params = {"time": f"{at:.3f}", "timeout": f"{self._timeout:.3f}"}
        result: Matrix = self._client.custom_query(query, params)
        return result
