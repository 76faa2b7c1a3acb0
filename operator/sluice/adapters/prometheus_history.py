"""A long time out of Prometheus, portion by portion: as large as it answers well, and never half a one."""

import asyncio
from collections.abc import Iterator
from math import ceil

from sluice.adapters.prometheus import Endpoint, PrometheusMetrics
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.core.history import Origin, Portion, merged
from sluice.ports import CounterQuery, SluiceError, Unavailable

FIRST_SECONDS, LONGEST_SECONDS, SHORTEST_SECONDS = 1800, 21_600, 60
TIMEOUT_SECONDS = 30.0
MAX_BYTES = 64 * 1024 * 1024
_TOO_MUCH = frozenset({"TooLarge", "Timeout"})


def endpoint(url: str, token: str = "", ca_file: str = "") -> Endpoint:
    """Return how history is asked for: more patiently than for a decision."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Endpoint(url=url, timeout_seconds=TIMEOUT_SECONDS, max_bytes=MAX_BYTES, ca_file=ca_file, headers=headers)


class PrometheusHistory:
    """Reads what happened."""

    def __init__(self, where: Endpoint) -> None:
        self._provider = PrometheusMetrics(where)

    def portions(self, origin: Origin) -> Iterator[Portion]:
        """Yield all samples of a target's counters. Raises Unavailable."""
        try:
            yield from merged(self._asked(origin))
        finally:
            self._provider.close()

    def _asked(self, origin: Origin) -> Iterator[Portion]:
        begin, seconds = origin.begin, FIRST_SECONDS
        while begin < origin.end:
            end = min(begin + seconds, origin.end)
            try:
                series = asyncio.run(self._read(origin, begin, end))
            except Unavailable as error:
                if error.reason not in _TOO_MUCH or seconds <= SHORTEST_SECONDS:
                    raise
                seconds = max(seconds // 4, SHORTEST_SECONDS)
                continue
            yield Portion(begin, end, series)
            begin, seconds = end, min(2 * seconds, LONGEST_SECONDS)

    async def _read(self, origin: Origin, begin: float, end: float) -> tuple[Series, ...]:
        queries = [_query(origin, spec, ceil(end - begin)) for spec in origin.counters]
        found = await self._provider.read(queries, end)
        series: list[Series] = []
        for query in queries:
            answer = found[query]
            if isinstance(answer, SluiceError):
                raise answer
            series += (_since(one, origin.begin) for one in answer)
        return tuple(one for one in series if one.samples)


def _query(origin: Origin, spec: CounterSpec, seconds: int) -> CounterQuery:
    return CounterQuery(namespace=origin.namespace, target=origin.target, spec=spec, seconds=max(seconds, 1))


def _since(series: Series, begin: float) -> Series:
    """Return the samples from a time on: a window of whole seconds may reach back a little further."""
    return Series(series.labels, tuple(sample for sample in series.samples if sample[0] >= begin))
