"""`python -m benchmarks.analysis [PART…]`: measure and print the parts, and write them down.

One seed makes one traffic for all rules. `--runs` is the runs of the false rollbacks and whole rollouts; the exposure
takes twice as many of faults at once; latency and common events a quarter.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import figures, machine
from benchmarks.analysis import common, cost, latency, quiet, ramp, reached, speed
from lab.system import Progress

PAGE = figures.DOCS / "live-analysis.md"
PARTS = ("quiet", "speed", "latency", "common", "ramp", "cost")
TITLES = {
    "quiet": "Measured: false rollbacks",
    "speed": "Measured: how soon a worse candidate is taken back",
    "latency": "Measured: latency",
    "common": "Measured: common events",
    "ramp": "Measured: whole rollouts",
    "cost": "Measured: what a tick costs",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts, each written as soon as it is known."""
    options = _parser().parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    measures: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
        "quiet": lambda: _quiet(options.runs, options.workers),
        "speed": lambda: _speed(options.runs, options.workers),
        "latency": lambda: _latency(options.runs // 4, options.workers),
        "common": lambda: _common(options.runs // 4, options.workers),
        "ramp": lambda: _ramp(options.runs, options.workers),
        "cost": lambda: _cost(options.most),
    }
    for name in options.parts or PARTS:
        with machine.observed() as where:
            text, data = measures[name]()
        _write(name, TITLES[name], f"{where.sentence()}\n\n{text}", data | {"machine": where.data()}, dry=options.dry)
    if not options.dry:
        found = list(reached.goals({name: figures.recorded(f"analysis-{name}") for name in PARTS}))
        _write(
            "reached", "Measured: what was to be reached", reached.text(found), {"goals": [one.row for one in found]}
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysis", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (all)")
    parser.add_argument("--runs", type=int, default=1000, help="runs of each cell (%(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the runs (%(default)s)")
    parser.add_argument("--most", type=int, default=10_000, help="candidates of the largest tick (%(default)s)")
    parser.add_argument("--dry", action="store_true", help="print only: leave the page alone")
    return parser


def _quiet(runs: int, workers: int) -> tuple[str, dict[str, Any]]:
    found = quiet.measure(runs, workers, Progress())
    return quiet.text(found, runs), {"rules": quiet.data(found), "runs": runs}


def _speed(runs: int, workers: int) -> tuple[str, dict[str, Any]]:
    found = speed.measure(runs, workers, Progress())
    return speed.text(found, runs, figures.recorded("analysis-quiet")), {"rules": speed.data(found), "runs": runs}


def _latency(runs: int, workers: int) -> tuple[str, dict[str, Any]]:
    found = latency.measure(runs, workers, Progress())
    return latency.text(found, runs), {"rules": latency.data(found), "runs": runs}


def _common(runs: int, workers: int) -> tuple[str, dict[str, Any]]:
    found = common.measure(runs, workers, Progress())
    return common.text(found, runs), {"rules": common.data(found), "runs": runs}


def _ramp(runs: int, workers: int) -> tuple[str, dict[str, Any]]:
    found = ramp.measure(runs, workers, Progress())
    return ramp.text(found, runs), {"rules": ramp.data(found), "runs": runs}


def _cost(most: int) -> tuple[str, dict[str, Any]]:
    found = cost.measure(most, Progress())
    return cost.text(found), cost.data(found)


def _write(name: str, title: str, text: str, data: dict[str, Any], *, dry: bool = False) -> None:
    print(f"\n{title}\n\n{text}\n")
    if not dry:
        figures.record(f"analysis-{name}", title, text, data, page=PAGE)


if __name__ == "__main__":
    sys.exit(main())
