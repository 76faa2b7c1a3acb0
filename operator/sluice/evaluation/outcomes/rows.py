"""What a statistic of sums keeps of each item: a row of numbers, or one number in one of several columns.

A row of zeros does not count. No number of items needs more than a few numbers an item here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from sluice.evaluation.intervals.bootstrap import MOST_UNITS, gathered, groups_of
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers


class Rows(Protocol):
    """A row an item."""

    @property
    def width(self) -> int:
        """Number of columns."""

    @property
    def total(self) -> Floats:
        """The sum of all rows."""

    @property
    def counted(self) -> Booleans:
        """Which rows are not all zeros."""

    @property
    def varying(self) -> Booleans:
        """Which rows that count are not as most of them are; half of them or more where there is no such row."""

    def differing(self, other: Self) -> Booleans:
        """Return which rows are not those of another model."""

    def units(self, clusters: Integers | None) -> Floats:
        """Return the sums of rows that are drawn (units, columns): see `groups_of`."""


@dataclass(frozen=True, eq=False)
class Full:
    """A number in each column (items, columns)."""

    values: Floats

    @classmethod
    def of(cls, *columns: npt.ArrayLike) -> "Full":
        """Return the rows of these columns."""
        return cls(np.array(columns, dtype=np.float64).T)

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.values.shape[1])

    @property
    def total(self) -> Floats:
        """The sum of all rows."""
        return np.asarray(self.values.sum(axis=0))

    @cached_property
    def counted(self) -> Booleans:
        """Which rows are not all zeros."""
        return _any([column != 0 for column in self.values.T])

    @property
    def varying(self) -> Booleans:
        """Which rows that count are not as most of them are."""
        usual = [np.median(column[self.counted]) for column in self.values.T]
        other = _any([column != most for column, most in zip(self.values.T, usual, strict=True)])
        return np.asarray(other & self.counted)

    def differing(self, other: "Full") -> Booleans:
        """Return which rows are not those of another model."""
        return _any([mine != others for mine, others in zip(self.values.T, other.values.T, strict=True)])

    def units(self, clusters: Integers | None) -> Floats:
        """Return the sums of rows that are drawn."""
        groups = groups_of(len(self.values), clusters, MOST_UNITS)
        return self.values if groups is None else gathered(self.values, groups)


@dataclass(frozen=True, eq=False)
class Placed:
    """One number in one of several columns, and 1 in a last column; all items count."""

    values: Floats
    places: npt.NDArray[np.int8]
    columns: int
    """Without the last one."""

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.columns + 1

    @property
    def total(self) -> Floats:
        """The sum of all rows."""
        return np.asarray(self._sums(np.zeros(len(self.values), dtype=np.int64), 1)[0])

    @property
    def counted(self) -> Booleans:
        """All rows."""
        return np.ones(len(self.values), dtype=np.bool_)

    @property
    def varying(self) -> Booleans:
        """Which rows are not as most of them are."""
        return np.asarray((self.places != np.median(self.places)) | (self.values != np.median(self.values)))

    def differing(self, other: "Placed") -> Booleans:
        """Return which rows are not those of another model."""
        return np.asarray((self.values != other.values) | ((self.places != other.places) & (self.values != 0)))

    def units(self, clusters: Integers | None) -> Floats:
        """Return the sums of rows that are drawn."""
        items = len(self.values)
        groups = groups_of(items, clusters, MOST_UNITS)
        groups = np.arange(items) if groups is None else groups
        return self._sums(groups, int(groups.max()) + 1)

    def _sums(self, groups: Integers, number: int) -> Floats:
        cells = groups * self.columns + self.places
        sums = np.bincount(cells, weights=self.values, minlength=number * self.columns).reshape(number, self.columns)
        return np.column_stack([sums, np.bincount(groups, minlength=number)])


def _any(which: Sequence[Booleans]) -> Booleans:
    return np.asarray(reduce(np.logical_or, which))
