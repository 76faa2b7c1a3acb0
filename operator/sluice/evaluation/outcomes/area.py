"""An area under a ROC curve: DeLong's variance, paired, with midranks; clustered items by Obuchowski's."""

from dataclasses import dataclass

import numpy as np

from sluice.evaluation.intervals.delong import DELONG, Areas
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers
from sluice.evaluation.outcomes.found import Found, estimate


@dataclass(frozen=True, eq=False)
class Area:
    """Which items are of the class, and how each was scored for it."""

    positive: Booleans
    scores: Floats
    clusters: Integers | None = None

    def found(self, champion: "Area | None", level: float) -> Found:
        """Return the areas and their difference."""
        scores = [self.scores] if champion is None else [self.scores, champion.scores]
        areas = Areas(self.positive, np.array(scores), self.clusters)
        alone = estimate(areas.interval(0, level), DELONG)
        if champion is None:
            return Found(denominator=len(self.positive), candidate=alone)
        return Found(
            denominator=len(self.positive),
            candidate=alone,
            champion=estimate(areas.interval(1, level), DELONG),
            difference=estimate(areas.difference(0, 1, level), DELONG),
        )
