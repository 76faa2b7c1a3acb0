"""Areas under ROC curves of models on the same items, with midranks for ties and for items in clusters.

Sources: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837; the fast form by Sun and Xu, IEEE Signal
Processing Letters 21 (2014) 1389; clusters: Obuchowski, Biometrics 53 (1997) 567.
"""

from math import sqrt

import numpy as np
from scipy.special import expit, logit

from sluice.evaluation.intervals.interval import Booleans, Floats, Integers, Interval, normal_quantile, unseen

DELONG = "delong"


class Areas:
    """The areas of one or more models and how they vary together.

    `scores` has a row a model; `clusters` numbers the cluster of each item, and no two items need to share one.
    """

    def __init__(self, positive: Booleans, scores: Floats, clusters: Integers | None = None) -> None:
        own = np.arange(len(positive)) if clusters is None else np.unique(clusters, return_inverse=True)[1]
        parts = [_components(positive, row) for row in scores]
        self.values = np.array([of_positives.mean() for of_positives, _ in parts])
        above = np.array([_sums(own[positive], part - part.mean(), own) for part, _ in parts])
        below = np.array([_sums(own[~positive], part - part.mean(), own) for _, part in parts])
        self._units = tuple(len(np.unique(own[side])) for side in (positive, ~positive))
        self.covariance = self._covariance(above / positive.sum(), below / (~positive).sum())

    def _covariance(self, above: Floats, below: Floats) -> Floats:
        mixed = above @ below.T
        with_positives, with_negatives = self._units
        return np.asarray(
            _enlarged(with_positives) * (above @ above.T)
            + _enlarged(with_negatives) * (below @ below.T)
            + _enlarged(above.shape[1]) * (mixed + mixed.T)
        )

    def interval(self, model: int, level: float) -> Interval:
        """Return one model's area, with bounds on the logit scale, where areas near 1 are less skewed."""
        area, error = float(self.values[model]), sqrt(max(0.0, self.covariance[model, model]))
        if not error or not 0 < area < 1:
            return self._barely_known(area, level).within(0.0, 1.0)
        reach = normal_quantile(level) * error / (area * (1 - area))
        return Interval(area, float(expit(logit(area) - reach)), float(expit(logit(area) + reach)))

    def difference(self, first: int, second: int, level: float) -> Interval:
        """Return the first model's area minus the second's."""
        change = float(self.values[first] - self.values[second])
        kept = self.covariance[np.ix_([first, second], [first, second])]
        variance = float(kept[0, 0] + kept[1, 1] - kept[0, 1] - kept[1, 0])
        if variance <= 1e-12 * max(1e-12, float(kept.trace())):
            return self._barely_known(change, level)
        reach = normal_quantile(level) * sqrt(variance)
        return Interval(change, change - reach, change + reach)

    def _barely_known(self, value: float, level: float) -> Interval:
        """Return bounds where the data show no variation: by what a kind of item not seen so far could change."""
        reach = unseen(min(self._units), level)
        return Interval(value, value - reach, value + reach)


def _components(positive: Booleans, scores: Floats) -> tuple[Floats, Floats]:
    """Return for each positive the share of negatives below it, for each negative the share of positives above it."""
    above, below = scores[positive], scores[~positive]
    ranks = midranks(scores)
    return (ranks[positive] - midranks(above)) / len(below), 1 - (ranks[~positive] - midranks(below)) / len(above)


def midranks(values: Floats) -> Floats:
    """Return ranks from 1; equal values share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place], dtype=np.float64)


def _sums(groups: Integers, values: Floats, all_groups: Integers) -> Floats:
    sums = np.bincount(groups, weights=values, minlength=int(all_groups.max()) + 1)
    return sums.astype(np.float64)


def _enlarged(units: int) -> float:
    """Return the factor that makes a variance from this many units unbiased."""
    return units / (units - 1) if units > 1 else 1.0
