"""The mean of shares of disjoint groups of items (one a class): their bounds are combined, as are their differences.

A class with few items keeps its doubt, also when all of them are right. Clustered items: cluster bootstrap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sluice.api.evaluation_result import Estimate
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.intervals.recovered import RECOVERED, recovered_mean
from sluice.evaluation.intervals.wilson import wilson
from sluice.evaluation.outcomes.found import Found, estimate
from sluice.evaluation.outcomes.rows import Full
from sluice.evaluation.outcomes.share import Share
from sluice.evaluation.outcomes.sums import Sums


@dataclass(frozen=True, eq=False)
class ShareMean:
    """One share a group; each group has items, and each item of the data set is in one group."""

    parts: Sequence[Share]

    def found(self, champion: "ShareMean | None", level: float) -> Found:
        """Return the means and their difference."""
        if self.parts[0].clusters is not None:
            return self.as_sums().found(None if champion is None else champion.as_sums(), level)
        items = sum(part.items for part in self.parts)
        alone = self._alone(level)
        if champion is None:
            return Found(denominator=items, candidate=alone)
        pairs = zip(self.parts, champion.parts, strict=True)
        change = recovered_mean([mine.minus(other, level) for mine, other in pairs])
        return Found(
            denominator=items,
            candidate=alone,
            champion=champion._alone(level),  # noqa: SLF001 -- its own kind
            difference=estimate(change, RECOVERED),
        )

    def _alone(self, level: float) -> Estimate:
        parts = [wilson(part.events, part.items, level) for part in self.parts]
        return estimate(recovered_mean(parts), RECOVERED)

    def as_sums(self) -> Sums:
        """Return the mean as a statistic of sums: events and items of each group."""
        columns = [column for part in self.parts for column in (part.happened & part.counts, part.counts)]
        every = np.tile([0.0, 1.0], len(self.parts))
        return Sums(
            rows=Full.of(*columns),
            value=_mean_ratio,
            extremes=(every, np.ones(2 * len(self.parts))),
            limits=(0.0, 1.0),
            denominator=len(columns[0]),
            clusters=self.parts[0].clusters,
        )


def _mean_ratio(sums: Floats) -> Floats:
    return np.asarray((sums[..., 0::2] / sums[..., 1::2]).mean(axis=-1))
