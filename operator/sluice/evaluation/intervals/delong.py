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
        parts = [_components(positive, row) for row in scores]
        self.values = np.array([of_positives.mean() for of_positives, _ in parts])
        above = np.array([part - part.mean() for part, _ in parts]) / positive.sum()
        below = np.array([part - part.mean() for _, part in parts]) / (~positive).sum()
        if clusters is None:
            self._units = above.shape[1], below.shape[1]
            self.covariance = self._own(above, below)
            return
        own = np.unique(clusters, return_inverse=True)[1]
        above = np.array([_sums(own[positive], part, own) for part in above])
        below = np.array([_sums(own[~positive], part, own) for part in below])
        self._units = len(np.unique(own[positive])), len(np.unique(own[~positive]))
        mixed = above @ below.T
        self.covariance = self._own(above, below) + _enlarged(above.shape[1]) * (mixed + mixed.T)

    def _own(self, above: Floats, below: Floats) -> Floats:
        with_positives, with_negatives = self._units
        return np.asarray(_enlarged(with_positives) * (above @ above.T) + _enlarged(with_negatives) * (below @ below.T))

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
    upper, lower = np.argsort(above), np.argsort(below)
    return (
        _shares_below(above, upper, below[lower]),
        1 - _shares_below(below, lower, above[upper]),
    )


def _shares_below(values: Floats, order: Integers, others: Floats) -> Floats:
    """Return the share of `others` (sorted) below each value, equal ones by half; `order` sorts the values."""
    ordered = values[order]
    places = np.searchsorted(others, ordered, "left") + np.searchsorted(others, ordered, "right")
    shares = np.empty(len(values))
    shares[order] = places / (2 * len(others))
    return shares


def _sums(groups: Integers, values: Floats, all_groups: Integers) -> Floats:
    sums = np.bincount(groups, weights=values, minlength=int(all_groups.max()) + 1)
    return sums.astype(np.float64)


def _enlarged(units: int) -> float:
    """Return the factor that makes a variance from this many units unbiased."""
    return units / (units - 1) if units > 1 else 1.0
