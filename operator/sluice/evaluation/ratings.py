"""What a model and those who rated the items say, as rows of sums that coefficients of agreement are made of.

Classes are numbered; the last number stands for whatever no rater ever says: another class, or a model that failed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TypeAlias

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.classes import Codes
from sluice.evaluation.intervals.bootstrap import MOST_UNITS, groups_of
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers

MOST_CLASSES = 50


@dataclass(frozen=True, eq=False)
class Ratings:
    """The class that the model gives each item, and each rater: -1 where a rater said nothing."""

    model: Codes
    raters: Sequence[Codes]
    classes: int

    @cached_property
    def counted(self) -> Booleans:
        """Which items someone rated."""
        return np.asarray(self.raters_of > 0)

    @cached_property
    def raters_of(self) -> Floats:
        """How many rated each item."""
        return _many(rater >= 0 for rater in self.raters)

    def votes(self, place: int) -> Floats:
        """Return how many raters gave each item a class."""
        return _many(rater == place for rater in self.raters)

    def disputed(self) -> Booleans:
        """Return on which items a rater says something else than the model."""
        return np.asarray(_many((rater >= 0) & (rater != self.model) for rater in self.raters) > 0)

    def usual(self) -> Floats:
        """Return how many votes each class has from the raters of an item, on the mean."""
        return np.array([self.votes(place).sum() for place in range(self.classes)]) / max(1, int(self.counted.sum()))


Columns: TypeAlias = Callable[[Ratings], Iterator[Floats]]
"""What of the items is summed, a column at a time: many columns of many items are too much at once."""


@dataclass(frozen=True, eq=False)
class Rated:
    """A row an item: see `outcomes.rows.Rows`."""

    said: Ratings
    columns: Columns
    width: int
    """Number of columns."""

    @cached_property
    def total(self) -> Floats:
        """The sum of all rows."""
        return np.array([column.sum() for column in self.columns(self.said)])

    @property
    def counted(self) -> Booleans:
        """Which items someone rated."""
        return self.said.counted

    @property
    def varying(self) -> Booleans:
        """Which items are disputed: where hardly any is, those that were not drawn may be."""
        return self.said.disputed()

    def differing(self, other: "Rated") -> Booleans:
        """Return which rows are not those of another model."""
        return np.asarray(self.counted & (self.said.model != other.said.model))

    def units(self, clusters: Integers | None) -> Floats:
        """Return the sums of rows that are drawn."""
        groups = groups_of(len(self.said.model), clusters, MOST_UNITS)
        columns = self.columns(self.said)
        return np.stack([one if groups is None else np.bincount(groups, weights=one) for one in columns], axis=1)


def ratings_of(answers: Answers) -> Ratings:
    """Return what the model and the raters say. Raises EvaluationFailure."""
    names = sorted({name for rater in answers.raters for name in rater.present})
    if len(names) > MOST_CLASSES:
        what = f"compares classes, and the raters name {len(names):,}, more than {MOST_CLASSES}"
        answers.refuse("TooManyClasses", f"{what}: do columns.raters hold classes?")
    known = answers.predicted.columns(names)
    model = np.where(known < 0, len(names), known)
    return Ratings(model, [rater.columns(names) for rater in answers.raters], len(names) + 1)


def pairs(said: Ratings) -> Iterator[Floats]:
    """Yield how many raters agree with the model; by class, the model's and the raters' part in all such pairs."""
    yield _many(rater == said.model for rater in said.raters)
    yield from (np.where(said.model == place, said.raters_of, 0.0) for place in range(said.classes))
    yield from (said.votes(place) for place in range(said.classes))


def together(said: Ratings) -> Iterator[Floats]:
    """Yield the disagreement among the model and the raters; by class, how often they say it.

    Disagreement: ordered pairs of different classes, over one less than those who speak.
    """
    speak, squares = said.raters_of + 1, np.zeros(len(said.model))
    for place in range(said.classes):
        squares += _says(said, place) ** 2
    yield np.where(said.counted, (speak**2 - squares) / np.maximum(speak - 1, 1), 0.0)
    yield from (np.where(said.counted, _says(said, place), 0.0) for place in range(said.classes))


def _says(said: Ratings, place: int) -> Floats:
    return np.asarray(said.votes(place) + (said.model == place))


def _many(happened: Iterable[Booleans]) -> Floats:
    """Return how many of these happened to each item."""
    return reduce(np.add, happened, np.zeros(1))
