"""Prometheus is away for a minute while twenty candidates are at a step: none is lost, all go on by themselves.

Real: the API server, Prometheus and the operator's process. Targets have no pods: what would serve them is an exporter
of counters, and nobody moves routes, so that going on is to pass the step and to have the next weight in the spec.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench import install
from benchmarks.fleet import WEIGHT, Fleet, Size
from lab.paths import LAB
from tests.support import apiserver
from tests.support.apiserver import ApiServer
from tests.support.prometheus import METRIC, answer, free_port, prometheus
from tests.support.prometheus import server as serving

MANY = 20
AWAY_SECONDS = 60
PATIENCE_SECONDS = 120
NEXT_WEIGHT = 25
FAILING = 0.002
"""Share of requests that fail, of either predictor: no candidate is worse."""
FEW, MANY_MORE = 100, 1_000_000
"""Requests a second to one target: with few no step of this strict plan passes, with many it does in seconds."""
_OPERATOR = "import sys; from sluice.runtime.main import main; sys.exit(main())"
_CANDIDATES = "/apis/sluice.dev/v1alpha1/modelcandidates"
_TARGETS = "/apis/machinelearning.seldon.io/v1/seldondeployments"


@dataclass
class Clients:
    """Counters of both predictors of every target, growing with time."""

    predictors: dict[str, str]
    """The candidate's, by "namespace/target"."""
    rate: float = FEW
    _counted: float = 0.0
    _since: float = field(default_factory=time.monotonic)

    def more(self) -> None:
        """Send many more requests from now on."""
        now = time.monotonic()
        self._counted, self._since, self.rate = self._at(now), now, MANY_MORE

    def text(self) -> str:
        """Return what is to be scraped."""
        total = self._at(time.monotonic())
        return "".join(
            _line(place, predictor, code, total * share * part)
            for place, candidate in self.predictors.items()
            for predictor, share in (("main", 1 - WEIGHT / 100), (candidate, WEIGHT / 100))
            for code, part in (("200", 1 - FAILING), ("500", FAILING))
        )

    def _at(self, now: float) -> float:
        return self._counted + self.rate * (now - self._since)


def _line(place: str, predictor: str, code: str, value: float) -> str:
    namespace, target = place.split("/")
    labels = {
        "namespace": namespace,
        "deployment_name": target,
        "predictor_name": predictor,
        "pod": f"{target}-{predictor}-0",
        "service": "predictions",
        "code": code,
    }
    matchers = ",".join(f'{name}="{text}"' for name, text in labels.items())
    return f"{METRIC}{{{matchers}}} {int(value)}\n"


@dataclass
class World:
    """The objects and those who act on them."""

    server: ApiServer
    clients: Clients
    data: Path
    exporter: str
    port: int
    log: Path

    def prometheus(self) -> AbstractContextManager[str]:
        """Run Prometheus; what it knew before it still knows."""
        return prometheus(self.data, self.exporter, port=self.port)

    def statuses(self) -> list[dict[str, Any]]:
        """Return the statuses of all candidates."""
        return [one["status"] for one in self.server.request("GET", _CANDIDATES).body["items"]]

    def weights(self) -> list[int]:
        """Return what the specs give the candidates."""
        found = self.server.request("GET", _TARGETS).body["items"]
        return [one["spec"]["predictors"][1]["traffic"] for one in found]

    def until(self, what: str, seen: Callable[[], bool]) -> None:
        """Wait until it is so."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not seen():
            assert time.monotonic() < end, f"not within {PATIENCE_SECONDS} s: {what}\n{self.told()}"
            time.sleep(0.5)

    def told(self) -> str:
        """Return where each candidate stands, and the end of the operator's log."""
        lines = [f"{one['phase']} {one['traffic']['weight']} {one['history'][-1]}" for one in self.statuses()]
        return "\n".join([*lines, self.log.read_text()[-2000:]])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Yield twenty candidates at their first step, and the operator at work."""
    with ExitStack() as stack:
        server = stack.enter_context(apiserver.running(tmp_path))
        install(server, tmp_path)
        assert server.create("/api/v1/namespaces", {"metadata": {"name": "sluice-system"}}).ok
        running = Fleet(server, Size(0, MANY, 2)).create(print)
        clients = Clients({one.target: one.predictor for one in running})
        exporter = stack.enter_context(serving(lambda request: answer(request, 200, clients.text(), "text/plain")))
        made = World(server, clients, tmp_path, exporter, free_port(), tmp_path / "operator.log")
        stack.enter_context(_operator(made))
        yield made


@contextmanager
def _operator(world: World) -> Iterator[None]:
    config = world.data / "config.yaml"
    settings = {
        "registries": {"default": {"uri": "http://127.0.0.1:9"}},
        "metricsProviders": {"default": {"url": f"http://127.0.0.1:{world.port}"}},
        "evaluation": {"image": "localhost/evaluation:dev"},
    }
    config.write_text(json.dumps(settings), encoding="utf-8")
    options = {"config": config, "namespace": "sluice-system", "host": "127.0.0.1", "port": free_port()}
    words = [f"--{name}={value}" for name, value in options.items()]
    variables = {**os.environ, "KUBECONFIG": str(world.server.kubeconfig), "PYTHONPATH": "operator"}
    with (
        world.log.open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", _OPERATOR, *words], env=variables, cwd=LAB.parent, stdout=log, stderr=log
        ) as process,
    ):
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def judged(status: dict[str, Any]) -> bool:
    """Return whether live metrics were judged on requests."""
    metrics = status.get("metrics") or ()
    return bool(metrics) and all(not metric["candidate"].endswith("/0") for metric in metrics)


def held(status: dict[str, Any]) -> bool:
    """Return whether it is suspended for want of data."""
    conditions = status.get("conditions") or ()
    return any(one["type"] == "Suspended" and one["reason"] == "NoData" for one in conditions)


def places(world: World) -> set[tuple[str, int]]:
    """Return the phases and weights on record, of all candidates."""
    return {(one["phase"], one["traffic"]["weight"]) for one in world.statuses()}


def test_a_minute_without_prometheus_loses_no_candidate(world: World) -> None:
    with world.prometheus():
        world.until("all are judged", lambda: all(map(judged, world.statuses())))
        assert places(world) == {("Shifting", WEIGHT)}

    gone = time.monotonic()
    world.until("all are held", lambda: all(map(held, world.statuses())))
    while time.monotonic() < gone + AWAY_SECONDS:
        assert places(world) == {("Shifting", WEIGHT)}, world.told()
        assert set(world.weights()) == {WEIGHT}, world.told()
        time.sleep(1)

    world.clients.more()
    with world.prometheus():
        world.until("all go on", lambda: world.weights() == [NEXT_WEIGHT] * MANY)
    assert places(world) == {("Shifting", NEXT_WEIGHT)}, world.told()
    assert not any(map(held, world.statuses())), world.told()
