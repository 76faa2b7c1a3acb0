"""What a bad server may do to the metrics port, each a named reason."""

import json
import re
import struct
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socket import SO_LINGER, SOL_SOCKET
from threading import Event

import pytest

from sluice.ports import Unavailable
from tests.support.prometheus import answer, free_port, server
from tests.support.readings import asking, one, query, reason

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
        pytest.param(says(400, "s3cret"), "QueryRejected", id="400"),
        pytest.param(says(401, "s3cret"), "Unauthorized", id="401"),
        pytest.param(says(403, "s3cret"), "Unauthorized", id="403"),
        pytest.param(says(404, "s3cret"), "NotPrometheus", id="404"),
        pytest.param(says(422, "s3cret"), "QueryRejected", id="422"),
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
