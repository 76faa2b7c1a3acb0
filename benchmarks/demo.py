"""How long `make demo` takes, phase by phase: `python -m benchmarks.demo` plays it whole, in a lab of its own.

Warm: everything that is built once is in the cache. `--cold` begins with empty caches of the lab and of Go's compiler,
which it removes at the end; modules and packages that were fetched before are kept: no time of downloads is in it.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks import figures, machine
from lab.paths import LAB

MOST_MINUTES = {"warm": 4, "cold": 25}
_PHASES = "seconds: "


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the demo, print the table, and write it into the page."""
    options = _parser().parse_args(arguments)
    kind = "cold" if options.cold else "warm"
    with machine.observed() as where, _caches(kind) as variables:
        phases, whole = _played(options.name, variables)
    data = {"phases": phases, "seconds": round(whole, 1), "kind": kind, "machine": where.data()}
    text = f"{where.sentence()}\n\n{_text(kind, phases, whole)}"
    print(text)
    if not options.dry:
        figures.record(f"demo-{kind}", f"How long the demo takes, {kind}", text, data)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.demo", description=__doc__)
    parser.add_argument("--name", default="bench", help="name of the lab (%(default)s)")
    parser.add_argument("--cold", action="store_true", help="with empty caches: compiles Kubernetes and istiod")
    parser.add_argument("--dry", action="store_true", help="print only: leave the page alone")
    return parser


@contextlib.contextmanager
def _caches(kind: str) -> Iterator[dict[str, str]]:
    """Yield the environment with the caches to use."""
    if kind == "warm":
        yield dict(os.environ)
        return
    with tempfile.TemporaryDirectory(prefix="sluice-cold-") as folder:
        yield {**os.environ, "SLUICE_LAB_CACHE": f"{folder}/lab", "GOCACHE": f"{folder}/go"}


def _played(name: str, variables: dict[str, str]) -> tuple[dict[str, float], float]:
    """Play the demo to its end and take the lab down; return the phases' seconds and those of the whole."""
    lab, begun = [sys.executable, "-m", "lab"], time.monotonic()
    try:
        command = [*lab, "demo", "--name", name]
        with subprocess.Popen(command, cwd=LAB.parent, env=variables, stdout=subprocess.PIPE, text=True) as program:
            lines = [_shown(line) for line in program.stdout or ()]
        if program.returncode:
            raise SystemExit(program.returncode)
        return _phases(lines), time.monotonic() - begun
    finally:
        subprocess.run([*lab, "down", "--name", name], cwd=LAB.parent, env=variables, check=False)


def _shown(line: str) -> str:
    print(line, end="", flush=True)
    return line


def _phases(lines: Sequence[str]) -> dict[str, float]:
    """Return what the demo itself says about its phases."""
    told = next(line for line in lines if line.startswith(_PHASES))
    parts = [part.strip().rpartition(" ") for part in told.removeprefix(_PHASES).split(",")]
    return {name: float(seconds) for name, _, seconds in parts}


def _text(kind: str, phases: dict[str, float], whole: float) -> str:
    rows: list[tuple[Any, ...]] = [(name, f"{seconds:.0f}") for name, seconds in phases.items()]
    rows.append(("**whole**", f"{whole:.0f}"))
    what = f"`python -m lab demo`, {kind}, played once (n = 1). To reach: {MOST_MINUTES[kind]} minutes."
    return f"{what}\n\n{figures.table(('phase', 'seconds'), rows)}"


if __name__ == "__main__":
    sys.exit(main())
