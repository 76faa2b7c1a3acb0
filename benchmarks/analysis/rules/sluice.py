"""This engine, in each of its modes."""

from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.driven import breached
from benchmarks.analysis.traffic import Numbers, Traffic
from sluice.core.analysis.settings import Settings

RESTARTS, RESTART_SECONDS = 3, 900.0
"""Four starts of the evidence, as a plan of four steps has."""


@dataclass(frozen=True)
class Sluice:
    """One mode: what its settings say."""

    settings: Settings

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return when each run's evidence crosses, looking after every bin."""
        return np.array([breached(traffic, run, self.settings) for run in range(traffic.runs)])


def one_start() -> Sluice:
    """Return the evidence of one start."""
    return Sluice(Settings())


def restarted() -> Sluice:
    """Return the evidence spread over four starts."""
    return Sluice(Settings(restarts=RESTARTS, restart_seconds=RESTART_SECONDS))
