"""The load generator's HTTP interface, asked as tests on a cluster ask it."""

from __future__ import annotations

import asyncio
import urllib.error
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import TestClient, TestServer

from lab.loadgen import remote
from lab.loadgen.client import LoadGenerator, Settings, Target
from lab.loadgen.records import Record
from lab.loadgen.report import Report
from lab.loadgen.server import application
from lab.loadgen.texts import Texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EARLY = Record(sent=1, seconds=0.1, status=200, predictor="main", version="1")
LATE = Record(sent=2, seconds=0.1, status=500, predictor="new")


def generator() -> LoadGenerator:
    target = Target(gateway="http://gateway", namespace="models", deployment="shop")
    return LoadGenerator(target, Texts(("fine",), ()), Settings(rate=5), records=[EARLY, LATE])


@asynccontextmanager
async def serving(one: LoadGenerator) -> AsyncIterator[str]:
    async with TestServer(application(one)) as server:
        yield str(server.make_url("/"))


async def test_all_records_come_back_as_a_report() -> None:
    async with serving(generator()) as url:
        assert await asyncio.to_thread(remote.fetch, url) == Report.of([EARLY, LATE])


async def test_records_can_be_asked_for_since_a_moment() -> None:
    async with serving(generator()) as url:
        assert await asyncio.to_thread(remote.fetch, url, since=1.5) == Report.of([LATE])


async def test_the_report_is_the_summary_of_the_records() -> None:
    async with TestClient(TestServer(application(generator()))) as client:
        answer = await client.get("/report", params={"since": "1.5"})
        assert await answer.json() == Report.of([LATE]).summary()


async def test_the_rate_can_be_changed_while_it_runs() -> None:
    one = generator()
    async with serving(one) as url:
        answer = await asyncio.to_thread(remote.change, url, rate=40, long_share=0.5)
    assert answer == asdict(one.settings) == asdict(Settings(rate=40, long_share=0.5))


async def test_a_setting_that_does_not_exist_is_refused() -> None:
    one = generator()
    async with serving(one) as url:
        with pytest.raises(urllib.error.HTTPError, match="400") as caught:
            await asyncio.to_thread(remote.change, url, speed=40)
        caught.value.close()
    assert one.settings == Settings(rate=5)
