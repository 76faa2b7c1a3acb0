"""How much a worse candidate serves before it is rolled back, in units of the least that any test needs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import figures
from benchmarks.analysis.chunks import Chunk, worked
from benchmarks.analysis.rules import RULES
from benchmarks.analysis.rules.oracle import limit
from benchmarks.analysis.shares import Mean
from benchmarks.analysis.traffic import Numbers, generate
from benchmarks.analysis.worlds import BASELINE, RATE, TRAFFIC, WEIGHT, worse

BIN_SECONDS = 1.0
SEED = 101
PER_SECOND = RATE * WEIGHT
LONGEST_SECONDS = 5400.0


@dataclass(frozen=True)
class Case:
    """One fault: so many times more failures, from the onset on."""

    ratio: float
    onset: float = 0.0
    times: int = 2
    """So many times the runs: these are short, and close to their goals."""

    @property
    def unit(self) -> float:
        """What candidate requests are divided by: the information limit, or 1 for a late onset."""
        return 1.0 if self.onset else limit(self.ratio, BASELINE, WEIGHT)


CASES: Mapping[str, Case] = {
    "1.5 %": Case(1.5),
    "2 %": Case(2.0),
    "5 %": Case(5.0),
    "3 % from min 30": Case(3.0, onset=1800.0, times=1),
    "3 % from min 37": Case(3.0, onset=2250.0, times=1),
}
"""With steps of fifteen minutes, the first late fault begins with one, the second in the middle of one."""

Table = Mapping[str, Mapping[str, Mean]]


def measure(runs: int, workers: int, progress: Callable[[str], None]) -> Table:
    """Return the exposure by rule and fault; a rollback before the onset was a false one and is left out."""
    found: dict[str, dict[str, Mean]] = {name: {} for name in RULES}
    for fault, case in CASES.items():
        parts = worked(_ends, fault, runs * case.times, workers)
        for name, row in found.items():
            times = np.concatenate([part[name] for part in parts])
            row[fault] = Mean.of((times[times > case.onset] - case.onset) * PER_SECOND / case.unit)
        progress(f"exposure, {fault}: done")
    return found


def _ends(chunk: Chunk) -> dict[str, Numbers]:
    case, seed = CASES[chunk.case], (SEED + list(CASES).index(chunk.case), chunk.number)
    world, seconds = worse(case.ratio, onset=case.onset), case.onset + LONGEST_SECONDS
    traffic = generate(world, seed, chunk.runs, seconds, BIN_SECONDS)
    return {name: rule(case.ratio).rolled_back(traffic) for name, rule in RULES.items()}


def data(found: Table) -> dict[str, Any]:
    """Return the table for the JSON file."""
    return {
        name: {
            fault: {"mean": round(one.value, 3), "error": round(one.error, 3), "missed": round(one.missed, 4)}
            for fault, one in row.items()
            if one.missed < 1
        }
        for name, row in found.items()
    }


def text(found: Table, runs: int, quiet: dict[str, Any] | None) -> str:
    """Return the table for the page, with the false rollbacks that were measured last beside it."""
    limits = " / ".join(f"{case.unit:,.0f}" for case in CASES.values() if not case.onset)
    what = (
        f"{TRAFFIC}, {100 * BASELINE:.0f} % of the stable arm's fail, alpha 0.01, "
        f"{_list(runs * case.times for case in CASES.values())} runs, looked at every second: "
        f"candidate requests until rollback, for 1.5 / 2 / 5 % as multiples "
        f"of the information limit ({limits}), for late faults in requests since the onset."
    )
    rows = [
        (name, *(one.text(0 if CASES[fault].onset else 2) for fault, one in row.items()), _false(quiet, name))
        for name, row in found.items()
    ]
    return f"{what}\n\n{figures.table(('exposure', *CASES, 'false rollback, %'), rows)}"


def _list(numbers: Iterable[int]) -> str:
    return " / ".join(f"{number:,}" for number in numbers)


def _false(quiet: dict[str, Any] | None, name: str) -> str:
    one = (quiet or {}).get("rules", {}).get(name, {}).get("constant")
    return f"{100 * one['share']:.1f} ± {100 * one['error']:.1f}" if one else "not measured"
