"""Candidates that turn bad in the stub Prometheus: since when all their requests fail, and what was told of them."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

STABLE = "main"
_ROUNDING = 0.001

Told = Sequence[tuple[float, float]]
"""Answers about a target: up to which moment its samples were told, and when that was."""


@dataclass
class Turned:
    """By "namespace/target": the time of the fault, and what was told since."""

    predictors: Mapping[str, str]
    since: dict[str, float] = field(default_factory=dict)
    told: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def fails_from(self, target: str, predictor: str) -> float:
        """Return from when on all of a predictor's requests fail."""
        return self.since.get(target, inf) if predictor != STABLE else inf

    def answered(self, targets: Iterable[str], at: float) -> None:
        """Take note that samples up to `at` are being told."""
        for target in self.since.keys() & set(targets):
            self.told.setdefault(target, []).append((at, time.time()))


def first_told(told: Told, readable: float, never: float) -> float:
    """Return when something was first told that had become readable; `never` when it was not."""
    return next((when for at, when in told if at >= readable - _ROUNDING), never)
