"""`python -m benchmarks.evaluation`: measure both ways in one run, same items and draws, and write the page.

`--rows` says how many items, with `--resamples` in both ways; `--growth` how many resamples of the first number of
items. Also measures what the evaluation's imports cost in a new process.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import figures, machine
from benchmarks.evaluation import items

PAGE = figures.DOCS / "offline-metrics.md"
IMPORTS = "import sluice.evaluation.evaluate, sluice.evaluation.registry, sluice.evaluation.report"
SAME = 1e-6
USUAL = 2_000
"""Resamples that Sluice draws at a level of 95 %."""
_HEAD = (
    "items",
    "resamples",
    "Sluice",
    "processor",
    "peak",
    "plain",
    "processor",
    "peak",
    "plain ÷ Sluice",
    "differ by",
)
_TEXT = """
`python -m benchmarks.evaluation` measures accuracy, F1, ROC AUC and log loss of two models whose chances are in the
data set, on all items and in three regions. Both ways, each a process of its own, draw the same items equally often for
the paired bounds of F1 and log loss. Sluice also gives bounds of accuracy and ROC AUC, and p-values, which the plain
way (pandas and scikit-learn) leaves out. "Differ by": the most in any number or bound. Processor: seconds of all cores
together, which other work on the machine changes less than seconds; the ratio is of these.
"""


@dataclass(frozen=True)
class Case:
    """So many items, and so many resamples in both ways; the plain way may be left out."""

    rows: int
    resamples: int
    plain: bool = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the exit code is 1 where the two ways differ by more than 1e-6."""
    options = _parser().parse_args(arguments)
    cases = [
        *(Case(rows, options.resamples) for rows in options.rows),
        *(Case(options.rows[0], resamples) for resamples in options.growth),
        *(Case(rows, USUAL, plain=False) for rows in options.rows),
    ]
    with machine.observed() as where:
        imports = _imports()
        found = [_measured(case) for case in cases]
    text = page(found, imports, where)
    sys.stdout.write(f"{text}\n")
    if not options.dry:
        record(found, imports, where)
    return 1 if max(one.get("differ", 0.0) for one in found) > SAME else 0


def page(found: list[dict[str, Any]], imports: float, where: machine.Machine) -> str:
    """Return the section of the page."""
    last = f"Imports of the Job: {imports:.1f} processor seconds."
    return "\n\n".join([where.sentence(), _TEXT.strip(), _table(found), last])


def record(found: list[dict[str, Any]], imports: float, where: machine.Machine) -> None:
    """Write the section and the numbers."""
    data = {"cases": found, "imports": imports, "machine": where.data()}
    figures.record("evaluation", "Measured: very many items", page(found, imports, where), data, page=PAGE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--resamples", type=int, default=20, help="of each number of items (%(default)s)")
    parser.add_argument("--growth", type=int, nargs="*", default=[200, 2_000], help="of the first number of items")
    parser.add_argument("--dry", action="store_true", help="print only: leave the page alone")
    return parser


def _measured(case: Case) -> dict[str, Any]:
    """Return what a case cost in each way, and by how much their results differ."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.parquet"
        items.write(path, case.rows)
        ways = {way: _ran(way, path, case.resamples) for way in (("sluice", "plain") if case.plain else ("sluice",))}
    values = {way: found.pop("values") for way, found in ways.items()}
    found = {"rows": case.rows, "resamples": case.resamples, **ways}
    if case.plain:
        found["differ"] = _greatest_difference(values["sluice"], values["plain"])
    sys.stderr.write(f"{json.dumps(found)}\n")
    return found


def _greatest_difference(ours: dict[str, float], others: dict[str, float]) -> float:
    if ours.keys() != others.keys():
        raise ValueError(f"found by one way only: {', '.join(sorted(ours.keys() ^ others.keys()))}")
    return max(abs(ours[key] - value) for key, value in others.items())


def _table(found: list[dict[str, Any]]) -> str:
    return figures.table(_HEAD, [list(_row(one)) for one in found])


def _row(found: dict[str, Any]) -> Iterator[str]:
    yield from (f"{found['rows']:,}", f"{found['resamples']:,}")
    for way in ("sluice", "plain"):
        if way not in found:
            yield from ("", "", "")
            continue
        one = found[way]
        yield from (f"{one['seconds']:.1f} s", f"{one['processor']:.1f} s", f"{one['peak']:.2f} GiB")
    if "plain" not in found:
        yield from ("", "")
        return
    yield f"{found['plain']['processor'] / found['sluice']['processor']:.1f}"
    yield f"{found['differ']:.0e}"


def _ran(way: str, path: Path, resamples: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.evaluation.arms", way, str(path), str(resamples)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _imports() -> float:
    """Return their processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
