"""The answers of one model so far, batch by batch: of each item a number, the code of its class, or a row of scores."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from sluice.evaluation.classes import Classes, Coder, Codes
from sluice.evaluation.failure import first_line
from sluice.evaluation.intervals.interval import Booleans, Floats
from sluice.evaluation.scores import Batch

MOST_EXAMPLES = 3

Part: TypeAlias = Batch | int
"""Numbers, codes or rows of some items; or how many items the model failed on."""


@dataclass
class Collected:
    """What a model said of the items so far, in order."""

    parts: list[Part] = field(default_factory=list)
    coder: Coder = field(default_factory=Coder)
    names: tuple[str, ...] = ()
    """Names of the columns of a frame with several."""
    items: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)
    """The first few: the number of the item, and what went wrong."""
    quiet: bool = False
    """Whether no error may be shown: its text may quote a hidden item."""

    def add(self, batch: Batch, names: tuple[str, ...]) -> None:
        """Take a batch of answers in; no number and no text is a failure on that item."""
        batch = _plain(batch)
        blank = _blank(batch)
        for place in np.flatnonzero(blank).tolist():
            self._note(self.items + place, "answered NaN, infinity or nothing")
        self.parts.append(self._compact(batch, blank))
        self.names = self.names or names
        self.items += len(batch)

    def add_coded(self, values: Sequence[object], places: Codes) -> None:
        """Take a batch of answers in that are places in a list of values."""
        self.parts.append(self.coder.code(values)[places])
        self.items += len(places)

    def extend(self, later: "Collected") -> None:
        """Take in what was said of the items that follow, as if it had come batch by batch."""
        for item, text in later.errors:
            self._note(self.items + item, text)
        places = self.coder.take_in(later.coder)
        self.parts += [
            part if isinstance(part, int) or part.dtype.kind == "f" else places[part] for part in later.parts
        ]
        self.names = self.names or later.names
        self.items += later.items

    def fail(self, error: BaseException) -> None:
        """Count an item on which the model failed."""
        self._note(self.items, first_line(error))
        self.parts.append(1)
        self.items += 1

    @property
    def examples(self) -> tuple[str, ...]:
        """The first few errors, each with the number of its item."""
        return tuple(f"item {item}: {text}" for item, text in self.errors)

    @property
    def widths(self) -> set[int]:
        """How many scores an item has, over all items; 0 where it has one value."""
        return {_width(part) for part in self.parts if not isinstance(part, int)}

    def rows(self, width: int) -> Floats:
        """Return a row an item, NaN where the model failed."""
        gone = np.full((1, width), np.nan)
        return np.concatenate([gone.repeat(part, axis=0) if isinstance(part, int) else part for part in self.parts])

    def numbers(self) -> Floats | None:
        """Return a number an item, NaN where the model failed; None where its values are no numbers."""
        if not self.coder.numeric:
            return None
        table = np.array([*self.coder.numbers, np.nan])
        return np.concatenate([_numbers(part, table) for part in self.parts])

    def classes(self) -> Classes | None:
        """Return the class that each item's value names; None where all are numbers that are best named at the end."""
        if not self.coder.places:
            return None
        codes = np.concatenate([self._codes(part) for part in self.parts])
        return Classes.coded(self.coder.names, codes)

    def _compact(self, batch: Batch, blank: Booleans) -> Batch:
        if batch.dtype.kind == "f":
            gone = blank if batch.ndim == 1 else blank[:, None]
            return np.where(gone, np.nan, batch)
        if blank.any():
            batch = batch.copy()
            batch[blank] = None
        return self.coder.code_array(batch)

    def _codes(self, part: Part) -> Codes:
        if isinstance(part, int):
            return np.full(part, -1, dtype=np.int32)
        if part.dtype.kind != "f":
            return part
        return self.coder.code([None if value != value else value for value in part.tolist()])  # noqa: PLR0124 -- NaN

    def _note(self, item: int, text: str) -> None:
        if len(self.errors) < MOST_EXAMPLES and not self.quiet:
            self.errors.append((item, text))
            sys.stderr.write(f"a model failed on item {item}: {text}\n")


def _plain(batch: Batch) -> Batch:
    """Return numbers with a fraction as 64-bit floats, also where they came one by one."""
    if batch.dtype.kind == "O" and all(value is None or isinstance(value, float) for value in batch.tolist()):
        return np.array([np.nan if value is None else value for value in batch.tolist()], dtype=np.float64)
    return batch.astype(np.float64) if batch.dtype.kind == "f" else batch


def _width(part: Batch) -> int:
    return 0 if part.ndim == 1 else int(part.shape[1])


def _numbers(part: Part, table: Floats) -> Floats:
    if isinstance(part, int):
        return np.full(part, np.nan)
    return part if part.dtype.kind == "f" else table[part]


def _blank(batch: Batch) -> Booleans:
    if batch.dtype.kind == "f":
        bad = ~np.isfinite(batch)
        return np.asarray(bad if batch.ndim == 1 else bad.any(axis=1))
    if batch.dtype.kind == "O":
        return np.array([value is None or value != value for value in batch], dtype=np.bool_)  # noqa: PLR0124 -- NaN
    return np.zeros(len(batch), dtype=np.bool_)
