"""What one model said of each item of a data set, read from whatever a pyfunc returns.

One value an item (list, array, series, a frame of one column): text, truth values and whole numbers are classes;
fractions are numbers of a regression or ranking, or, where there are two classes, the probability of the second (of 1
or True, else as the model's metadata orders them). Several numbers an item (a frame of one column a class, a
two-dimensional array): scores of the classes; the class with the greatest is predicted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sluice.evaluation.classes import Classes, Rows, small
from sluice.evaluation.intervals.interval import Booleans, Floats

Batch = npt.NDArray[Any]
"""Answers on some items, in order: one value an item, or one row."""

_TRUTHS = (("0", "1"), ("False", "True"))
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class AskedAgain:
    """What a model said of each item when its text was changed without changing what it says."""

    predicted: Classes
    changed: Booleans
    """Which items are not as they were."""

    @staticmethod
    def key(perturbation: str, column: str) -> str:
        """Return what it is kept under."""
        return f"{perturbation} {column}"

    def take(self, rows: Rows) -> "AskedAgain":
        """Return the same of some of the items."""
        return AskedAgain(self.predicted.take(rows), self.changed[rows])


@dataclass(frozen=True, kw_only=True, eq=False)
class Scores:
    """What a model said of each item, in order."""

    predicted: Classes
    """The class; none where the model failed."""
    examples: tuple[str, ...]
    """The first few errors, with the number of the item."""
    numbers: Floats | None = None
    """The number of each item, NaN where the model failed; None when it does not give one number an item."""
    probabilities: Mapping[str, Floats] | None = None
    """By class, the score of each item, NaN where the model failed; None when it scores no classes."""
    again: Mapping[str, AskedAgain] = field(default_factory=dict)
    """By `AskedAgain.key`, what it said of changed texts."""

    @property
    def failures(self) -> int:
        """Number of items on which the model raised an error."""
        return int(self.predicted.missing.sum())

    def take(self, rows: Rows) -> "Scores":
        """Return what it said of some of the items; the errors keep the numbers of their items."""
        return Scores(
            predicted=self.predicted.take(rows),
            examples=self.examples,
            numbers=None if self.numbers is None else self.numbers[rows],
            probabilities=self.probabilities and {name: found[rows] for name, found in self.probabilities.items()},
            again={key: asked.take(rows) for key, asked in self.again.items()},
        )


def read_numbers(numbers: Floats, names: Classes | None, pair: tuple[str, str] | None) -> Mapping[str, Any]:
    """Return the fields of `Scores` for one number an item, NaN where the model failed.

    `names` are those of the numbers where they are known already; `pair` the two classes, if there are two.
    """
    if pair is None or not _are_probabilities(numbers):
        return {"predicted": Classes.of_numbers(numbers) if names is None else names, "numbers": numbers}
    chosen = np.where(np.isnan(numbers), -1, numbers >= _HALF)
    return {
        "predicted": Classes(pair, small(chosen, len(pair))),
        "numbers": numbers,
        "probabilities": {pair[0]: 1 - numbers, pair[1]: numbers},
    }


def read_rows(rows: Floats, names: Sequence[str]) -> Mapping[str, Any]:
    """Return the fields of `Scores` for one row an item, a column a class, NaN where the model failed."""
    failed: Booleans = np.asarray(np.isnan(rows).any(axis=1))
    best = np.argmax(np.where(np.isnan(rows), -np.inf, rows), axis=1)
    known = np.where(failed[:, None], np.nan, rows)
    return {
        "predicted": Classes.coded(names, np.where(failed, -1, best)),
        "probabilities": {name: known[:, place] for place, name in enumerate(names)},
    }


def pair_of(labels: Classes, classes: Sequence[str]) -> tuple[str, str] | None:
    """Return the two classes, the one with probability 1 last; None where they are not known to be two."""
    if len(classes) == 2:  # noqa: PLR2004 -- two classes
        return classes[0], classes[1]
    return next((pair for pair in _TRUTHS if len(labels.names) <= len(pair) and set(labels.names) <= set(pair)), None)


def _are_probabilities(numbers: Floats) -> bool:
    """Say whether these are probabilities, and not the names of classes."""
    known = numbers[~np.isnan(numbers)]
    return bool(((known >= 0) & (known <= 1)).all() and (known % 1).any())
