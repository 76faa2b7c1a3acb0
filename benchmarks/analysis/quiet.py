"""How often a candidate that is no worse is rolled back within an hour: every rule, every world."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks import figures
from benchmarks.analysis.chunks import Chunk, worked
from benchmarks.analysis.rules import RULES
from benchmarks.analysis.shares import Share
from benchmarks.analysis.traffic import Numbers, generate
from benchmarks.analysis.worlds import EQUAL, HOUR

BIN_SECONDS = 5.0
SEED = 1
RATIO = 2.0
"""What the oracle, which has nothing to know here, suspects."""

Table = Mapping[str, Mapping[str, Share]]


def measure(runs: int, workers: int, progress: Callable[[str], None]) -> Table:
    """Return the share of false rollbacks by rule and world."""
    found: dict[str, dict[str, Share]] = {name: {} for name in RULES}
    for place in EQUAL:
        parts = worked(_ends, place, runs, workers)
        for name, row in found.items():
            row[place] = Share.of(np.isfinite(np.concatenate([part[name] for part in parts])))
        progress(f"false rollback, {place}: done")
    return found


def _ends(chunk: Chunk) -> dict[str, Numbers]:
    seed = (SEED + list(EQUAL).index(chunk.case), chunk.number)
    traffic = generate(EQUAL[chunk.case], seed, chunk.runs, HOUR, BIN_SECONDS)
    return {name: rule(RATIO).rolled_back(traffic) for name, rule in RULES.items()}


def data(found: Table) -> dict[str, Any]:
    """Return the table for the JSON file."""
    return {
        name: {place: {"share": round(one.value, 5), "error": round(one.error, 5)} for place, one in row.items()}
        for name, row in found.items()
    }


def text(found: Table, runs: int) -> str:
    """Return the table for the page."""
    what = (
        f"A candidate no worse than the stable arm, for one hour, {runs:,} runs: percent rolled back, ± one standard "
        f"error. Looked at every {BIN_SECONDS:.0f} s, or as often as the rule does."
    )
    rows = [(name, *(one.text for one in row.values())) for name, row in found.items()]
    return f"{what}\n\n{figures.table(('false rollback, %', *EQUAL), rows)}"
