"""A share of items. Alone: Clopper-Pearson; two on the same items: Newcombe's paired bounds and McNemar's test.

Where it depends on the model which items count (precision), the two denominators differ: then Wilson's bounds of both
are combined, with the correlation that the items which count for both show. Clustered items: cluster bootstrap.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from sluice.api.evaluation_result import Pairs
from sluice.evaluation.intervals import (
    CLOPPER_PEARSON,
    NEWCOMBE_PAIRED,
    Interval,
    clopper_pearson,
    mcnemar_exact,
    newcombe_paired,
)
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers
from sluice.evaluation.intervals.recovered import RECOVERED, recovered_difference
from sluice.evaluation.intervals.wilson import wilson
from sluice.evaluation.outcomes.found import Found, estimate
from sluice.evaluation.outcomes.rows import Full
from sluice.evaluation.outcomes.sums import Sums


@dataclass(frozen=True, eq=False)
class Share:
    """For each item of the data set, in order: whether the thing happened, and whether the item counts."""

    happened: Booleans
    counts: Booleans
    clusters: Integers | None = None

    @property
    def items(self) -> int:
        """Number of items that count."""
        return int(self.counts.sum())

    @property
    def events(self) -> int:
        """Number of items that count on which the thing happened."""
        return int((self.happened & self.counts).sum())

    def found(self, champion: "Share | None", level: float) -> Found:
        """Return the shares and their difference."""
        items = self.items if champion is None else min(self.items, champion.items)
        if not items:
            return Found(denominator=0)
        if self.clusters is not None:
            return self.as_sums().found(None if champion is None else champion.as_sums(), level)
        alone = estimate(self.interval(level), CLOPPER_PEARSON)
        if champion is None:
            return Found(denominator=items, candidate=alone)
        pairs = self.pairs(champion) if np.array_equal(self.counts, champion.counts) else None
        return Found(
            denominator=items,
            candidate=alone,
            champion=estimate(champion.interval(level), CLOPPER_PEARSON),
            difference=estimate(self.minus(champion, level), NEWCOMBE_PAIRED if pairs else RECOVERED),
            pairs=pairs,
            p_value=mcnemar_exact(pairs.candidate_only, pairs.champion_only) if pairs else None,
        )

    def interval(self, level: float) -> Interval:
        """Return the share with its exact bounds."""
        return clopper_pearson(self.events, self.items, level)

    def minus(self, champion: "Share", level: float) -> Interval:
        """Return this share minus the champion's."""
        if np.array_equal(self.counts, champion.counts):
            pairs = self.pairs(champion)
            counts = (pairs.both, pairs.candidate_only, pairs.champion_only, pairs.neither)
            return newcombe_paired(*counts, level)
        mine, others = wilson(self.events, self.items, level), wilson(champion.events, champion.items, level)
        return recovered_difference(mine, others, _correlation(self._pull(), champion._pull()))  # noqa: SLF001 -- its own kind

    def pairs(self, champion: "Share") -> Pairs:
        """Return on how many items that count the thing happened with whom."""
        mine, others = self.happened[self.counts], champion.happened[self.counts]
        return Pairs(
            both=int((mine & others).sum()),
            candidate_only=int((mine & ~others).sum()),
            champion_only=int((others & ~mine).sum()),
            neither=int((~(mine | others)).sum()),
        )

    def as_sums(self) -> Sums:
        """Return the share as a ratio of two sums."""
        return Sums(
            rows=Full.of(self.happened & self.counts, self.counts),
            value=_ratio,
            extremes=(np.array([0.0, 1.0]), np.array([1.0, 1.0])),
            limits=(0.0, 1.0),
            denominator=self.items,
            clusters=self.clusters,
        )

    def _pull(self) -> Floats:
        """Return how much each item pulls the share away from its value."""
        return np.where(self.counts, self.happened - self.events / self.items, 0.0)


def _ratio(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / sums[..., 1])


def _correlation(mine: Floats, others: Floats) -> float:
    spread = sqrt(float(mine @ mine) * float(others @ others))
    return max(0.0, float(mine @ others) / spread) if spread else 0.0
