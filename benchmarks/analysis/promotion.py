"""How rules take a candidate through the steps of a rollout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.analysis.driven import rollout
from benchmarks.analysis.rules.argo import ArgoLike
from benchmarks.analysis.rules.flagger import FlaggerLike
from benchmarks.analysis.rules.kayenta import KayentaLike
from benchmarks.analysis.rules.peeked_z import PeekedZ
from benchmarks.analysis.rules.rule import Rule
from benchmarks.analysis.traffic import Numbers, Traffic
from sluice.core.analysis.settings import Settings, Step

STEP_SECONDS = 600.0
"""How long a rule that cannot tell when it knows enough stays at each step."""


@dataclass(frozen=True)
class Stage:
    """One step: what is served there, and what may not be ruled out any more for it to pass."""

    traffic: Traffic
    weight: float
    margin: float
    floor: float


@dataclass(frozen=True)
class Ends:
    """Seconds until each run was promoted or rolled back; infinity where it was not."""

    promoted: Numbers
    rolled_back: Numbers


class Promoter(Protocol):
    """Decides when to go on."""

    def rollout(self, stages: Sequence[Stage]) -> Ends:
        """Return how each run ended."""


@dataclass(frozen=True)
class BySluice:
    """Goes on as soon as the step's evidence allows."""

    settings: Settings

    def rollout(self, stages: Sequence[Stage]) -> Ends:
        """Return how each run ended."""
        steps = [
            (Step(index, 0.0, stage.weight, stage.margin, stage.floor), stage.traffic)
            for index, stage in enumerate(stages)
        ]
        ends = [rollout(steps, run, self.settings) for run in range(stages[0].traffic.runs)]
        return Ends(np.array([one.promoted for one in ends]), np.array([one.rolled_back for one in ends]))


@dataclass(frozen=True)
class ByTheClock:
    """Stays as long at each step, with a rule that begins anew there; goes on if that did not roll back."""

    rule: Rule
    seconds: float = STEP_SECONDS

    def rollout(self, stages: Sequence[Stage]) -> Ends:
        """Return how each run ended."""
        times = np.array([self.rule.rolled_back(stage.traffic.first(self.seconds)) for stage in stages])
        failed = np.isfinite(times)
        ever, first = failed.any(axis=0), failed.argmax(axis=0)
        back = first * self.seconds + times[first, np.arange(times.shape[1])]
        return Ends(np.where(ever, np.inf, len(stages) * self.seconds), np.where(ever, back, np.inf))


@dataclass(frozen=True)
class ByChecks:
    """As Flagger: every good check goes a step on; failed ones stay, and add up over all steps."""

    rule: FlaggerLike

    def rollout(self, stages: Sequence[Stage]) -> Ends:
        """Return how each run ended."""
        failed = np.stack([self.rule.failed(stage.traffic.windows(self.rule.interval)) for stage in stages])
        ends = [self._one(failed[:, run]) for run in range(failed.shape[1])]
        promoted, back = np.array(ends).T
        return Ends(promoted, back)

    def _one(self, failed: Numbers) -> tuple[float, float]:
        step, counted = 0, 0
        places = [0] * len(failed)
        while step < len(failed):
            bad = bool(failed[step, places[step]])
            places[step] += 1
            counted, step = counted + bad, step + (not bad)
            if counted >= self.rule.threshold:
                return np.inf, sum(places) * self.rule.interval
        return sum(places) * self.rule.interval, np.inf


PROMOTERS: Mapping[str, Promoter] = {
    "Sluice": BySluice(Settings(restarts=3, horizon_seconds=7200.0)),
    "Argo-like": ByTheClock(ArgoLike()),
    "Flagger-like": ByChecks(FlaggerLike()),
    "Kayenta's judge, peeked": ByTheClock(KayentaLike()),
    "z, peeked each minute": ByTheClock(PeekedZ()),
}
