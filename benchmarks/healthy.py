"""A stub that speaks Prometheus' query API and serves two healthy arms of any target, scraped every five seconds.

`python -m benchmarks.healthy PORT PREDICTORS.json`; the file maps "namespace/target" to the candidate predictor's name.
`GET /count` tells how many queries there were; `POST /turn` makes candidates fail, `GET /told` tells who was told when.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from math import ceil, inf
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zlib import crc32

from typing_extensions import override

from benchmarks.turning import STABLE, Turned

SCRAPE_SECONDS = 5
RATE = 20.0
"""Requests a second to one target."""
SHARE = 0.05
FAILING = 0.002
"""Share of requests that fail, of either arm."""
_BOUNDS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf")
_FASTER = (0.02, 0.1, 0.35, 0.7, 0.9, 0.97, 0.99, 0.995, 0.998, 0.999, 1.0, 1.0)
"""Share of answers that take no longer than each bound of the executor's histogram, in seconds."""
_OUTCOMES = (({"code": "200"}, 1 - FAILING), ({"code": "500"}, FAILING))
_PARTS: Mapping[str, tuple[tuple[dict[str, str], float], ...]] = {
    "seldon_api_executor_server_requests_seconds_bucket": tuple(
        ({"code": "200", "le": bound}, (1 - FAILING) * share) for bound, share in zip(_BOUNDS, _FASTER, strict=True)
    ),
    "shop_visits_total": (({}, 1.0),),
    "shop_carts_total": (({}, 0.1),),
    "shop_complaints_total": (({}, 0.001),),
}
"""The series of each metric of one pod: their own labels, and how often each counts. Any other metric has outcomes."""
_BEGUN = 1_700_000_000
_QUERY = re.compile(r"^(?P<metric>\w+)\{(?P<matchers>.*)\}\[(?P<seconds>\d+)s\]$")
_MATCHER = re.compile(r'(\w+)(=~?)"((?:[^"\\]|\\.)*)"')


def result(query: str, at: float, predictors: Mapping[str, str], turned: Turned | None = None) -> list[dict[str, Any]]:
    """Return the matrix that answers a selector of raw samples."""
    found: list[dict[str, Any]] = json.loads(answer(query, at, turned or Turned(predictors)))["data"]["result"]
    return found


def answer(query: str, at: float, turned: Turned) -> str:
    """Return Prometheus's answer to a selector of raw samples, as text: it must not cost what the operator costs."""
    metric, wanted, seconds = _parsed(query)
    series = [
        text
        for namespace, target in wanted
        if f"{namespace}/{target}" in turned.predictors
        for text in _series(metric, (namespace, target), turned, (at - seconds, at))
    ]
    return f'{{"status":"success","data":{{"resultType":"matrix","result":[{",".join(series)}]}}}}'


def failing_told(query: str) -> Iterator[str]:
    """Yield the targets whose failures a query tells, as "namespace/name"."""
    metric, wanted, _ = _parsed(query)
    return (f"{namespace}/{target}" for namespace, target in wanted if metric not in _PARTS)


def _parsed(query: str) -> tuple[str, Iterator[tuple[str, str]], int]:
    """Return a selector's metric, the namespaces and targets that it asks for, and its window."""
    found = _QUERY.match(query)
    if found is None:
        raise ValueError(query)
    matchers = {label: value.split("|") for label, _, value in _MATCHER.findall(found["matchers"])}
    return found["metric"], product(matchers["namespace"], matchers["deployment_name"]), int(found["seconds"])


def _series(metric: str, where: tuple[str, str], turned: Turned, between: tuple[float, float]) -> Iterator[str]:
    """Yield the counters of both arms."""
    key = "/".join(where)
    candidate = turned.predictors[key]
    for predictor, rate in ((STABLE, RATE * (1 - SHARE)), (candidate, RATE * SHARE)):
        fault = turned.fails_from(key, predictor) if metric not in _PARTS else inf
        times = list(_times(between, f"{key}/{predictor}"))
        spent = [(time, min(time, fault) - _BEGUN, max(0.0, time - fault)) for time in times]
        for labels, (own, share) in zip(_labels(metric, where, predictor), _parts(metric), strict=True):
            fails = own.get("code") == "500"
            values = [
                f'[{time},"{int(rate * (healthy * share + (failing if fails else 0.0)))}"]'
                for time, healthy, failing in spent
            ]
            yield f'{{"metric":{labels},"values":[{",".join(values)}]}}'


def _parts(metric: str) -> tuple[tuple[dict[str, str], float], ...]:
    """Return the series of one pod: from a fault on, all requests fail, and those of `_OUTCOMES` show it."""
    return _PARTS.get(metric, _OUTCOMES)


def _times(between: tuple[float, float], pod: str) -> Iterator[float]:
    """Yield the scrapes' times."""
    since, until = between
    time = scrape(since, pod)
    while time <= until:
        yield round(time, 3)
        time += SCRAPE_SECONDS


def scrape(since: float, pod: str) -> float:
    """Return a pod's first scrape at or after a moment; each is scraped at a moment of its own."""
    phase = crc32(pod.encode()) % (1000 * SCRAPE_SECONDS) / 1000
    return round(ceil(round((since - phase) / SCRAPE_SECONDS, 6)) * SCRAPE_SECONDS + phase, 3)


@cache
def _labels(metric: str, where: tuple[str, str], predictor: str) -> tuple[str, ...]:
    """Return the labels of the series of one pod, each as JSON."""
    namespace, target = where
    about = {
        "__name__": metric,
        "container": "seldon-container-engine",
        "deployment_name": target,
        "instance": "10.244.0.17:8000",
        "job": "pods",
        "method": "post",
        "namespace": namespace,
        "pod": f"{target}-{predictor}-0-classifier-6d5f9c7b8-x2x4z",
        "predictor_name": predictor,
        "predictor_version": predictor,
        "service": "predictions",
    }
    return tuple(json.dumps(about | own) for own, _ in _parts(metric))


def serve(port: int, predictors: Mapping[str, str]) -> None:
    """Answer for ever."""
    asked, turned = [0], Turned(predictors)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # one packet an answer, as Prometheus sends it
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer(turned.told if self.path == "/told" else {"count": asked[0]})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/turn":
                turned.since.update(json.loads(body))
                self._answer({})
                return
            asked[0] += 1
            form = parse_qs(body)
            at = float(form["time"][0])
            self._send(answer(form["query"][0], at, turned))
            turned.answered(failing_told(form["query"][0]), at)

        def _answer(self, document: Mapping[str, Any]) -> None:
            self._send(json.dumps(document))

        def _send(self, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
