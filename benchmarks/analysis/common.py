"""Events that are common, above one in ten: what whole trials say beyond the events alone."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks import figures
from benchmarks.analysis.chunks import Chunk, worked
from benchmarks.analysis.rules import sluice
from benchmarks.analysis.rules.growthbook import GrowthBook
from benchmarks.analysis.rules.lindon_malek import LindonMalek
from benchmarks.analysis.rules.oracle import limit
from benchmarks.analysis.rules.rule import Rule
from benchmarks.analysis.shares import Mean, Share
from benchmarks.analysis.traffic import Numbers, generate
from benchmarks.analysis.worlds import HOUR, RATE, TRAFFIC, WEIGHT, World, steady

BASELINE = 0.2
RATIOS: Mapping[str, float] = {"equal, one hour": 1.0, "24 %": 1.2, "30 %": 1.5}
EQUAL, *WORSE = RATIOS
SEED = 401
RULES: Mapping[str, Rule] = {
    "Sluice, one start": sluice.one_start(),
    "Sluice, counts only": sluice.counts(),
    "Lindon-Malek": LindonMalek(),
    "GrowthBook sequential": GrowthBook(),
}
Table = Mapping[str, Mapping[str, Share | Mean]]


def measure(runs: int, workers: int, progress: Callable[[str], None]) -> Table:
    """Return false rollbacks, and exposure in units of the information limit, by rule and rate."""
    found: dict[str, dict[str, Share | Mean]] = {name: {} for name in RULES}
    for case, ratio in RATIOS.items():
        parts = worked(_ends, case, runs, workers)
        for name, row in found.items():
            times = np.concatenate([part[name] for part in parts])
            if case == EQUAL:
                row[case] = Share.of(np.isfinite(times))
            else:
                row[case] = Mean.of(times * RATE * WEIGHT / limit(ratio, BASELINE, WEIGHT))
        progress(f"common events, {case}: done")
    return found


def data(found: Table) -> dict[str, Any]:
    """Return the table for the JSON file."""
    return {
        name: {case: {"value": round(one.value, 4), "error": round(one.error, 4)} for case, one in row.items()}
        for name, row in found.items()
    }


def text(found: Table, runs: int) -> str:
    """Return the table for the page."""
    limits = " / ".join(f"{limit(RATIOS[case], BASELINE, WEIGHT):,.0f}" for case in WORSE)
    what = (
        f"{100 * BASELINE:.0f} % of the stable arm's requests have the event, {TRAFFIC}, "
        f"{runs:,} runs: percent rolled back within an hour though equal; candidate requests until rollback "
        f"as multiples of the information limit ({limits}), looked at every second."
    )
    rows = [
        (name, *(one.text if isinstance(one, Share) else one.text() for one in row.values()))
        for name, row in found.items()
    ]
    return f"{what}\n\n{figures.table(('common events', *RATIOS), rows)}"


def _ends(chunk: Chunk) -> dict[str, Numbers]:
    ratio, bin_seconds = RATIOS[chunk.case], 5.0 if chunk.case == EQUAL else 1.0
    world = World(baseline=steady(BASELINE), ratio=steady(ratio))
    seed = (SEED + list(RATIOS).index(chunk.case), chunk.number)
    traffic = generate(world, seed, chunk.runs, HOUR, bin_seconds)
    return {name: rule.rolled_back(traffic) for name, rule in RULES.items()}
