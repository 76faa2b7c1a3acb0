"""A number read off a ranking of items by score (a point or an area of a curve): bootstrap of items or clusters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sluice.evaluation.intervals import Interval
from sluice.evaluation.intervals.bootstrap import BOOTSTRAP, CLUSTER_BOOTSTRAP, bootstrap_weights
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers, unseen
from sluice.evaluation.outcomes.found import Found, estimate
from sluice.evaluation.outcomes.share import Share

Reading: TypeAlias = Callable[[Floats, Floats], Floats]
"""From the weights of positives and of negatives at or above each distinct score, highest first, (draws, scores) both,
to the number (draws)."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Which items are of the class, how each was scored for it, and what is read off."""

    positive: Booleans
    scores: Floats
    reading: Reading
    clusters: Integers | None = None
    caught: Share | None = None
    """Where the number is a share of items beyond a threshold: that share. Its own bounds are the least doubt."""

    @property
    def denominator(self) -> int:
        """Number of items of the class."""
        return int(self.positive.sum())

    def found(self, champion: "Curve | None", level: float) -> Found:
        """Return the numbers and their difference, from the same draws."""
        units = np.arange(len(self.positive)) if self.clusters is None else self.clusters
        method = BOOTSTRAP if self.clusters is None else CLUSTER_BOOTSTRAP
        both = [self] if champion is None else [self, champion]
        readers = [one._reader(units) for one in both]  # noqa: SLF001 -- its own kind
        found = bootstrap_weights(int(units.max()) + 1, lambda weights: _read(readers, weights), level)
        mine = estimate(self._widened(found[0], level).within(0.0, 1.0), method)
        if champion is None:
            return Found(denominator=self.denominator, candidate=mine)
        return Found(
            denominator=self.denominator,
            candidate=mine,
            champion=estimate(champion._widened(found[1], level).within(0.0, 1.0), method),  # noqa: SLF001 -- as above
            difference=estimate(self._widened_change(found[2], champion, level).within(-1.0, 1.0), method),
        )

    def _reader(self, units: Integers) -> Callable[[Floats], Floats]:
        """Return the function from weights of units to the number."""
        order = np.argsort(-self.scores, kind="stable")
        ordered, unit, positive = self.scores[order], units[order], self.positive[order]
        ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))

        def read(weights: Floats) -> Floats:
            every = weights[:, unit]
            seen, above = np.cumsum(every, axis=1)[:, ends], np.cumsum(every * positive, axis=1)[:, ends]
            with np.errstate(divide="ignore", invalid="ignore"):
                return self.reading(above, seen - above)

        return read

    def _widened(self, interval: Interval, level: float) -> Interval:
        return _wider(interval, self._doubt(interval.estimate, level))

    def _doubt(self, value: float, level: float) -> Interval:
        """Return bounds that hold whatever a bootstrap sees: a share's own, or those of an unseen kind of item."""
        if self.caught is not None and self.clusters is None:
            return self.caught.interval(level)
        reach = unseen(self._positive_units(), level)
        return Interval(value, value * (1 - reach), value) if value == 1 else Interval(value, value, value)

    def _widened_change(self, interval: Interval, champion: "Curve", level: float) -> Interval:
        if self.caught is not None and champion.caught is not None and self.clusters is None:
            return _wider(interval, self.caught.minus(champion.caught, level))
        if interval.lower < interval.upper:
            return interval
        reach = unseen(self._positive_units(), level)
        return Interval(interval.estimate, interval.lower - reach, interval.upper + reach)

    def _positive_units(self) -> int:
        return self.denominator if self.clusters is None else len(np.unique(self.clusters[self.positive]))


def _read(readers: list[Callable[[Floats], Floats]], weights: Floats) -> Floats:
    values = [read(weights) for read in readers]
    return np.stack(values if len(values) == 1 else [*values, values[0] - values[1]], axis=-1)


def _wider(interval: Interval, doubt: Interval) -> Interval:
    return Interval(interval.estimate, min(interval.lower, doubt.lower), max(interval.upper, doubt.upper))
