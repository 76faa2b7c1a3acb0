"""What a kind of outcome gives: the parts of a measurement."""

from dataclasses import dataclass
from typing import Protocol, Self

from sluice.api.evaluation_result import Estimate, Pairs
from sluice.evaluation.intervals import Interval


@dataclass(frozen=True, kw_only=True)
class Found:
    """Estimates with their bounds; without any when no item counts."""

    denominator: int
    candidate: Estimate | None = None
    champion: Estimate | None = None
    difference: Estimate | None = None
    pairs: Pairs | None = None
    p_value: float | None = None
    """Of "the models do not differ", two-sided, for information: McNemar's test of shares, sign flips of means."""


class Outcome(Protocol):
    """What a metric came to for one model."""

    def found(self, champion: Self | None, level: float) -> Found:
        """Return the estimates of this outcome (the candidate's), the champion's, and of their difference."""


def estimate(interval: Interval, method: str) -> Estimate:
    """Return the interval as a part of the document."""
    return Estimate(estimate=interval.estimate, lower=interval.lower, upper=interval.upper, method=method)
