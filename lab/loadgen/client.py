"""Sending requests at a set rate, whatever the answers do: an open loop, so slow answers do not slow the senders."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from lab.loadgen.records import NO_ANSWER, Record
from lab.loadgen.texts import Texts, draws, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARM_HEADER = "x-upstream-cluster"
"""Set by the gateway: the cluster it chose, `outbound|8000|<predictor>|<host>`."""
INSTANT = 1e-6
"""Seconds that sums of floats may be off: what is due at the end is no longer due."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where requests go: the gateway's URL and the SeldonDeployment behind it."""

    gateway: str
    namespace: str
    deployment: str

    @property
    def url(self) -> str:
        """The address of predictions, as clients of Seldon use it."""
        return f"{self.gateway.rstrip('/')}/seldon/{self.namespace}/{self.deployment}/api/v1.0/predictions"


@dataclass(kw_only=True)
class Settings:
    """How much is sent; may change while it runs. `rate` in requests a second, `timeout` in seconds."""

    rate: float = 20
    long_share: float = 0
    seed: int = 0
    timeout: float = 10


@dataclass
class LoadGenerator:
    """Sends until stopped and keeps a record of each request; `on_record` is told each one."""

    target: Target
    texts: Texts
    settings: Settings = field(default_factory=Settings)
    on_record: Callable[[Record], None] | None = None
    records: list[Record] = field(default_factory=list)

    async def run(self, seconds: float = float("inf")) -> list[Record]:
        """Send for that long, wait for the last answers and return the records."""
        drawn = draws(self.texts, self.settings.seed, self._shares())
        connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=5)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as requests:
            async for _ in self._moments(seconds):
                requests.create_task(self._send(session, next(drawn)))
        return self.records

    @contextlib.asynccontextmanager
    async def running(self) -> Any:  # noqa: ANN401 (a context manager of records)
        """Send while the block runs; yields the growing list of records."""
        sending = asyncio.create_task(self.run())
        try:
            yield self.records
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending

    def _shares(self) -> Iterator[float]:
        while True:
            yield self.settings.long_share

    async def _moments(self, seconds: float) -> Any:  # noqa: ANN401 (an async generator of None)
        """Yield when a request is due: evenly spaced, late ones at once."""
        loop = asyncio.get_running_loop()
        begun = due = loop.time()
        while seconds - (due - begun) > INSTANT:
            await asyncio.sleep(max(0.0, due - loop.time()))
            if self.settings.rate <= 0:
                due = loop.time() + 0.1
                continue
            yield None
            due += 1 / self.settings.rate

    async def _send(self, session: aiohttp.ClientSession, text: str) -> None:
        sent, clock = time.time(), time.perf_counter()
        status, predictor, version, error = await self._exchange(session, text)
        record = Record(
            sent=sent,
            seconds=time.perf_counter() - clock,
            status=status,
            predictor=predictor,
            version=version,
            words=words(text),
            error=error,
        )
        self.records.append(record)
        if self.on_record:
            self.on_record(record)

    async def _exchange(self, session: aiohttp.ClientSession, text: str) -> tuple[int, str, str, str]:
        """Return status, predictor, model version and error."""
        body = {"data": {"names": ["text"], "ndarray": [[text]]}}
        limit = aiohttp.ClientTimeout(total=self.settings.timeout)
        try:
            async with session.post(self.target.url, json=body, timeout=limit) as answer:
                content = await answer.read()
                tags = _tags(content)
                predictor = _subset(answer.headers.get(ARM_HEADER, "")) or str(tags.get("predictor", ""))
                return answer.status, predictor, str(tags.get("model_version", "")), ""
        except (aiohttp.ClientError, TimeoutError) as error:
            return NO_ANSWER, "", "", type(error).__name__


def _tags(content: bytes) -> dict[str, Any]:
    """Return `meta.tags` of a Seldon answer; empty if it has none."""
    with contextlib.suppress(ValueError, AttributeError, TypeError):
        tags = json.loads(content).get("meta", {}).get("tags", {})
        return tags if isinstance(tags, dict) else {}
    return {}


def _subset(cluster: str) -> str:
    parts = cluster.split("|")
    return parts[2] if len(parts) == 4 else ""  # noqa: PLR2004 (direction, port, subset, host)
