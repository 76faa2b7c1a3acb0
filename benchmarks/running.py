"""Many candidates at a step: what they cost, and how soon one that turns bad is taken back, alone and among others.

`python -m benchmarks.running 10 100 300 1000`: on a real API server, with the real operator process, a stub Prometheus
whose candidates can turn bad, and targets without pods, whose routes follow as Seldon's manager would have them. Taken
back is, when a watch shows the SeldonDeployment without weight for the candidate.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import figures, machine
from benchmarks.analysis.reached import Goal
from benchmarks.answers import PARTS, Answer, data_of, rows_of
from benchmarks.bench import Bench, install, operating
from benchmarks.fleet import METRICS, TICK_SECONDS, Fleet, Prepared, Size
from benchmarks.following import Following
from benchmarks.readable import breach_readable
from benchmarks.restorations import Restorations
from benchmarks.turning import Told, first_told
from lab.system import Progress
from sluice.api.live import LiveMetric
from sluice.core.analysis.signals import signal_of
from sluice.core.observed import Candidate, LivePlan
from sluice.runtime.pacing import SLOT_SECONDS
from sluice.runtime.parsing import parse_candidate
from tests.support import apiserver
from tests.support.apiserver import ApiServer
from tests.support.kube import Kube

MOST_CORES, MOST_MIB, MOST_WRITES = 0.5, 300, 1.0
MOST_MEDIAN, MOST_P99 = 0.2, 0.5
MOST_LATE = 0.01
_EVERY_SECONDS = 2.0
"""Between two candidates that turn bad by themselves."""
_STORM = 41
"""Each of them is taken back while 40 others are."""
_ABOUT = 1.1
_PATIENCE_SECONDS = 120.0


@dataclass
class Scene:
    """One installation under measurement."""

    fleet: Fleet
    bench: Bench
    restorations: Restorations
    running: dict[str, Prepared]
    """The healthy candidates, by target."""
    reserve: list[Prepared]
    """Those who take the places of the ones that go."""
    plan: LivePlan

    def alone(self, count: int) -> list[Answer]:
        """Have so many turn bad one after the other, each replaced by a new one."""
        victims: list[Victim] = []
        for _ in range(count):
            victims += self._turn(1)
            fresh = self.reserve.pop()
            self.fleet.start(fresh)
            self.running[fresh.target] = fresh
            time.sleep(random.uniform(0.5, 1.5) * _EVERY_SECONDS)
        return self._answers(victims)

    def storm(self, count: int) -> list[Answer]:
        """Have so many turn bad at once."""
        return self._answers(self._turn(count))

    def _turn(self, count: int) -> list["Victim"]:
        """Have some fail from now on."""
        chosen = [self.running.pop(target) for target in random.sample(sorted(self.running), count)]
        before = [parse_candidate(self.fleet.now(one)) for one in chosen]
        now = time.time()
        self.bench.stub("turn", {one.target: now for one in chosen})
        return [Victim(one.target, candidate, now) for one, candidate in zip(chosen, before, strict=True)]

    def _answers(self, victims: Sequence["Victim"]) -> list[Answer]:
        """Wait until all are taken back, and return when what happened; of those that were not, the time so far."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until and not all(self.restorations.of(one.target) for one in victims):
            time.sleep(0.1)
        told, now = self.bench.stub("told"), time.time()
        return [
            one.answer(self.plan, told.get(one.target, ()), self.restorations.of(one.target) or now) for one in victims
        ]


@dataclass(frozen=True)
class Victim:
    """A candidate as it was on record before it turned bad."""

    target: str
    candidate: Candidate
    since: float

    def answer(self, plan: LivePlan, told: Told, written: float) -> Answer:
        """Return when what happened."""
        readable = breach_readable(self.candidate, plan, self.since)
        return Answer(failing=self.since, readable=readable, told=first_told(told, readable, written), written=written)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size, print the tables, and write them into the page."""
    options = _parser().parse_args(arguments)
    random.seed(1)
    with machine.observed() as where:
        found = {count: _measured(count, options, Progress()) for count in options.counts}
    data = {"sizes": {str(count): one for count, one in found.items()}, "machine": where.data()}
    text = f"{where.sentence()}\n\n{_text(found, options)}"
    print(text)
    if not options.dry:
        figures.record("running", "Many running candidates", text, data)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.running", description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[10, 100, 300, 1000], help="running candidates")
    parser.add_argument("--metrics", type=int, default=len(METRICS), help="live metrics of each (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="how long nothing happens (%(default)s)")
    parser.add_argument("--reactions", type=int, default=30, help="candidates that turn bad alone (%(default)s)")
    parser.add_argument("--dry", action="store_true", help="print only: leave the page alone")
    return parser


def _measured(count: int, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Return what one size cost, and how its faults were answered."""
    with _scene(count, options, progress) as scene:
        scene.bench.settled(5 * count)
        progress(f"the operator has looked at {count} candidates; measuring what they cost")
        cost = scene.bench.observed(options.seconds)
        _check(scene.fleet.server, count)
        alone = scene.alone(options.reactions)
        progress(f"{len(alone)} turned bad by themselves")
        storm = scene.storm(_STORM) if count >= 2 * _STORM else []
        progress(f"{len(storm)} turned bad at once")
        return cost.data() | {"alone": data_of(alone), "at_once": data_of(storm)}


@contextmanager
def _scene(count: int, options: argparse.Namespace, progress: Progress) -> Iterator[Scene]:
    """Yield an installation at work."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-bench-")))
        server = stack.enter_context(apiserver.running(folder))
        install(server, folder)
        fleet = Fleet(server, Size(0, count, max(1, min(20, count // 10)), options.metrics))
        running = fleet.create(progress)
        reserve = [fleet.reserve(count + number) for number in range(options.reactions)]
        known = {one.target: one.predictor for one in (*running, *reserve)}
        bench = stack.enter_context(operating(server, folder, known))
        kube = Kube(server.kubeconfig)
        stack.callback(kube.close)
        following = Following(server)
        stack.callback(following.stop)
        restorations = Restorations(kube, following.changed).start()
        stack.callback(restorations.stop)
        yield Scene(fleet, bench, restorations, {one.target: one for one in running}, reserve, fleet.plan())


def _check(server: ApiServer, count: int) -> None:
    """Make sure that what was measured is what was meant: all are judged by all metrics, and stay."""
    found = server.request("GET", "/apis/sluice.dev/v1alpha1/modelcandidates").body["items"]
    waiting = [one for one in found if one["status"]["phase"] == "Shifting" and one["status"].get("metrics")]
    strays = [one for one in found if one not in waiting and one["status"]["phase"] != "Promoted"]
    told = {one["metadata"]["name"]: (one["status"]["phase"], one["status"]["history"][-1]) for one in strays[:3]}
    assert len(waiting) == count, f"{len(waiting)} of {count} are judged at their step; not so, among others: {told}"


def _text(found: dict[int, dict[str, Any]], options: argparse.Namespace) -> str:
    costs = ("cores", "MiB", "ticks of those due", "writes a candidate and minute", "API requests a minute")
    asked = ("queries a minute", "unanswered")
    head = ("running", *costs, *asked, "cores of the stub")
    rows = [
        (
            f"{count:,}",
            f"{one['cores']:.2f}",
            f"{one['rss_mib']:.0f}",
            f"{_kept(count, one):.0%}",
            f"{one['writes_per_minute'] / count:.2f}",
            f"{sum(one['api_requests_per_minute'].values()):,}",
            f"{one['queries_per_minute']:,}",
            f"{one['unanswered_per_minute']:,}",
            f"{one['stub_cores']:.2f}",
        )
        for count, one in found.items()
    ]
    what = (
        f"Targets without pods, {options.metrics} live metrics each, tick {TICK_SECONDS} s, scrapes every 5 s at "
        "moments of their own. Real: etcd, kube-apiserver, the operator's process. A stub: Prometheus' API. Nothing "
        f"happens for {options.seconds:.0f} s."
    )
    then = (
        "Then candidates turn bad: all their requests fail. Readable: the samples from which that is a breach, by the "
        "operator's own rule from its last checkpoint, are in Prometheus. Read: they were answered to a query. "
        "Failing: from the first failure on. "
        "Written: a watch shows the SeldonDeployment without weight for the candidate."
    )
    parts = [part.replace("to", "→") for part in PARTS]
    head_of_times = ("seconds", "n", *(f"{part}, {rank}" for part in parts for rank in ("p50", "p99")))
    times = [row for count, one in found.items() for row in rows_of(count, one)]
    goals = figures.table(("", "measured", "to reach", ""), [goal.row for goal in _goals(found)])
    tables = (what, figures.table(head, rows), then, figures.table(head_of_times, times), goals)
    return "\n\n".join(tables)


def _goals(found: dict[int, dict[str, Any]]) -> Iterator[Goal]:
    """Yield what was to be reached: costs at the largest size, reactions at each."""
    (_, small), (count, large) = min(found.items()), max(found.items())
    at = f"at {count:,}"
    yield Goal(f"cores {at}", large["cores"], MOST_CORES)
    yield Goal(f"memory {at}", large["rss_mib"], MOST_MIB, " MiB", 0)
    yield Goal(f"writes a candidate and minute {at}", large["writes_per_minute"] / count, MOST_WRITES)
    yield Goal(f"ticks that were not kept {at}", max(0.0, 1 - _kept(count, large)), MOST_LATE)
    most = max(one["queries_per_minute"] for one in found.values())
    yield Goal("queries a minute, at any size: one a slot and counter", most, _queries(), "", 0)
    before, after = (one["alone"][PARTS[-1]]["p50"] for one in (small, large))
    yield Goal(f"first failure → written, p50, {at}, about as with few", after, round(_ABOUT * before, 2), " s")
    for size, one in found.items():
        yield from _reactions(size, one)


def _reactions(count: int, one: dict[str, Any]) -> Iterator[Goal]:
    for name, what in (("alone", "one by one"), ("at_once", f"while {_STORM - 1} others roll back")):
        for part in PARTS[1:3] if one[name] else ():
            for rank, most in (("p50", MOST_MEDIAN), ("p99", MOST_P99)):
                told = f"{part.replace('to', '→')} at {count:,}, {what}, {rank}"
                yield Goal(told, one[name][part][rank], most, " s")


def _kept(count: int, one: dict[str, Any]) -> float:
    """Return the share of ticks that were kept."""
    return float(sum(one["reconciles_per_minute"].values())) * TICK_SECONDS / 60 / count


def _queries() -> float:
    """Return the queries in a minute when each slot of each tick reads each counter once."""
    counters = {spec.metric for metric in METRICS for spec in signal_of(LiveMetric.model_validate(metric)).counters}
    return 60 / TICK_SECONDS * (TICK_SECONDS // SLOT_SECONDS) * len(counters)


if __name__ == "__main__":
    sys.exit(main())
