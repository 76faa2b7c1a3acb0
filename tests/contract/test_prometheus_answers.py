"""What a bad server may do to the metrics port, each a named reason."""

import json
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socket import SO_LINGER, SOL_SOCKET
from threading import Event
from typing import Any
from urllib.parse import parse_qs

import pytest

from sluice.ports import CounterQuery, SluiceError, Unavailable
from tests.support.prometheus import answer, free_port, server
from tests.support.promql import parse
from tests.support.readings import AT, asking, one, query, reason, series

MATRIX = {"status": "success", "data": {"resultType": "matrix", "result": []}}


def says(status: int, body: object) -> Callable[[BaseHTTPRequestHandler], None]:
    text = body if isinstance(body, str) else json.dumps(body)
    return lambda handler: answer(handler, status, text)


def with_result(result: object, **more: object) -> dict[str, object]:
    return {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}


def redirect(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://169.254.169.254/secret")
    handler.end_headers()


def reset(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def close(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"status":')


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65_536)
    except OSError:
        return


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while not Event().wait(0.05):
            handler.wfile.write(b" ")
    except OSError:
        return


def drip_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
    for _ in range(50):
        handler.wfile.write(b"x")
        Event().wait(0.05)


def hang(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.recv(1)


@pytest.mark.parametrize(
    ("behave", "want"),
    [
        pytest.param(says(200, "<html>Sign in, s3cret</html>"), "NotPrometheus", id="an HTML page with status 200"),
        pytest.param(says(200, ""), "NotPrometheus", id="an empty body"),
        pytest.param(says(200, []), "NotPrometheus", id="JSON of another shape"),
        pytest.param(says(200, "[" * 100_000), "NotPrometheus", id="JSON nested without end"),
        pytest.param(says(200, {"status": "error"}), "NotPrometheus", id="status error with 200"),
        pytest.param(
            says(200, {**MATRIX, "data": {"resultType": "vector", "result": []}}), "NotPrometheus", id="vector"
        ),
        pytest.param(says(200, with_result([{"metric": {}, "values": [[1]]}])), "NotPrometheus", id="half a sample"),
        pytest.param(says(200, with_result([{"metric": {}, "values": [[1, "x"]]}])), "NotPrometheus", id="no number"),
        pytest.param(says(200, with_result([7])), "NotPrometheus", id="a series that is a number"),
        pytest.param(says(200, with_result([], warnings=["s3cret store down"])), "PartialAnswer", id="warnings"),
        pytest.param(
            says(200, {**MATRIX, "isPartial": True}), "PartialAnswer", id="a store that says partial its own way"
        ),
        pytest.param(says(400, "s3cret"), "QueryRejected", id="400"),
        pytest.param(says(401, "s3cret"), "Unauthorized", id="401"),
        pytest.param(says(403, "s3cret"), "Unauthorized", id="403"),
        pytest.param(says(404, "s3cret"), "NotPrometheus", id="404"),
        pytest.param(says(422, "s3cret"), "QueryRejected", id="422"),
        pytest.param(says(422, "query: too many samples, s3cret"), "TooLarge", id="422 for too many samples"),
        pytest.param(says(429, "s3cret"), "Overloaded", id="429"),
        pytest.param(says(500, "s3cret"), "ServerError", id="500"),
        pytest.param(says(503, "s3cret"), "Overloaded", id="503"),
        pytest.param(says(204, ""), "ServerError", id="204"),
        pytest.param(redirect, "Redirected", id="a redirect is not followed"),
        pytest.param(reset, "Reset", id="a reset"),
        pytest.param(close, "Reset", id="a close without an answer"),
        pytest.param(cut_off, "Reset", id="a body that is cut off"),
        pytest.param(endless, "TooLarge", id="a body without end"),
        pytest.param(drip, "Timeout", id="a body that drips"),
        pytest.param(drip_head, "Timeout", id="a header that drips"),
        pytest.param(hang, "Timeout", id="no answer at all"),
    ],
)
async def test_anything_but_a_whole_answer_is_unavailable(
    behave: Callable[[BaseHTTPRequestHandler], None], want: str
) -> None:
    with server(behave) as address:
        async with asking(f"http://user:s3cret@{address}", timeout_seconds=0.5, max_bytes=1_000_000) as real:
            error = await one(real, query())
    assert isinstance(error, Unavailable)
    assert error.reason == want
    assert not re.search(r"s3cret|127\.0\.0\.1|http:", str(error))


async def test_a_refused_connection_and_a_name_that_does_not_resolve() -> None:
    reasons = []
    for address in (f"127.0.0.1:{free_port()}", "prometheus.invalid:9090"):
        async with asking(f"http://{address}") as real:
            reasons.append(await reason(real, query()))
    assert reasons == ["Refused", "NameNotResolved"]


@dataclass
class Store:
    """A Prometheus that holds one series of every target, and counts what it is asked."""

    heavy: frozenset[str] = frozenset()
    """Targets whose answers are huge."""
    queries: list[str] = field(default_factory=list)

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        form = parse_qs(handler.form.decode())  # type: ignore[attr-defined]
        (text,) = form["query"]
        self.queries.append(text)
        answer(handler, 200, json.dumps(with_result([self._series(target) for target in _targets(text)])))

    def _series(self, target: str) -> dict[str, Any]:
        found = series(1, 2, deployment_name=target, filler="x" * (900_000 if target in self.heavy else 10))
        return {"metric": found.labels, "values": [[time, str(value)] for time, value in found.samples]}


def _targets(text: str) -> list[str]:
    """Return the targets that a query names, by how another than the one who wrote it reads it."""
    (value,) = (value for name, _, value in parse(text).matchers if name == "deployment_name")
    return value.split("|")


def _many(count: int) -> list[CounterQuery]:
    return [query(f"t{number}") for number in range(count)]


@pytest.mark.parametrize("count", [1, 10, 300, 1000])
async def test_queries_do_not_grow_with_candidates(count: int) -> None:
    store = Store()
    with server(store) as address:
        async with asking(f"http://{address}") as real:
            found = await real.read(_many(count), AT)
    assert [len(answers) for answers in found.values() if isinstance(answers, tuple)] == [1] * count
    assert len(store.queries) == 1


async def test_more_than_a_thousand_are_two_queries() -> None:
    store = Store()
    with server(store) as address:
        async with asking(f"http://{address}") as real:
            found = await real.read(_many(1500), AT)
    assert (len(found), len(store.queries)) == (1500, 2)


async def test_a_target_that_is_too_large_fails_alone_and_is_asked_for_alone_from_then_on() -> None:
    store = Store(heavy=frozenset({"t37"}))
    with server(store) as address:
        async with asking(f"http://{address}", max_bytes=500_000) as real:
            first = await real.read(_many(100), AT)
            asked = len(store.queries)
            again = await real.read(_many(100), AT)
    for found in (first, again):
        failed = {each.target: answer for each, answer in found.items() if isinstance(answer, SluiceError)}
        assert {target: error.reason for target, error in failed.items()} == {"t37": "TooLarge"}
    assert asked <= 2 * 8
    assert len(store.queries) - asked == 2
    assert min(len(_targets(text)) for text in store.queries[asked:]) == 1


async def test_answers_that_are_large_together_are_asked_for_in_portions_from_the_second_time_on() -> None:
    store = Store()
    with server(store) as address:
        async with asking(f"http://{address}", max_bytes=50_000) as real:
            first = await real.read(_many(400), AT)
            asked = len(store.queries)
            again = await real.read(_many(400), AT)
    assert all(isinstance(answer, tuple) for answer in (*first.values(), *again.values()))
    assert len(store.queries) - asked < asked


NATIVE = {"metric": series(1).labels, "histograms": [[AT, {"count": "1", "sum": "1"}]]}
OTHER = series(3, deployment_name="search")


async def test_a_native_histogram_is_named_and_hurts_no_other_target() -> None:
    beside = {"metric": OTHER.labels, "values": [[AT, "3"]]}
    with server(says(200, with_result([NATIVE, beside]))) as address:
        async with asking(f"http://{address}") as real:
            found = await real.read((query(), query("search")), AT)
    error = found[query()]
    assert isinstance(error, Unavailable)
    assert (error.reason, "classic" in str(error)) == ("NativeHistogram", True)
    assert found[query("search")] == (OTHER,)
