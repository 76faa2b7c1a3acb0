"""One question to the evidence: is a quantity at most (or at least) so much? Decided on its bounds.

Yes: the near bound is within the limit. No: the far bound is beyond it. Otherwise the data cannot tell.
"""

from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Self

from sluice.api.evaluation_result import Estimate
from sluice.api.verdict import Verdict


def written(value: float) -> Decimal:
    """Return the number as the document writes it: 0.005 is 0.005, not the nearest binary fraction."""
    return Decimal(repr(value))


@dataclass(frozen=True, kw_only=True)
class Span:
    """A quantity between its two one-sided bounds."""

    estimate: float
    lower: float
    upper: float

    @classmethod
    def of(cls, estimate: Estimate) -> Self:
        """Return an estimate of the document."""
        return cls(estimate=estimate.estimate, lower=estimate.lower, upper=estimate.upper)

    def reversed(self) -> "Span":
        """Return the quantity with its sign changed."""
        return Span(estimate=-self.estimate, lower=-self.upper, upper=-self.lower)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How much is allowed; between two bounds of its own where it is a part of something measured."""

    point: Decimal
    lower: Decimal
    upper: Decimal

    @classmethod
    def fixed(cls, limit: Decimal) -> Self:
        """Return a limit that is known exactly."""
        return cls(point=limit, lower=limit, upper=limit)

    def reversed(self) -> "Limit":
        """Return the limit with its sign changed."""
        return Limit(point=-self.point, lower=-self.upper, upper=-self.lower)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whether a quantity is at most (or at least) at its limit."""

    quantity: Span
    limit: Limit
    at_most: bool = True

    @property
    def verdict(self) -> Verdict:
        """Return what the bounds prove."""
        quantity, limit = self._badness
        if written(quantity.upper) <= limit.lower:
            return Verdict.PASS
        return Verdict.FAIL if written(quantity.lower) > limit.upper else Verdict.INCONCLUSIVE

    @property
    def near(self) -> tuple[str, float, Decimal]:
        """Return which bound a pass rests on, where it is, and the limit that it is held against."""
        if self.at_most:
            return "upper", self.quantity.upper, self.limit.lower
        return "lower", self.quantity.lower, self.limit.upper

    @property
    def far(self) -> tuple[str, float, Decimal]:
        """Return which bound a failure rests on, where it is, and the limit that it is held against."""
        if self.at_most:
            return "lower", self.quantity.lower, self.limit.upper
        return "upper", self.quantity.upper, self.limit.lower

    @property
    def telling(self) -> tuple[str, float, Decimal]:
        """Return the bound that the verdict rests on."""
        return self.far if self.verdict is Verdict.FAIL else self.near

    @property
    def gap(self) -> float:
        """Return how far the estimate is from the limit."""
        return abs(float(self.limit.point) - self.quantity.estimate)

    @property
    def reach(self) -> float:
        """Return how far the bounds, of quantity and limit, reach from the estimate towards the limit and back."""
        quantity, limit = self._badness
        if written(quantity.estimate) <= limit.point:
            return quantity.upper - quantity.estimate + float(limit.point - limit.lower)
        return quantity.estimate - quantity.lower + float(limit.upper - limit.point)

    def reversed(self) -> "Question":
        """Return the same question about the quantity with its sign changed."""
        return Question(quantity=self.quantity.reversed(), limit=self.limit.reversed(), at_most=not self.at_most)

    @property
    def room(self) -> float:
        """Return how far the telling bound is within its limit; below 0 beyond it."""
        _, bound, limit = self.telling
        return float(limit) - bound if self.at_most else bound - float(limit)

    def p_value(self, level: float) -> float:
        """Return how likely such an excess is at the limit, read off the bound at `level` as if errors were normal.

        It is below 1 - level exactly where the bound is beyond the limit. Source: Altman and Bland, BMJ 343 (2011)
        d2304.
        """
        quantity, limit = self._badness
        excess = quantity.estimate - float(limit.point)
        reach = quantity.estimate - quantity.lower + float(limit.upper - limit.point)
        z = NormalDist().inv_cdf(level)
        if reach <= 0 or z <= 0:
            return 1 - level if excess > 0 else 1.0
        return NormalDist().cdf(-z * excess / reach)

    @property
    def _badness(self) -> tuple[Span, Limit]:
        """Return both so that more is worse."""
        if self.at_most:
            return self.quantity, self.limit
        return self.quantity.reversed(), self.limit.reversed()
