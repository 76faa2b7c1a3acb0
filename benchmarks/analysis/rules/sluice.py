"""This engine: as a plan of four quarter-hour steps makes it, without its later starts, and its robust method alone."""

from dataclasses import dataclass
from math import log

import numpy as np

from benchmarks.analysis.driven import breached, joints
from benchmarks.analysis.rules.rule import ALPHA
from benchmarks.analysis.traffic import Numbers, Traffic
from sluice.core.analysis.evidence import ONLY
from sluice.core.analysis.methods import METHODS
from sluice.core.analysis.mixture import log_sum
from sluice.core.analysis.points import LOG_PRIOR
from sluice.core.analysis.settings import Settings

TURNS = (900.0, 1800.0, 2700.0)


@dataclass(frozen=True)
class Sluice:
    """One mode: what its settings say, and when steps begin after the first."""

    settings: Settings
    turns: tuple[float, ...] = ()

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return when each run's evidence crosses, looking after every bin."""
        return np.array([breached(traffic, run, self.settings, self.turns) for run in range(traffic.runs)])


@dataclass(frozen=True)
class OneMethod:
    """One method from the first round on, whatever the failures look like, and nothing beside it."""

    name: str

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return when the mixture of its wealth reaches 1/alpha."""
        return np.array([self._one(traffic, run) for run in range(traffic.runs)])

    def _one(self, traffic: Traffic, run: int) -> float:
        wealth, method = LOG_PRIOR, METHODS[self.name]
        for joint in joints(traffic, run):
            gains = method.gains(joint.channels[ONLY].counts, 1.0, 0.0)
            wealth = tuple(old + gain for old, gain in zip(wealth, gains, strict=True))
            if log_sum(wealth) >= -log(ALPHA):
                return joint.end
        return np.inf


def planned() -> Sluice:
    """Return the engine as a plan of four steps of a quarter of an hour makes it."""
    return Sluice(Settings(restarts=len(TURNS), horizon_seconds=3600.0), TURNS)


def one_start() -> Sluice:
    """Return the evidence from the first round on alone."""
    return Sluice(Settings())


def counts() -> OneMethod:
    """Return the method for rare failures, from the first round on."""
    return OneMethod("Counts")


def robust() -> OneMethod:
    """Return the method for failures in bursts, from the first round on."""
    return OneMethod("Bets")
