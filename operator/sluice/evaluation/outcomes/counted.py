"""A number that was counted over all there is: it is no estimate from a sample, and its bounds are itself."""

from dataclasses import dataclass

from sluice.api.evaluation_result import Estimate
from sluice.evaluation.outcomes.found import Found

COUNTED = "counted"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A number, and how many items it was counted over."""

    value: float
    items: int
    compared: bool = True
    """Whether the champion has such a number too: a count of changes against it has none."""

    def found(self, champion: "Counted | None", level: float) -> Found:  # noqa: ARG002 -- sure at any level
        """Return the numbers and their difference."""
        if not self.items:
            return Found(denominator=0)
        if champion is None or not self.compared:
            return Found(denominator=self.items, candidate=_exactly(self.value))
        return Found(
            denominator=self.items,
            candidate=_exactly(self.value),
            champion=_exactly(champion.value),
            difference=_exactly(self.value - champion.value),
        )


def _exactly(value: float) -> Estimate:
    return Estimate(estimate=value, lower=value, upper=value, method=COUNTED)
