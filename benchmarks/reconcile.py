"""What the operator costs: many ended candidates, many in the middle of a step, on a bare API server.

`python -m benchmarks.reconcile`: etcd and kube-apiserver of the lab, the real operator process, and a stub that speaks
Prometheus' API (`benchmarks.healthy`), all on loopback.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import figures, machine
from benchmarks.bench import Cost, install, operating
from benchmarks.fleet import TICK_SECONDS, Fleet, Size
from lab.system import Progress
from tests.support import apiserver
from tests.support.apiserver import ApiServer

MOST_MIB, MOST_CORES = 200, 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write it into the page."""
    options = _parser().parse_args(arguments)
    size = Size(options.idle, options.running, options.namespaces)
    with machine.observed() as where, tempfile.TemporaryDirectory(prefix="sluice-bench-") as folder:
        cost = _measured(size, options.seconds, Path(folder), Progress())
    data = _data(size, cost) | {"machine": where.data()}
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


def _measured(size: Size, seconds: float, folder: Path, progress: Progress) -> Cost:
    """Return what the operator cost for so long."""
    with ExitStack() as stack:
        server = stack.enter_context(apiserver.running(folder))
        progress("the API server answers")
        install(server, folder)
        running = Fleet(server, size).create(progress)
        predictors = {one.target: one.predictor for one in running}
        bench = stack.enter_context(operating(server, folder, predictors))
        bench.settled(size.idle + 4 * size.running)
        progress("the operator has looked at every candidate; measuring")
        cost = bench.observed(seconds)
        _check(server, size)
        return cost


def _check(server: ApiServer, size: Size) -> None:
    """Make sure that what was measured is what was meant: every running candidate is judged, and stays."""
    found = server.request("GET", "/apis/sluice.dev/v1alpha1/modelcandidates").body["items"]
    running = [one["status"] for one in found if one["status"]["phase"] == "Shifting"]
    verdicts = Counter(one["metrics"][0]["verdict"] for one in running if one.get("metrics"))
    assert verdicts == {"Inconclusive": size.running}, f"{len(running)} are running: {verdicts}"
    ended = sum(one["status"]["phase"] == "Promoted" for one in found)
    assert ended == size.idle, f"{ended} are promoted"


def _data(size: Size, cost: Cost) -> dict[str, Any]:
    about = {"idle": size.idle, "running": size.running, "namespaces": size.namespaces, "tick_seconds": TICK_SECONDS}
    return about | cost.data()


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
