"""`python -m benchmarks.evaluation [--rows N…]`: measure both ways in one run and print a table; needs a few minutes.

Also measures how long the evaluation's imports take in a new process.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.evaluation import items

IMPORTS = "import sluice.evaluation.evaluate, sluice.evaluation.registry, sluice.evaluation.report"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code is 1 where the two ways differ by more than 1e-6."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    options = parser.parse_args(arguments)
    sys.stdout.write(f"imports of the Job: {_imports():.1f} s\n\n")
    sys.stdout.write("| items | Sluice | peak | plain | peak | plain ÷ Sluice | greatest difference |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|\n")
    return 1 if max([_compared(rows) for rows in options.rows]) > 1e-6 else 0


def _compared(rows: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.parquet"
        items.write(path, rows)
        ours, plain = (_ran(way, path) for way in ("sluice", "plain"))
    off = max(abs(ours["values"][key] - value) for key, value in plain["values"].items())
    cells = (
        *(f"{rows:,}", f"{ours['seconds']:.1f} s", f"{ours['peak']:.2f} GiB", f"{plain['seconds']:.1f} s"),
        *(f"{plain['peak']:.2f} GiB", f"{plain['seconds'] / ours['seconds']:.1f}", f"{off:.1e}"),
    )
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()
    return float(off)


def _ran(way: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.evaluation.arms", way, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _imports() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, check=True)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
