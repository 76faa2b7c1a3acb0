"""What the operator costs: many ended candidates, many in the middle of a step, on a bare API server.

`python -m benchmarks.reconcile`: etcd and kube-apiserver of the lab, the real operator process, and a stub that speaks
Prometheus' API (`benchmarks.healthy`), all on loopback.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from benchmarks import environment, figures, machine
from benchmarks.distribution import percentile
from benchmarks.fleet import TICK_SECONDS, Fleet, Size
from benchmarks.process import Usage, usage
from lab.addons import istio
from lab.paths import LAB
from lab.system import Progress, wait_until
from tests.support import apiserver
from tests.support.apiserver import ApiServer
from tests.support.mlflow_server import free_port

MOST_MIB, MOST_CORES = 200, 0.5
_NAMESPACE = "sluice-system"
_READY_SECONDS = 300
_OPERATOR = "import sys; from sluice.runtime.main import main; sys.exit(main())"
_REQUESTS = re.compile(r"^apiserver_request_total\{(.*)\} (\S+)$", re.MULTILINE)
_OUTCOMES = re.compile(r'^sluice_reconcile_total\{outcome="(\w+)"\} (\S+)$', re.MULTILINE)
_SPENT = re.compile(r"^sluice_reconcile_seconds_sum (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Reading:
    """All counters at one moment."""

    time: float
    usage: Usage
    requests: Counter[str]
    queries: int
    reconciles: Counter[str]
    seconds: float
    """That all reconciles took together."""


@dataclass(frozen=True)
class Bench:
    """The servers and the operator under measurement."""

    server: ApiServer
    prometheus: int
    operator: "subprocess.Popen[bytes]"
    port: int

    def read(self) -> Reading:
        """Read every counter."""
        own = requests.get(f"http://127.0.0.1:{self.port}/metrics", timeout=10).text
        return Reading(
            time=time.monotonic(),
            usage=usage(self.operator.pid),
            requests=self._requests(),
            queries=self._queries(),
            reconciles=_reconciles(own),
            seconds=float(_SPENT.findall(own)[0]),
        )

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
        count: int = requests.get(f"http://127.0.0.1:{self.prometheus}/count", timeout=10).json()["count"]
        return count


def _reconciles(text: str) -> Counter[str]:
    return Counter({outcome: int(float(value)) for outcome, value in _OUTCOMES.findall(text)})


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write it into the page."""
    options = _parser().parse_args(arguments)
    size = Size(options.idle, options.running, options.namespaces)
    with machine.observed() as where, tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder:
        before, after, samples = _measured(size, options.seconds, Path(folder), Progress())
    data = _data(size, before, after, samples) | {"machine": where.data()}
    text = f"{where.sentence()}\n\n{_text(size, data)}"
    print(text)
    if not options.dry:
        figures.record("reconcile", "What the operator costs", text, data)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reconcile", description=__doc__)
    parser.add_argument("--idle", type=int, default=1000, help="ended candidates (%(default)s)")
    parser.add_argument("--running", type=int, default=200, help="candidates at a step (%(default)s)")
    parser.add_argument("--namespaces", type=int, default=20, help="namespaces that they share (%(default)s)")
    parser.add_argument("--seconds", type=float, default=180, help="how long to measure (%(default)s)")
    parser.add_argument("--dry", action="store_true", help="print only: leave the page alone")
    return parser


def _measured(size: Size, seconds: float, folder: Path, progress: Progress) -> tuple[Reading, Reading, list[Usage]]:
    """Return the counters before and after, and what was used every second between."""
    with ExitStack() as stack:
        server = stack.enter_context(apiserver.running(folder))
        progress("the API server answers")
        _install(server, folder)
        predictors = Fleet(server, size).create(progress)
        bench = stack.enter_context(_operating(server, folder, predictors))
        _settled(bench, size)
        progress("the operator has looked at every candidate; measuring")
        before, samples = bench.read(), []
        while time.monotonic() < before.time + seconds:
            time.sleep(1)
            samples.append(usage(bench.operator.pid))
        after = bench.read()
        _check(server, size)
        return before, after, samples


def _install(server: ApiServer, folder: Path) -> None:
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
def _operating(server: ApiServer, folder: Path, predictors: dict[str, str]) -> Iterator[Bench]:
    """Run the stub and the operator."""
    interpreter = environment.python(print)
    assert server.create("/api/v1/namespaces", {"metadata": {"name": _NAMESPACE}}).ok
    known, config = folder / "predictors.json", folder / "config.yaml"
    known.write_text(json.dumps(predictors), encoding="utf-8")
    prometheus, port = free_port(), free_port()
    config.write_text(json.dumps(_config(prometheus)), encoding="utf-8")
    options = {"config": config, "namespace": _NAMESPACE, "host": "127.0.0.1", "port": port, "log-level": "info"}
    words = [f"--{name}={value}" for name, value in options.items()]
    variables = {**os.environ, "KUBECONFIG": str(server.kubeconfig), "PYTHONPATH": f"operator{os.pathsep}."}
    with (
        (folder / "operator.log").open("wb") as log,
        _running([sys.executable, "-m", "benchmarks.healthy", str(prometheus), str(known)], variables, log),
        _running([str(interpreter), "-c", _OPERATOR, *words], variables, log) as operator,
    ):
        yield Bench(server, prometheus, operator, port)


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


def _settled(bench: Bench, size: Size) -> None:
    """Wait until every candidate was looked at, and the running ones three times."""

    def seen() -> bool:
        try:
            return bench.read().reconciles["ok"] >= size.idle + 4 * size.running
        except (requests.RequestException, FileNotFoundError):
            assert bench.operator.poll() is None, "the operator ended"
            return False

    wait_until("the operator has seen everything", seen, seconds=_READY_SECONDS, next_step="look at its load", pause=1)


def _check(server: ApiServer, size: Size) -> None:
    """Make sure that what was measured is what was meant: every running candidate is judged, and stays."""
    found = server.request("GET", "/apis/sluice.dev/v1alpha1/modelcandidates").body["items"]
    running = [one["status"] for one in found if one["status"]["phase"] == "Shifting"]
    verdicts = Counter(one["metrics"][0]["verdict"] for one in running if one.get("metrics"))
    assert verdicts == {"Inconclusive": size.running}, f"{len(running)} are running: {verdicts}"
    ended = sum(one["status"]["phase"] == "Promoted" for one in found)
    assert ended == size.idle, f"{ended} are promoted"


def _data(size: Size, before: Reading, after: Reading, samples: Sequence[Usage]) -> dict[str, Any]:
    minutes = (after.time - before.time) / 60
    calls = {name: count / minutes for name, count in (after.requests - before.requests).items()}
    return {
        "idle": size.idle,
        "running": size.running,
        "namespaces": size.namespaces,
        "tick_seconds": TICK_SECONDS,
        "seconds": round(after.time - before.time, 1),
        "cores": round((after.usage.cpu - before.usage.cpu) / (after.time - before.time), 3),
        "cores_p99": round(percentile(_shares(samples), 99), 3),
        "rss_mib": round(max(one.rss for one in samples) / 2**20, 1),
        "peak_rss_mib": round(after.usage.peak / 2**20, 1),
        "reconciles_per_minute": {k: round(v / minutes) for k, v in (after.reconciles - before.reconciles).items()},
        "reconcile_milliseconds": round(1000 * (after.seconds - before.seconds) / _count(before, after)),
        "queries_per_minute": round((after.queries - before.queries) / minutes),
        "api_requests_per_minute": {name: round(rate) for name, rate in sorted(calls.items()) if rate >= 1},
    }


def _count(before: Reading, after: Reading) -> int:
    return max(1, sum((after.reconciles - before.reconciles).values()))


def _shares(samples: Sequence[Usage]) -> list[float]:
    """Return the share of a core in each stretch of ten seconds."""
    return [(after.cpu - before.cpu) / 10 for before, after in zip(samples, samples[10:], strict=False)] or [0.0]


def _text(size: Size, data: dict[str, Any]) -> str:
    calls: dict[str, int] = data["api_requests_per_minute"]
    rows = [
        ("processor", f"{data['cores']:.2f} cores", f"≤ {MOST_CORES} cores"),
        ("memory, resident", f"{data['rss_mib']:.0f} MiB (peak {data['peak_rss_mib']:.0f})", f"≤ {MOST_MIB} MiB"),
        (
            "reconciles a minute",
            f"{sum(data['reconciles_per_minute'].values()):,}",
            f"{size.running * 60 // data['tick_seconds']:,} is one a tick",
        ),
        ("a reconcile takes", f"{data['reconcile_milliseconds']} ms (mean)", ""),
        ("Prometheus queries a minute", f"{data['queries_per_minute']:,}", ""),
        ("API requests a minute", f"{sum(calls.values()):,}", ""),
    ]
    what = (
        f"{size.idle:,} promoted and {size.running} running candidates (one target each, tick "
        f"{data['tick_seconds']} s) in {size.namespaces} namespaces. Real: etcd, kube-apiserver, the operator's "
        "process with the dependencies of its image. A stub: Prometheus' API. "
        f"Measured for {data['seconds']:.0f} s; API requests include the server's own."
    )
    busiest = sorted(calls.items(), key=lambda one: -one[1])
    each = figures.table(("API requests", "a minute"), [(name, f"{count:,}") for name, count in busiest])
    return f"{what}\n\n{figures.table(('', 'measured', 'to reach'), rows)}\n\n{each}"


if __name__ == "__main__":
    sys.exit(main())
