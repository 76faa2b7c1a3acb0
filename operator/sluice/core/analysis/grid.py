"""The count e-process: a mixture of likelihood ratios over a grid of alternatives."""

from dataclasses import dataclass
from math import log
from operator import add

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.likelihood import log_increments
from sluice.core.analysis.mixture import log_sum

POINTS = 16
LOWEST, HIGHEST = 1.2, 20.0
DIGITS = 9
"""Decimal places of a wealth: bounds the size of a checkpoint."""


def _multiples() -> tuple[float, ...]:
    return tuple(LOWEST * (HIGHEST / LOWEST) ** (point / (POINTS - 1)) for point in range(POINTS))


def _prior() -> tuple[float, ...]:
    """Small ratios take long to tell apart and matter most: π ∝ 1/ln r."""
    masses = tuple(1 / log(multiple) for multiple in MULTIPLES)
    return tuple(mass / sum(masses) for mass in masses)


MULTIPLES = _multiples()
"""The alternatives, as multiples of the null ratio."""
PRIOR = _prior()
LOG_PRIOR = tuple(map(log, PRIOR))


@dataclass(frozen=True, slots=True)
class Grid:
    """Evidence for "the ratio of failure rates is above `null_ratio`" (Wald; Robbins' mixture)."""

    def start(self) -> tuple[float, ...]:
        """Return ln 1 at each point."""
        return (0.0,) * POINTS

    def extend(self, wealth: tuple[float, ...], counts: Counts, null_ratio: float) -> tuple[float, ...]:
        """Multiply in one round."""
        gains = log_increments(counts, null_ratio, [null_ratio * multiple for multiple in MULTIPLES])
        return tuple(round(old + gain, DIGITS) for old, gain in zip(wealth, gains, strict=True))

    def log_evidence(self, wealth: tuple[float, ...]) -> float:
        """Return ln of the mixture."""
        return log_sum(map(add, LOG_PRIOR, wealth))
