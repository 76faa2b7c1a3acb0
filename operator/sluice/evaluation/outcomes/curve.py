"""A number read off a ranking of items by score (a point or an area of a curve): bootstrap of items or clusters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sluice.evaluation.intervals import Interval
from sluice.evaluation.intervals.bootstrap import BOOTSTRAP, CLUSTER_BOOTSTRAP, SEED, bootstrap_units, bootstrap_weights
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers, unseen
from sluice.evaluation.outcomes.found import Found, estimate
from sluice.evaluation.outcomes.share import Share

Reading: TypeAlias = Callable[[Floats, Floats], Floats]
"""From the weights of positives and of negatives at or above each distinct score, highest first, (draws, scores) both,
to the number (draws)."""

Cuts: TypeAlias = Callable[[Floats, Floats], Integers]
"""From how many positives and negatives lie at or above each distinct score to the places of those that matter."""

MOST_ITEMS = 5_000
"""More items than this are not ranked anew in each resample."""
MOST_GROUPS = 5_000
"""Groups by chance that are drawn then: their sums spread as those of items and clusters do."""
MOST_CUTS = 400


@dataclass(frozen=True, eq=False)
class Curve:
    """Which items are of the class, how each was scored for it, and what is read off."""

    positive: Booleans
    scores: Floats
    reading: Reading
    cuts: Cuts
    """Which scores matter to the reading, where there are too many items to look at all of them in each resample."""
    clusters: Integers | None = None
    caught: Share | None = None
    """Where the number is a share of items beyond a threshold: that share. Its own bounds are the least doubt."""

    @property
    def denominator(self) -> int:
        """Number of items of the class."""
        return int(self.positive.sum())

    def found(self, champion: "Curve | None", level: float) -> Found:
        """Return the numbers and their difference, from the same draws."""
        method = BOOTSTRAP if self.clusters is None else CLUSTER_BOOTSTRAP
        both = [self] if champion is None else [self, champion]
        found = _few(both, level) if len(self.positive) <= MOST_ITEMS else _many(both, level)
        mine = estimate(self._widened(found[0], level).within(0.0, 1.0), method)
        if champion is None:
            return Found(denominator=self.denominator, candidate=mine)
        return Found(
            denominator=self.denominator,
            candidate=mine,
            champion=estimate(champion._widened(found[1], level).within(0.0, 1.0), method),  # noqa: SLF001 -- as above
            difference=estimate(self._widened_change(found[2], champion, level).within(-1.0, 1.0), method),
        )

    @property
    def units(self) -> Integers:
        """What is drawn: items or clusters, numbered from 0."""
        return np.arange(len(self.positive)) if self.clusters is None else self.clusters

    def reader(self) -> Callable[[Floats], Floats]:
        """Return the function from weights of units to the number."""
        order, ends = self._ranked()
        unit, positive = self.units[order], self.positive[order]

        def read(weights: Floats) -> Floats:
            every = weights[:, unit]
            seen, above = np.cumsum(every, axis=1)[:, ends], np.cumsum(every * positive, axis=1)[:, ends]
            return self._read(above, seen - above)

        return read

    def value(self) -> float:
        """Return the number of all items."""
        above, below = self._counts(*self._ranked())
        return float(self._read(above[None], below[None])[0])

    def binned(self, groups: Integers) -> tuple[Floats, Callable[[Floats], Floats]]:
        """Return of each group how many negatives and positives lie between the cuts, and the function from sums."""
        order, ends = self._ranked()
        kept = np.unique(np.append(self.cuts(*self._counts(order, ends)), len(ends) - 1))
        places = np.searchsorted(ends[kept], np.arange(len(order)))
        wide = 2 * len(kept)
        cells = groups[order] * wide + self.positive[order] * len(kept) + places
        rows = np.bincount(cells, minlength=(int(groups.max()) + 1) * wide).reshape(-1, wide).astype(np.float64)

        def read(sums: Floats) -> Floats:
            below, above = (np.cumsum(part, axis=-1) for part in np.split(np.atleast_2d(sums), 2, axis=-1))
            return self._read(above, below)

        return rows, read

    def _ranked(self) -> tuple[Integers, Integers]:
        """Return the items by falling score, and the last place of each distinct score."""
        order = np.argsort(-self.scores, kind="stable")
        ordered = self.scores[order]
        return order, np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))

    def _counts(self, order: Integers, ends: Integers) -> tuple[Floats, Floats]:
        above = np.cumsum(self.positive[order])[ends].astype(np.float64)
        return above, ends + 1 - above

    def _read(self, above: Floats, below: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.reading(above, below)

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


def _few(both: list[Curve], level: float) -> list[Interval]:
    """Draw items or clusters, and rank all items in each resample."""
    readers = [one.reader() for one in both]
    return bootstrap_weights(int(both[0].units.max()) + 1, lambda weights: _read(readers, weights), level)


def _many(both: list[Curve], level: float) -> list[Interval]:
    """Draw groups of units, of which only the numbers between the cuts are known; the estimates are those of all."""
    units = int(both[0].units.max()) + 1
    group = np.random.default_rng(SEED).permutation(units) % MOST_GROUPS
    tables, readers = zip(*(one.binned(group[both[0].units]) for one in both), strict=True)
    edges = np.cumsum([table.shape[1] for table in tables])[:-1]

    def read(sums: Floats) -> Floats:
        parts = np.split(np.atleast_2d(sums), edges, axis=-1)
        values = [reader(part) for reader, part in zip(readers, parts, strict=True)]
        found = np.stack(values if len(values) == 1 else [*values, values[0] - values[1]], axis=-1)
        return found if sums.ndim > 1 else found[0]

    exact = [one.value() for one in both]
    wanted = exact if len(exact) == 1 else [*exact, exact[0] - exact[1]]
    found = bootstrap_units(np.concatenate(tables, axis=1), read, level)
    return [_moved(one, value) for one, value in zip(found, wanted, strict=True)]


def _moved(interval: Interval, estimate: float) -> Interval:
    """Return the interval around another estimate: what lies between the cuts is off by less than it varies."""
    by = estimate - interval.estimate
    return Interval(estimate, interval.lower + by, interval.upper + by)


def _read(readers: list[Callable[[Floats], Floats]], weights: Floats) -> Floats:
    values = [read(weights) for read in readers]
    return np.stack(values if len(values) == 1 else [*values, values[0] - values[1]], axis=-1)


def _wider(interval: Interval, doubt: Interval) -> Interval:
    return Interval(interval.estimate, min(interval.lower, doubt.lower), max(interval.upper, doubt.upper))
