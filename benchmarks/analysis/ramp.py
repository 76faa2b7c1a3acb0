"""Whole rollouts, 5 → 10 → 25 → 50 → 100 %: who is promoted, and in how many minutes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import figures
from benchmarks.analysis.chunks import Chunk, worked
from benchmarks.analysis.promotion import PROMOTERS, Ends, Stage
from benchmarks.analysis.shares import Mean, Share
from benchmarks.analysis.traffic import generate
from benchmarks.analysis.worlds import BASELINE, RAMP, World, steady

BIN_SECONDS = 5.0
STEP_SECONDS = 1800.0
"""A step that is neither passed nor failed by then waits for ever."""
SEED = 201
MARGINS = (3.0, 2.0, 1.5, 1.25)
FLOORS = (0.005, 0.0025, 0.001, 0.001)
LOOSE_FLOORS = (0.005, 0.005, 0.0025, 0.0025)


@dataclass(frozen=True)
class Truth:
    """What the candidate truly is, and the floors of the plan that judges it."""

    ratio: float = 1.0
    baseline: float = BASELINE
    floors: tuple[float, ...] = FLOORS


TRUTHS: Mapping[str, Truth] = {
    "equal": Truth(),
    "at the margin, 1.25 times": Truth(1.25),
    "1.5 times": Truth(1.5),
    "spotless": Truth(baseline=0.0),
    "spotless, looser floors": Truth(baseline=0.0, floors=LOOSE_FLOORS),
}


@dataclass(frozen=True)
class Outcome:
    """What became of all runs."""

    promoted: Share
    rolled_back: Share
    minutes: Mean
    """Of those that were promoted."""

    @classmethod
    def of(cls, parts: Sequence[Ends]) -> "Outcome":
        """Put the chunks together."""
        promoted = np.concatenate([one.promoted for one in parts])
        back = np.concatenate([one.rolled_back for one in parts])
        good = promoted[np.isfinite(promoted)]
        return cls(Share.of(np.isfinite(promoted)), Share.of(np.isfinite(back)), Mean.of(good / 60))


Table = Mapping[str, Mapping[str, Outcome]]


def measure(runs: int, workers: int, progress: Callable[[str], None]) -> Table:
    """Return what became of the rollouts, by rule and truth."""
    found: dict[str, dict[str, Outcome]] = {name: {} for name in PROMOTERS}
    for truth in TRUTHS:
        parts = worked(_ends, truth, runs, workers)
        for name, row in found.items():
            row[truth] = Outcome.of([part[name] for part in parts])
        progress(f"whole rollout, {truth}: done")
    return found


def _ends(chunk: Chunk) -> dict[str, Ends]:
    """Play some rollouts: traffic of a step is the same for every rule, whenever it comes to it."""
    truth, seed = TRUTHS[chunk.case], SEED + 10 * list(TRUTHS).index(chunk.case)
    stages = []
    for step, weight in enumerate(RAMP):
        world = World(baseline=steady(truth.baseline), ratio=steady(truth.ratio), weight=steady(weight))
        traffic = generate(world, (seed + step, chunk.number), chunk.runs, STEP_SECONDS, BIN_SECONDS)
        stages.append(Stage(traffic, weight, MARGINS[step], truth.floors[step]))
    return {name: promoter.rollout(stages) for name, promoter in PROMOTERS.items()}


def data(found: Table) -> dict[str, Any]:
    """Return the table for the JSON file."""
    return {
        name: {
            truth: {
                "promoted": round(one.promoted.value, 5),
                "promoted_error": round(one.promoted.error, 5),
                "rolled_back": round(one.rolled_back.value, 5),
                "minutes": None if one.promoted.hits == 0 else round(one.minutes.value, 2),
            }
            for truth, one in row.items()
        }
        for name, row in found.items()
    }


def text(found: Table, runs: int) -> str:
    """Return the tables for the page."""
    what = (
        f"5 → 10 → 25 → 50 → 100 %, margins {_list(MARGINS)}, floors {_list(100 * one for one in FLOORS)} percentage "
        f"points (looser: {_list(100 * one for one in LOOSE_FLOORS)}), 100 requests/s, 1 % of the stable arm's fail, "
        f"{runs:,} runs, looked at every {BIN_SECONDS:.0f} s. Percent promoted, ± one standard error; mean minutes of "
        "those; what is missing to 100 was rolled back, or waits after half an hour at a step."
    )
    rows = [(name, *(_cell(one) for one in row.values())) for name, row in found.items()]
    return f"{what}\n\n{figures.table(('promoted, %', *TRUTHS), rows)}"


def _cell(one: Outcome) -> str:
    if not one.promoted.hits:
        return f"{one.promoted.text}; -"
    return f"{one.promoted.text}; {one.minutes.value:.1f} min"


def _list(numbers: Sequence[float] | Iterator[float]) -> str:
    return " / ".join(f"{number:g}" for number in numbers)
