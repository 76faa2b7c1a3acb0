"""How fast clients are safe again: from the readable breach to the restored route, over many real rollbacks.

`python -m benchmarks.reaction` starts a lab, installs Sluice by its chart, and has several targets at once try one
failing model after the other: real Envoy, Prometheus, evaluation Jobs and operator; the lab's stand-in for Seldon's.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import distribution, figures, machine
from benchmarks.breach import LOOK_BACK_SECONDS, STAGES, Rollback, rollback
from benchmarks.sightings import PAUSE_SECONDS, Sightings
from examples.sentiment import source
from lab import sluice
from lab.addons import istio, monitoring
from lab.addons import registry as mlflow
from lab.cluster import Cluster
from lab.paths import LAB
from lab.system import Progress
from sluice.core.observed import LivePlan
from sluice.runtime.parsing import parse_plan
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, Story, When
from tests.support import shop
from tests.support.clients import Clients
from tests.support.faults import Faults, until
from tests.support.kube import Kube
from tests.support.recorder import Recorder
from tests.support.registry import Registry

TICK_SECONDS = 1
MOST_SECONDS = TICK_SECONDS + 1.0
_NAMESPACES = "reaction-"
_END_SECONDS = 300.0


@dataclass(frozen=True)
class Scene:
    """What all targets share."""

    kube: Kube
    registry: Registry
    sightings: Sightings
    folder: Path
    rate: float
    end: float
    """Monotonic seconds after which nothing more begins."""
    progress: Progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure in a lab, print the table, and write it into the page."""
    options = _parser().parse_args(arguments)
    if options.inside:
        return _measure(options)
    source.fetch(source.cache_folder())
    subprocess.run([sys.executable, "-m", "lab", "up", "--name", options.name], cwd=LAB.parent, check=True)
    try:
        cluster = Cluster.attach(options.name)
        sluice.install(cluster)
        return _inside(cluster, sys.argv[1:] if arguments is None else arguments)
    finally:
        if not options.keep:
            subprocess.run([sys.executable, "-m", "lab", "down", "--name", options.name], cwd=LAB.parent, check=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reaction", description=__doc__)
    parser.add_argument("--name", default="bench", help="name of the lab (%(default)s)")
    parser.add_argument("--targets", type=int, default=4, help="targets at once (%(default)s)")
    parser.add_argument("--rounds", type=int, default=10, help="rollbacks of each target (%(default)s)")
    parser.add_argument("--minutes", type=float, default=30, help="begin none later than that (%(default)s)")
    parser.add_argument("--rate", type=float, default=25, help="requests a second to each target (%(default)s)")
    parser.add_argument("--keep", action="store_true", help="leave the lab up")
    parser.add_argument("--dry", action="store_true", help="print only: leave the page alone")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser


def _inside(cluster: Cluster, arguments: Sequence[str]) -> int:
    """Run this benchmark once more in the lab's network."""
    enter = ["ip", "netns", "exec", cluster.netns]
    command = [sys.executable, "-m", "benchmarks.reaction", "--inside", *arguments]
    environment = {**cluster.environment, "PYTHONPATH": f"operator{os.pathsep}."}
    return subprocess.run([*enter, *command], cwd=LAB.parent, env=environment, check=False).returncode


def _measure(options: argparse.Namespace) -> int:
    progress, kube = Progress(), Kube()
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder, machine.observed() as where:
        registry = Registry.filled(mlflow.URL, Path(folder) / "data")
        progress("the registry is filled")
        sightings = Sightings(monitoring.URL, f"{_NAMESPACES}.*").start()
        end = time.monotonic() + 60 * options.minutes
        scene = Scene(kube, registry, sightings, Path(folder), options.rate, end, progress)
        with ThreadPoolExecutor(options.targets) as pool:
            lanes = list(pool.map(lambda number: _lane(scene, number, options.rounds), range(options.targets)))
        sightings.stop()
    kube.close()
    found = [one for lane in lanes for one in lane]
    data = _data(found) | {"targets": options.targets, "rate": options.rate, "machine": where.data()}
    text = f"{where.sentence()}\n\n{_text(found, options)}"
    print(text)
    if not options.dry:
        figures.record("reaction", "How fast a breach is answered", text, data)
    return 0


def _lane(scene: Scene, number: int, rounds: int) -> list[Rollback]:
    """Have one target roll back so many candidates, one after the other."""
    story = _story(scene, f"{_NAMESPACES}{number}")
    try:
        Given(story).target(missed_gate="miss").plan(tickSeconds=TICK_SECONDS).load(scene.rate)
        plan = parse_plan(story.kube.get("RolloutPlan", story.namespace, "quick"))
        names = (f"erring-{again}" for again in range(rounds))
        return [_once(scene, story, plan, name) for name in names if time.monotonic() < scene.end]
    finally:
        story.clients.stop()
        story.recorder.stop()


def _story(scene: Scene, name: str) -> Story:
    scene.kube.create(shop.namespace_object(name))
    until("its service account is there", lambda: scene.kube.find("ServiceAccount", name, "default") is not None)
    scene.registry.register_toys(name, ("champion", "erring"))
    return Story(
        kube=scene.kube,
        registry=scene.registry,
        faults=Faults(scene.kube, sluice.NAMESPACE),
        recorder=Recorder(scene.kube, name).start(),
        clients=Clients(istio.URL, scene.registry.traffic, scene.folder / f"{name}.jsonl"),
        folder=scene.folder,
        namespace=name,
        target="shop",
        model=name,
        versions={"champion": "1", "erring": "2"},
    )


def _once(scene: Scene, story: Story, plan: LivePlan, candidate: str) -> Rollback:
    """Have one candidate rolled back, and return when what happened."""
    When(story).applies(candidate, "erring")
    Then(story).phase_becomes("RolledBack", within=_END_SECONDS).reason_is("Breached")
    history, life = story.history, story.life()
    since = life[0].received - LOOK_BACK_SECONDS
    seen = scene.sightings.of(story.namespace, since)
    found = rollback(life, history.of("SeldonDeployment"), history.of("VirtualService"), seen, plan)
    told = ", ".join(f"{name} {seconds:.2f}" for name, seconds in zip(STAGES, found.stages, strict=True))
    scene.progress(f"{story.namespace} {candidate}: {found.seconds:.2f} s ({told})")
    return found


def _data(found: Sequence[Rollback]) -> dict[str, Any]:
    stages = {name: [one.stages[index] for one in found] for index, name in enumerate(STAGES)}
    return {
        "seconds": distribution.described([one.seconds for one in found]),
        "stages": {name: distribution.described(values) for name, values in stages.items()},
        "rollbacks": [[round(seconds, 3) for seconds in (one.seconds, *one.stages)] for one in found],
        "tick_seconds": TICK_SECONDS,
    }


def _text(found: Sequence[Rollback], options: argparse.Namespace) -> str:
    whole = [one.seconds for one in found]
    rows = [["**readable to restored**", *distribution.row(whole)]]
    rows += [[name, *distribution.row([one.stages[index] for one in found])] for index, name in enumerate(STAGES)]
    reached = "reached" if distribution.percentile(whole, 99) <= MOST_SECONDS else "missed"
    what = (
        f"{options.targets} targets at once, {options.rate:g} requests/s each, {len(found)} rollbacks of a "
        f"model that fails every fifth request; tick {TICK_SECONDS} s, scrapes every second. Real Envoy, istiod, "
        "Prometheus, MLflow, evaluation Jobs and operator; Seldon's manager is the lab's stand-in. Readable: the last "
        f"poll of Prometheus (every {PAUSE_SECONDS * 1000:.0f} ms) before the one from which the samples breach by the "
        "operator's own rule. Restored: a watch shows the VirtualService without weight for the candidate. "
        f"To reach: p99 ≤ {MOST_SECONDS:g} s (one tick and 1 s): {reached}."
    )
    return f"{what}\n\n{figures.table(('seconds', *distribution.HEAD), rows)}"


if __name__ == "__main__":
    sys.exit(main())
