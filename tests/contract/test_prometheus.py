"""The metrics port on a real Prometheus and on its fake, and what a bad server may do to it."""

import asyncio
import json
import re
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluice.adapters.memory_metrics import MemoryMetrics
from sluice.adapters.prometheus import Endpoint, PrometheusMetrics
from sluice.core.analysis.samples import Series
from sluice.ports import MetricSelector, MetricsProvider, Rejected, Unavailable
from tests.support.prometheus import METRIC, answer, exporter, fill, free_port, prometheus, server

AT = 1_700_000_000.0
ODD = ('a"b', "a\\b", "a\nb", "a.b", "a|b", "ä", "a{}", "axb", "a", "b", '"} or vector(1) #', "a\tb", "$", ".*")


def series(*values: float, every: float = 5.0, **labels: str) -> Series:
    base = {
        "namespace": "models",
        "deployment_name": "reviews",
        "predictor_name": "main",
        "service": "predictions",
        "code": "200",
        "pod": "p-0",
    }
    times = (AT - every * (len(values) - 1 - place) for place in range(len(values)))
    return Series(base | labels, tuple(zip(times, map(float, values), strict=True)))


STORED = (
    series(1, 2, 5, 5, 9),
    series(0, 1, code="500"),
    series(7, 8, predictor_name="candidate", pod="p-1"),
    series(7, 3, 4, deployment_name="search"),
    series(1, 1, namespace="other"),
    series(1, 1, namespace="other", deployment_name="billing"),
    series(1, 1, service="feedback"),
    series(1, float("nan"), float("inf"), 2, deployment_name="strange"),
    *(series(1, 2, deployment_name=name, code="odd") for name in ODD),
)


def selector(*targets: str, namespace: str = "models", seconds: int = 60) -> MetricSelector:
    return MetricSelector(namespace=namespace, targets=frozenset(targets), seconds=seconds)


@asynccontextmanager
async def asking(url: str, **overrides: float) -> AsyncIterator[PrometheusMetrics]:
    provider = PrometheusMetrics(Endpoint(url=url, **{"timeout_seconds": 5, **overrides}))  # type: ignore[arg-type]
    try:
        yield provider
    finally:
        provider.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("prometheus")
    fill(directory, STORED)
    with prometheus(directory) as url:
        yield url


@pytest.fixture(params=["prometheus", "memory"])
async def provider(request: pytest.FixtureRequest, filled: str) -> AsyncIterator[MetricsProvider]:
    if request.param == "memory":
        yield MemoryMetrics(list(STORED))
        return
    async with asking(filled) as real:
        yield real


def plain(found: object) -> list[str]:
    """Make series comparable: NaN is not equal to itself, order and the metric's own name do not matter."""
    assert isinstance(found, tuple)
    rows = (({k: v for k, v in one.labels.items() if k != "__name__"}, one.samples) for one in found)
    return sorted(f"{sorted(labels.items())} {samples}" for labels, samples in rows)


@pytest.mark.parametrize(
    ("wanted", "want"),
    [
        pytest.param(selector("reviews"), STORED[:3], id="all codes and pods of one target"),
        pytest.param(selector("reviews", "search"), STORED[:4], id="two targets in one read"),
        pytest.param(selector("reviews", "billing"), STORED[:3], id="never a target of another namespace"),
        pytest.param(selector("billing", namespace="other"), STORED[5:6], id="another namespace"),
        pytest.param(selector("nobody"), (), id="an absent target is an empty answer"),
        pytest.param(selector(), (), id="no targets, no series"),
        pytest.param(selector("strange"), STORED[7:8], id="NaN and Inf arrive as they are"),
        pytest.param(
            selector("reviews", seconds=5),
            tuple(Series(one.labels, one.samples[-2:]) for one in STORED[:3]),
            id="a window holds both its ends",
        ),
        *(
            pytest.param(selector(name), STORED[8 + place : 9 + place], id=f"a target called {name!r}")
            for place, name in enumerate(ODD)
        ),
        pytest.param(
            selector(ODD[1], ODD[12]), (STORED[9], STORED[20]), id="two names that are no regexes of themselves"
        ),
        pytest.param(selector(*ODD), STORED[8:], id="all odd names in one read"),
    ],
)
async def test_raw_samples(provider: MetricsProvider, wanted: MetricSelector, want: tuple[Series, ...]) -> None:
    assert plain(await provider.requests(wanted, AT)) == plain(want)


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(selector("reviews", ""), id="an empty target would match series without the label"),
        pytest.param(selector("reviews", namespace=""), id="so would an empty namespace"),
        pytest.param(selector("reviews", seconds=0), id="a window of nothing"),
    ],
)
async def test_an_unsafe_selector_is_rejected(provider: MetricsProvider, wanted: MetricSelector) -> None:
    with pytest.raises(Rejected) as caught:
        await provider.requests(wanted, AT)
    assert caught.value.reason == "InvalidSelector"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.frozensets(st.text(min_size=1, max_size=8) | st.sampled_from(ODD), min_size=1, max_size=4))
def test_no_name_widens_the_selection(filled: str, names: frozenset[str]) -> None:
    async def ask() -> object:
        async with asking(filled) as real:
            return await real.requests(selector(*names), AT)

    known = tuple(one for one in STORED[8:] if one.labels["deployment_name"] in names)
    assert plain(asyncio.run(ask())) == plain(known)


async def test_a_scraped_pod_that_crashes_and_goes(tmp_path: Path) -> None:
    labels = 'namespace="models",deployment_name="reviews",predictor_name="main",service="predictions"'
    with exporter() as pod, prometheus(tmp_path, pod.address) as url:
        async with asking(url) as real:

            async def shown(value: int) -> list[float]:
                """Show a counter until a read has it."""
                pod.text = f'{METRIC}{{{labels},code="200"}} {value}\n'
                return await until(real, lambda values: bool(values) and values[-1] == value)

            await shown(5)
            await shown(9)
            values = await shown(2)
            pod.text = ""
            gone = await until(real, bool)
    assert [value for value in dict.fromkeys(values) if value in {5, 9, 2}] == [5, 9, 2]
    assert set(gone) == {5, 9, 2}


async def until(real: PrometheusMetrics, seen: Callable[[list[float]], bool]) -> list[float]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 20
    import time  # noqa: PLC0415 -- Prometheus stamps samples with the real clock

    while loop.time() < deadline:
        found = await real.requests(selector("reviews"), time.time())
        values = [value for one in found for _, value in one.samples]
        if seen(values):
            return values
        await asyncio.sleep(0.1)
    raise AssertionError("the sample never arrived")


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
        pytest.param(says(200, with_result([], warnings=["s3cret store down"])), "PartialData", id="warnings"),
        pytest.param(says(400, "s3cret"), "QueryRejected", id="400"),
        pytest.param(says(401, "s3cret"), "Unauthorized", id="401"),
        pytest.param(says(403, "s3cret"), "Unauthorized", id="403"),
        pytest.param(says(404, "s3cret"), "NotPrometheus", id="404"),
        pytest.param(says(422, "s3cret"), "QueryRejected", id="422"),
        pytest.param(says(500, "s3cret"), "ServerError", id="500"),
        pytest.param(says(503, "s3cret"), "Overloaded", id="503"),
        pytest.param(says(204, ""), "ServerError", id="204"),
        pytest.param(redirect, "Redirected", id="a redirect is not followed"),
        pytest.param(reset, "ConnectionLost", id="a reset"),
        pytest.param(close, "ConnectionLost", id="a close without an answer"),
        pytest.param(cut_off, "ConnectionLost", id="a body that is cut off"),
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
            with pytest.raises(Unavailable) as caught:
                await real.requests(selector("reviews"), AT)
    assert caught.value.reason == want
    assert not re.search(r"s3cret|127\.0\.0\.1|http:", str(caught.value))


async def test_a_refused_connection_and_a_name_that_does_not_resolve() -> None:
    reasons = []
    for address in (f"127.0.0.1:{free_port()}", "prometheus.invalid:9090"):
        async with asking(f"http://{address}") as real:
            with pytest.raises(Unavailable) as caught:
                await real.requests(selector("reviews"), AT)
        reasons.append(caught.value.reason)
    assert reasons == ["ConnectionRefused", "NameNotResolved"]


def _wait(released: Event) -> None:
    released.wait(30)


async def test_a_provider_that_hangs_does_not_delay_another(filled: str) -> None:
    released = Event()
    with server(lambda _: _wait(released)) as address:
        async with asking(f"http://{address}", timeout_seconds=30) as hanging, asking(filled) as other:
            stuck = [asyncio.ensure_future(hanging.requests(selector("reviews"), AT)) for _ in range(40)]
            found = await other.requests(selector("reviews"), AT)
            assert plain(found) == plain(STORED[:3])
            assert not any(one.done() for one in stuck)
            released.set()
            for one in stuck:
                one.cancel()
