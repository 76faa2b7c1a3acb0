"""The load generator against a small gateway in this process."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from lab.loadgen.client import ARM_HEADER, LoadGenerator, Settings, Target
from lab.loadgen.records import NO_ANSWER, Record
from lab.loadgen.texts import Texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEXTS = Texts(short=("fine stuff",), long=())
CLUSTER = "outbound|8000|main|shop-main.models.svc.cluster.local;"


@dataclass
class Gateway:
    """Answers every prediction in the same way, and keeps what it was asked."""

    status: int = 200
    body: Any = field(default_factory=lambda: {"meta": {"tags": {"model_version": "3", "predictor": "told"}}})
    headers: dict[str, str] = field(default_factory=lambda: {ARM_HEADER: CLUSTER})
    wait: asyncio.Event | None = None
    until: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Any] = field(default_factory=list)

    async def predict(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        if len(self.asked) == self.until:
            self.reached.set()
        if self.wait:
            await self.wait.wait()
        return web.json_response(self.body, status=self.status, headers=self.headers)


@asynccontextmanager
async def served(gateway: Gateway) -> AsyncIterator[Target]:
    app = web.Application()
    app.add_routes([web.post("/seldon/models/shop/api/v1.0/predictions", gateway.predict)])
    async with TestServer(app) as server:
        yield Target(gateway=str(server.make_url("/")), namespace="models", deployment="shop")


def timeless(record: Record) -> Record:
    return replace(record, sent=0, seconds=0)


@pytest.mark.parametrize(
    ("gateway", "want"),
    [
        pytest.param(
            Gateway(),
            Record(sent=0, seconds=0, status=200, predictor="main", version="3", words=2),
            id="a prediction: the gateway names the arm, the model its version",
        ),
        pytest.param(
            Gateway(status=500, body={"status": {"code": 500}}),
            Record(sent=0, seconds=0, status=500, predictor="main", words=2),
            id="a failure: the arm is known, the version is not",
        ),
        pytest.param(
            Gateway(headers={}),
            Record(sent=0, seconds=0, status=200, predictor="told", version="3", words=2),
            id="a gateway that names no arm: the model's own word counts",
        ),
        pytest.param(
            Gateway(headers={}, body=["nonsense"]),
            Record(sent=0, seconds=0, status=200, words=2),
            id="an answer of another shape is still an answer",
        ),
        pytest.param(
            Gateway(headers={}, body={"meta": {"tags": None}}),
            Record(sent=0, seconds=0, status=200, words=2),
            id="an answer without tags",
        ),
    ],
)
async def test_a_record_says_what_came_back(gateway: Gateway, want: Record) -> None:
    async with served(gateway) as target:
        records = await LoadGenerator(target, TEXTS, Settings(rate=1000)).run(0.0005)
    assert [timeless(record) for record in records] == [want]


async def test_a_request_has_the_form_that_model_servers_take() -> None:
    gateway = Gateway()
    async with served(gateway) as target:
        await LoadGenerator(target, TEXTS, Settings(rate=1000)).run(0.0005)
    assert gateway.asked == [{"data": {"names": ["text"], "ndarray": [["fine stuff"]]}}]


async def test_nobody_listening_is_a_request_without_an_answer() -> None:
    target = Target(gateway=f"http://127.0.0.1:{unused_port()}", namespace="models", deployment="shop")
    records = await LoadGenerator(target, TEXTS, Settings(rate=1000)).run(0.0005)
    assert [timeless(record) for record in records] == [
        Record(sent=0, seconds=0, status=NO_ANSWER, words=2, error="ClientConnectorError")
    ]


async def test_an_answer_that_never_comes_ends_at_the_clients_patience() -> None:
    gateway = Gateway(wait=asyncio.Event())
    async with served(gateway) as target:
        (record,) = await LoadGenerator(target, TEXTS, Settings(rate=1000, timeout=0.05)).run(0.0005)
    assert timeless(record) == Record(sent=0, seconds=0, status=NO_ANSWER, words=2, error="TimeoutError")


async def test_slow_answers_do_not_hold_back_further_requests() -> None:
    gateway = Gateway(wait=asyncio.Event(), until=20)
    async with served(gateway) as target:
        generator = LoadGenerator(target, TEXTS, Settings(rate=200))
        async with generator.running(), asyncio.timeout(20):
            await gateway.reached.wait()
            assert generator.records == []


async def test_the_number_of_requests_is_rate_times_seconds_however_late_the_machine_is() -> None:
    async with served(Gateway()) as target:
        records = await LoadGenerator(target, TEXTS, Settings(rate=100)).run(0.5)
    assert len(records) == 50


async def test_a_rate_of_zero_sends_nothing_until_it_is_raised() -> None:
    gateway = Gateway(until=1)
    async with served(gateway) as target:
        generator = LoadGenerator(target, TEXTS, Settings(rate=0))
        async with generator.running(), asyncio.timeout(20):
            await asyncio.sleep(0.05)
            assert gateway.asked == []
            generator.settings.rate = 100
            await gateway.reached.wait()


async def test_each_record_is_told_as_it_comes() -> None:
    told: list[Record] = []
    async with served(Gateway()) as target:
        generator = LoadGenerator(target, TEXTS, Settings(rate=1000), told.append)
        assert await generator.run(0.0025) == told
    assert len(told) == 3
