"""What one model said of each item of a data set, read from whatever a pyfunc returns.

One value an item (list, array, series, a frame of one column): text, truth values and whole numbers are classes;
fractions are numbers of a regression or ranking, or, where there are two classes, the probability of the second (of 1
or True, else as the model's metadata orders them). Several numbers an item (a frame of one column a class, a
two-dimensional array): scores of the classes; the class with the greatest is predicted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sluice.evaluation.intervals.interval import Booleans, Floats

Batch = npt.NDArray[Any]
"""Answers on some items, in order: one value an item, or one row."""

_TRUTHS = (("0", "1"), ("False", "True"))
_HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a model said of each item, in order."""

    predicted: tuple[str | None, ...]
    examples: tuple[str, ...]
    """The first few errors, with the number of the item."""
    numbers: Floats | None = None
    """The number of each item, NaN where the model failed; None when it does not give one number an item."""
    probabilities: Mapping[str, Floats] | None = None
    """By class, the score of each item, NaN where the model failed; None when it scores no classes."""

    @property
    def failures(self) -> int:
        """Number of items on which the model raised an error."""
        return sum(guess is None for guess in self.predicted)


def read_values(values: Sequence[object | None], labels: Sequence[str], classes: Sequence[str]) -> Mapping[str, Any]:
    """Return the fields of `Scores` for one value an item, None where the model failed."""
    names = tuple(None if value is None else class_name(value) for value in values)
    numbers = _numbers(values)
    pair = _pair(labels, classes)
    if numbers is None or pair is None or not _are_probabilities(numbers):
        return {"predicted": names, "numbers": numbers}
    chosen = [None if np.isnan(number) else pair[int(number >= _HALF)] for number in numbers]
    return {"predicted": tuple(chosen), "numbers": numbers, "probabilities": {pair[0]: 1 - numbers, pair[1]: numbers}}


def read_rows(rows: Floats, names: Sequence[str]) -> Mapping[str, Any]:
    """Return the fields of `Scores` for one row an item, a column a class, NaN where the model failed."""
    failed: Booleans = np.asarray(np.isnan(rows).any(axis=1))
    best = np.argmax(np.where(np.isnan(rows), -np.inf, rows), axis=1)
    predicted = tuple(
        None if gone else names[place] for gone, place in zip(failed.tolist(), best.tolist(), strict=True)
    )
    known = np.where(failed[:, None], np.nan, rows)
    return {"predicted": predicted, "probabilities": {name: known[:, place] for place, name in enumerate(names)}}


def class_name(value: object) -> str:
    """Return the name of a class, the same whether it comes as text, a number or a number of numpy's."""
    plain = value.item() if hasattr(value, "item") else value
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)


def _numbers(values: Sequence[object | None]) -> Floats | None:
    plain = [value.item() if hasattr(value, "item") else value for value in values]
    if any(not isinstance(value, bool | int | float) for value in plain if value is not None):
        return None
    return np.array([np.nan if value is None else value for value in plain], dtype=np.float64)


def _are_probabilities(numbers: Floats) -> bool:
    """Say whether these are probabilities, and not the names of classes."""
    known = numbers[~np.isnan(numbers)]
    return bool(((known >= 0) & (known <= 1)).all() and (known % 1).any())


def _pair(labels: Sequence[str], classes: Sequence[str]) -> tuple[str, str] | None:
    """Return the two classes, the one with probability 1 last; None where they are not known to be two."""
    if len(classes) == 2:  # noqa: PLR2004 -- two classes
        return classes[0], classes[1]
    return next((pair for pair in _TRUTHS if set(labels) <= set(pair)), None)
