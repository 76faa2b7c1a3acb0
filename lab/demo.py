"""The demo: a real cluster, real reviews, real clients; one model is promoted, one rejected, one rolled back."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from lab import addons, sluice
from lab.addons import registry
from lab.loadgen.records import parse
from lab.loadgen.report import Report
from lab.paths import LAB
from lab.system import LabError, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lab.cluster import Cluster
    from lab.system import Progress

NAMESPACE = "models"
TARGET = "review-sentiment"
CANDIDATES = ("cell", "fragile", "good")
DATA = LAB.parent / "examples/sentiment/.data"
RECORD = DATA / "demo.txt"
RATE = 50
_SLUICE = LAB.parent / ".venv/bin/sluice"
_READY_SECONDS = 180
_WATCH_SECONDS = 900


@dataclass(frozen=True)
class Ending:
    """How one candidate ended, in what was seen meanwhile."""

    name: str
    phase: str
    why: str
    seconds: float
    clients: Report


@dataclass
class Demo:
    """The steps of the demo on a cluster that is up; what is shown is also recorded."""

    cluster: Cluster
    progress: Progress
    lines: list[str] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)

    def play(self) -> list[Ending]:
        """Play the whole demo and return the endings."""
        self._timed("models and Sluice", self._prepare)
        self._timed("service and clients", self._serve)
        endings = [self._timed(name, lambda name=name: self._try(name)) for name in CANDIDATES]
        self._summary(endings)
        RECORD.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        self.progress(f"recorded in {RECORD.relative_to(LAB.parent)}")
        return endings

    def _timed(self, what: str, step: Any) -> Any:  # noqa: ANN401 -- what the step returns
        begun = time.monotonic()
        result = step()
        self.spent[what] = time.monotonic() - begun
        return result

    def _prepare(self) -> None:
        """Train and register the models, and install Sluice, side by side."""
        with ThreadPoolExecutor() as pool:
            installing = pool.submit(sluice.install, self.cluster)
            command = [sys.executable, "-m", "examples.sentiment.register", "--tracking-uri", registry.URL]
            for line in self._lines_of(["env", "PYTHONPATH=operator:.", *command, "--out", str(DATA)]):
                if "right" in line:
                    self.progress(f"registered {line}")
            installing.result()
        self.progress("Sluice is installed by its Helm chart, two replicas, in a namespace that enforces restricted")

    def _serve(self) -> None:
        """Apply the service and the plan, and let clients come."""
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        self._apply(space)
        for name in ("seldondeployment", "plan"):
            self._apply(_manifest(name))
        wait_until(
            f"{TARGET} is served",
            self._served,
            seconds=_READY_SECONDS,
            next_step=f"python -m lab exec --name {self.cluster.name} -- kubectl get pods -n {NAMESPACE}",
            pause=0.5,
        )
        traffic = addons.Traffic(namespace=NAMESPACE, deployment=TARGET, rate=RATE)
        addons.install_traffic(self.cluster, traffic, DATA / "traffic.jsonl", self.progress)

    def _served(self) -> bool:
        state = ["get", "sdep", TARGET, f"--namespace={NAMESPACE}", "--output=jsonpath={.status.state}"]
        return self.cluster.kubectl(*state) == "Available"

    def _try(self, name: str) -> Ending:
        """Apply one candidate and watch it to its end."""
        manifest = _manifest(f"candidate-{name}")
        candidate, begun = manifest["metadata"]["name"], time.time()
        self._say(f"\n$ kubectl apply -f examples/sentiment/candidate-{name}.yaml")
        self._say(f"$ kubectl sluice watch {candidate} -n {NAMESPACE}")
        self._apply(manifest)
        watch = [_SLUICE, "watch", candidate, "--namespace", NAMESPACE, "--timeout", str(_WATCH_SECONDS)]
        for line in self._lines_of([str(word) for word in watch], any_end=True):
            self._say(line)
        status = self._status(candidate)
        last = status["history"][-1]
        clients = self._clients(begun)
        return Ending(candidate, status["phase"], f"{last['reason']}: {last['message']}", time.time() - begun, clients)

    def _status(self, candidate: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            self.cluster.kubectl("get", "mcand", candidate, f"--namespace={NAMESPACE}", "--output=json")
        )
        status: dict[str, Any] = found["status"]
        return status

    def _clients(self, since: float) -> Report:
        """Ask the load generator, in the cluster's network, what clients saw since that moment."""
        url = addons.Traffic(namespace=NAMESPACE, deployment=TARGET).url
        code = "import sys; from lab.loadgen.remote import fetch; r = fetch(sys.argv[1], since=float(sys.argv[2]))"
        told = f"{code}; print(chr(10).join(one.line() for one in r.records))"
        records = self._lines_of([sys.executable, "-c", told, url, repr(since)])
        return Report.of(parse(records))

    def _summary(self, endings: Sequence[Ending]) -> None:
        self._say("")
        for ending in endings:
            served, failed = len(ending.clients.records), len(ending.clients.failures())
            self._say(f"{ending.name:24} {ending.phase:11} {served:>6,} requests, {failed:,} failed")
            self._say(f"{'':24} {ending.why}")
        self._say("")
        self._say("seconds: " + ", ".join(f"{what} {seconds:.0f}" for what, seconds in self.spent.items()))
        name = self.cluster.name
        self._say(f"look around: make lab-shell NAME={name}, then kubectl sluice get -n {NAMESPACE}")
        self._say(f"end: make lab-down NAME={name}")

    def _apply(self, manifest: dict[str, Any]) -> None:
        text = json.dumps(manifest)
        self.cluster.kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", stdin=text)

    def _say(self, line: str) -> None:
        print(line, flush=True)
        self.lines.append(line)

    def _lines_of(self, argv: list[str], *, any_end: bool = False) -> Any:  # noqa: ANN401 -- an iterator of lines
        """Yield what a program in the cluster's network prints, line by line."""
        command = ["ip", "netns", "exec", self.cluster.netns, *argv]
        with subprocess.Popen(
            command, cwd=LAB.parent, env=self.cluster.environment, stdout=subprocess.PIPE, text=True
        ) as program:
            for line in program.stdout or ():
                yield line.rstrip("\n")
        if program.returncode and not any_end:
            raise LabError(f"{argv[0]} … failed ({program.returncode})", "read what it said above")


def _manifest(name: str) -> dict[str, Any]:
    folder: Path = DATA / "manifests"
    found: dict[str, Any] = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return found
