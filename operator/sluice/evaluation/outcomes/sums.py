"""A statistic of sums over items, queries or clusters: bootstrap (BCa), paired between the two models.

A bootstrap cannot draw what the data do not show: where fewer than ten items vary, or fewer than ten differ between the
models, the bounds also reach as far as an exact bound on the share of further such items allows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sluice.evaluation.intervals import Interval, clopper_pearson
from sluice.evaluation.intervals.bootstrap import BOOTSTRAP, CLUSTER_BOOTSTRAP, bootstrap_units, units_of
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers
from sluice.evaluation.intervals.sign_flip import sign_flip
from sluice.evaluation.outcomes.found import Found, estimate
from sluice.evaluation.outcomes.rows import Placed, Rows

_FEW = 10
MOST_FLIPPED = 5_000
"""Signs of groups by chance are flipped where there are more items."""

Value: TypeAlias = Callable[[Floats], Floats]
"""From sums of rows (…, columns) to the metric (…)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """One row an item (or query): what of it the metric is a function of."""

    rows: Rows
    value: Value
    extremes: tuple[Floats, Floats]
    """The rows of an item that pulls the metric down, and up, the most."""
    limits: tuple[float, float]
    """Least and greatest value of the metric."""
    denominator: int
    clusters: Integers | None = None
    values: Floats | None = None
    """Of a metric that is a mean, or rises with one: whose mean."""

    def found(self, champion: "Sums | None", level: float) -> Found:
        """Return the metric's values and their difference, from the same resamples."""
        if not self.denominator or (champion is not None and not champion.denominator):
            return Found(denominator=0)
        method = BOOTSTRAP if self.clusters is None else CLUSTER_BOOTSTRAP
        least, most = self.limits
        if champion is None:
            units = self.rows.units(self.clusters)
            (alone,) = bootstrap_units(units, lambda sums: _of(self.value)(sums)[..., None], level)
            candidate = self._widened(alone, level).within(least, most)
            return Found(denominator=self.denominator, candidate=estimate(candidate, method))
        units = np.concatenate([one.rows.units(one.clusters) for one in (self, champion)], axis=1)
        mine, others, change = bootstrap_units(units, _pair(self.value, self.rows.width), level)
        return Found(
            denominator=min(self.denominator, champion.denominator),
            candidate=estimate(self._widened(mine, level).within(least, most), method),
            champion=estimate(champion._widened(others, level).within(least, most), method),  # noqa: SLF001 -- its own kind
            difference=estimate(
                self._widened_change(change, champion, level).within(least - most, most - least), method
            ),
            p_value=self._p_value(champion),
        )

    def at(self, sums: Floats) -> float:
        """Return the metric for these sums of rows; NaN or infinity where it does not exist."""
        return float(_of(self.value)(sums))

    def _p_value(self, champion: "Sums") -> float | None:
        """Return how likely a mean difference of this size is if the models do not differ."""
        if self.values is None or champion.values is None:
            return None
        differences = (self.values - champion.values)[:, None]
        return sign_flip(units_of(differences, self.clusters, MOST_FLIPPED)[:, 0])

    def _widened(self, interval: Interval, level: float) -> Interval:
        further = self._further(self.rows.varying, level)
        if not further:
            return interval
        low, high = self._moved(further, *self.extremes)
        return Interval(interval.estimate, min(interval.lower, low), max(interval.upper, high))

    def _widened_change(self, interval: Interval, champion: "Sums", level: float) -> Interval:
        further = self._further(self.rows.differing(champion.rows), level)
        if not further:
            return interval
        down = np.minimum(self.extremes[0], champion.extremes[0]), np.maximum(self.extremes[1], champion.extremes[1])
        low, high = self._moved(further, *down)
        other_low, other_high = champion._moved(further, *down)  # noqa: SLF001 -- its own kind
        return Interval(interval.estimate, min(interval.lower, low - other_high), max(interval.upper, high - other_low))

    def _further(self, special: Booleans, level: float) -> float:
        """Return the share of further items that could be special, beyond those seen; 0 where many are."""
        counted = self.rows.counted
        if self.clusters is None:
            seen, units = int(special.sum()), int(counted.sum())
        else:
            seen, units = (len(np.unique(self.clusters[which])) for which in (special, counted))
        return clopper_pearson(seen, units, level).upper - seen / units if seen < min(_FEW, units / 2) else 0.0

    def _moved(self, share: float, low: Floats, high: Floats) -> tuple[float, float]:
        """Return the metric if this share of the items that count were of the lowest, and of the highest kind."""
        total, counted = self.rows.total, float(self.rows.counted.sum())
        moved = [(1 - share) * total + share * counted * row for row in (low, high)]
        return self.at(moved[0]), self.at(moved[1])


def mean_of(values: Floats, limits: tuple[float, float], clusters: Integers | None = None) -> Sums:
    """Return the mean of one value an item (or query)."""
    least, most = np.clip(limits, values.min(initial=0.0), values.max(initial=0.0))
    known = (limits[0] if np.isfinite(limits[0]) else least, limits[1] if np.isfinite(limits[1]) else most)
    return Sums(
        rows=Placed(values, np.zeros(len(values), dtype=np.int8), 1),
        value=lambda sums: np.asarray(sums[..., 0] / sums[..., 1]),
        extremes=(np.array([known[0], 1.0]), np.array([known[1], 1.0])),
        limits=limits,
        denominator=len(values),
        clusters=clusters,
        values=values,
    )


def _of(value: Value) -> Value:
    """Return the value without numpy's complaints: 0/0 is a value that does not exist, and is treated as such."""

    def quiet(sums: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return value(sums)

    return quiet


def _pair(value: Value, columns: int) -> Value:
    """Return the statistics of rows that hold both models': candidate, champion, difference."""

    def statistic(sums: Floats) -> Floats:
        mine, others = _of(value)(sums[..., :columns]), _of(value)(sums[..., columns:])
        return np.stack([mine, others, mine - others], axis=-1)

    return statistic
