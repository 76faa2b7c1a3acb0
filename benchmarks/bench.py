"""The operator's process at work on a bare API server and a stub Prometheus, and every counter that tells its cost.

Real: etcd, kube-apiserver and the operator, with the dependencies of its image. A stub: `benchmarks.healthy`.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from benchmarks import environment
from benchmarks.distribution import percentile
from benchmarks.process import Usage, usage
from lab.addons import istio
from lab.paths import LAB
from lab.system import wait_until
from tests.support.apiserver import ApiServer
from tests.support.mlflow_server import free_port

_NAMESPACE = "sluice-system"
_READY_SECONDS = 600
_OPERATOR = "import sys; from sluice.runtime.main import main; sys.exit(main())"
_REQUESTS = re.compile(r"^apiserver_request_total\{(.*)\} (\S+)$", re.MULTILINE)
_OUTCOMES = re.compile(r'^sluice_reconcile_total\{outcome="(\w+)"\} (\S+)$', re.MULTILINE)
_QUERIES = re.compile(r"^sluice_prometheus_query_seconds_count\{(.*)\} (\S+)$", re.MULTILINE)
_SPENT = re.compile(r"^sluice_reconcile_seconds_sum (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_WRITES = ("PUT", "PATCH", "POST", "DELETE")


@dataclass(frozen=True)
class Reading:
    """All counters at one moment."""

    time: float
    usage: Usage
    stub: Usage
    """Of the stub Prometheus: where that is busy, it is what is measured."""
    requests: Counter[str]
    queries: int
    unanswered: int
    """Queries that the operator got no whole answer to."""
    reconciles: Counter[str]
    seconds: float
    """That all reconciles took together."""


@dataclass(frozen=True)
class Cost:
    """What the operator used between two readings."""

    before: Reading
    after: Reading
    samples: Sequence[Usage]
    """One a second."""

    @property
    def seconds(self) -> float:
        """How long that was."""
        return self.after.time - self.before.time

    @property
    def calls(self) -> dict[str, float]:
        """API requests a minute by verb and resource, the server's own included."""
        return {name: 60 * count / self.seconds for name, count in (self.after.requests - self.before.requests).items()}

    @property
    def writes(self) -> float:
        """API writes a minute to anything but Leases."""
        return sum(rate for name, rate in self.calls.items() if name.startswith(_WRITES) and "leases" not in name)

    def data(self) -> dict[str, Any]:
        """Return everything for the JSON file."""
        before, after = self.before, self.after
        done = after.reconciles - before.reconciles
        spent = 1000 * (after.seconds - before.seconds)
        return {
            "seconds": round(self.seconds, 1),
            "cores": round((after.usage.cpu - before.usage.cpu) / self.seconds, 3),
            "stub_cores": round((after.stub.cpu - before.stub.cpu) / self.seconds, 3),
            "cores_p99": round(percentile(_shares(self.samples), 99), 3),
            "rss_mib": round(max(one.rss for one in self.samples) / 2**20, 1),
            "peak_rss_mib": round(after.usage.peak / 2**20, 1),
            "reconciles_per_minute": {name: round(60 * count / self.seconds) for name, count in done.items()},
            "reconcile_milliseconds": round(spent / max(1, sum(done.values()))),
            "queries_per_minute": round(60 * (after.queries - before.queries) / self.seconds),
            "unanswered_per_minute": round(60 * (after.unanswered - before.unanswered) / self.seconds),
            "writes_per_minute": round(self.writes),
            "api_requests_per_minute": {name: round(rate) for name, rate in sorted(self.calls.items()) if rate >= 1},
        }


@dataclass(frozen=True)
class Bench:
    """The servers and the operator under measurement."""

    server: ApiServer
    prometheus: int
    stub_process: "subprocess.Popen[bytes]"
    operator: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def read(self) -> Reading:
        """Read every counter."""
        own = requests.get(f"http://127.0.0.1:{self.port}/metrics", timeout=10).text
        return Reading(
            time=time.monotonic(),
            usage=usage(self.operator.pid),
            stub=usage(self.stub_process.pid),
            requests=self._requests(),
            queries=self._queries(),
            unanswered=_unanswered(own),
            reconciles=_reconciles(own),
            seconds=float(_SPENT.findall(own)[0]),
        )

    def observed(self, seconds: float) -> "Cost":
        """Read, wait so long, and read again."""
        before, samples = self.read(), []
        while time.monotonic() < before.time + seconds:
            time.sleep(1)
            samples.append(usage(self.operator.pid))
        return Cost(before, self.read(), samples)

    def settled(self, reconciles: int) -> None:
        """Wait until the operator has done so much."""

        def seen() -> bool:
            try:
                return self.read().reconciles["ok"] >= reconciles
            except (requests.RequestException, FileNotFoundError):
                assert self.operator.poll() is None, f"the operator ended: {self.log.read_text()[-2000:]}"
                return False

        wait_until("the operator has looked", seen, seconds=_READY_SECONDS, next_step="look at its load", pause=1)

    def stub(self, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """Ask the stub Prometheus, or tell it something."""
        url, method = f"http://127.0.0.1:{self.prometheus}/{path}", "GET" if body is None else "POST"
        return requests.request(method, url, json=body, timeout=10).json()

    def _requests(self) -> Counter[str]:
        """Count the API server's requests by verb and resource."""
        text = self.server.request("GET", "/metrics").message
        found: Counter[str] = Counter()
        for labels, value in _REQUESTS.findall(text):
            label = dict(_LABEL.findall(labels))
            parts = [label["resource"], label["subresource"]]
            found[f"{label['verb']} {'/'.join(filter(None, parts))}"] += int(float(value))
        return found

    def _queries(self) -> int:
        return int(self.stub("count")["count"])


def _reconciles(text: str) -> Counter[str]:
    return Counter({outcome: int(float(value)) for outcome, value in _OUTCOMES.findall(text)})


def _unanswered(text: str) -> int:
    found = [(dict(_LABEL.findall(labels)), float(value)) for labels, value in _QUERIES.findall(text)]
    return int(sum(value for labels, value in found if labels["outcome"] != "ok"))


def install(server: ApiServer, folder: Path) -> None:
    """Install the definitions of all kinds."""
    for name, definitions in (("istio", istio.definitions()), ("seldon", _seldon())):
        place = folder / name
        place.mkdir()
        for number, definition in enumerate(definitions):
            (place / f"{number}.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
        server.install_crds(place)
    server.install_crds(LAB.parent / "crds")


def _seldon() -> list[dict[str, Any]]:
    return [yaml.safe_load((LAB / "seldon_standin/crd.yaml").read_text(encoding="utf-8"))]


@contextmanager
def operating(server: ApiServer, folder: Path, predictors: dict[str, str]) -> Iterator[Bench]:
    """Run the stub and the operator."""
    interpreter = environment.python(print)
    assert server.create("/api/v1/namespaces", {"metadata": {"name": _NAMESPACE}}).ok
    known, config = folder / "predictors.json", folder / "config.yaml"
    known.write_text(json.dumps(predictors), encoding="utf-8")
    prometheus, port = free_port(), free_port()
    config.write_text(json.dumps(_config(prometheus)), encoding="utf-8")
    options = {"config": config, "namespace": _NAMESPACE, "host": "127.0.0.1", "port": port, "log-level": "info"}
    words = [f"--{name}={value}" for name, value in options.items()]
    surroundings = {**os.environ, "MALLOC_ARENA_MAX": "2"}  # as in the image
    variables = {**surroundings, "KUBECONFIG": str(server.kubeconfig), "PYTHONPATH": f"operator{os.pathsep}."}
    with (
        (folder / "operator.log").open("wb") as log,
        _running([sys.executable, "-m", "benchmarks.healthy", str(prometheus), str(known)], variables, log) as stub,
        _running([str(interpreter), "-c", _OPERATOR, *words], variables, log) as operator,
    ):
        yield Bench(server, prometheus, stub, operator, port, folder / "operator.log")


def _config(prometheus: int) -> dict[str, Any]:
    return {
        "registries": {"default": {"uri": "http://127.0.0.1:9"}},
        "metricsProviders": {"default": {"url": f"http://127.0.0.1:{prometheus}"}},
        "evaluation": {"image": "localhost/evaluation:dev"},
    }


@contextmanager
def _running(argv: list[str], variables: dict[str, str], log: Any) -> Iterator["subprocess.Popen[bytes]"]:  # noqa: ANN401 -- a file
    with subprocess.Popen(argv, env=variables, cwd=LAB.parent, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.terminate()


def _shares(samples: Sequence[Usage]) -> list[float]:
    """Return the share of a core in each stretch of ten seconds."""
    return [(after.cpu - before.cpu) / 10 for before, after in zip(samples, samples[10:], strict=False)] or [0.0]
