"""Slices of a gate: by which columns its data set is cut, and what must hold in them.

Each column is cut by itself, not crossed with the others: a column of the data set may hold the crossing.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator

from sluice.api.schema import FreeName, Model, decimal, map_list, set_list

MOST_SLICES: Final = 100
"""Slices of one gate: the result document and a person's patience are bounded."""
MOST_SLICES_OF_ALL: Final = 800
"""Slices of all gates of an evaluation."""
_ONE_WAY: Final = "set at most one of values, edges and lengths"
_RISING: Final = "edges must rise"
_RISING_LENGTHS: Final = "lengths must rise"


class Quantifier(StrEnum):
    """What must hold in the slices of a gate."""

    EVERY = "Every"
    """The rules hold on the whole set, and in every slice."""
    WORST = "Worst"
    """The rules hold in the worst slice, which stands for the gate; the whole set is only reported."""


class Correction(StrEnum):
    """How it is made sure that a slice is not blamed by chance, for one of many is always the worst."""

    HOLM = "Holm"
    """Holm's step-down: no slice is blamed wrongly, with the gate's confidence over all its slices."""


EdgeString = Annotated[str, Field(pattern=r"^(0|-?[1-9][0-9]{0,8}|-?(0|[1-9][0-9]{0,8})\.[0-9]{1,9})$", max_length=20)]
"""A decimal, below 0 as well, written as a string."""


class SliceBy(Model):
    """One column and how it is cut: by each of its values, by some, by buckets of numbers, or by lengths of texts."""

    column: FreeName
    """The column of the data set."""
    values: Annotated[tuple[FreeName, ...] | None, set_list(least=1, most=64)] = None
    """The values that make a slice each: one that the data do not have is an empty slice. Left out: all that occur."""
    edges: Annotated[tuple[EdgeString, ...] | None, set_list(least=1, most=16)] = None
    """Where buckets of a column of numbers begin: below the first, from each to below the next, from the last on."""
    lengths: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=1, le=1_000_000)], ...] | None, set_list(least=1, most=16)
    ] = None
    """Where buckets of lengths (in characters) of a column of texts begin, like `edges`."""

    CEL: ClassVar = (
        (
            "(has(self.values) ? 1 : 0) + (has(self.edges) ? 1 : 0) + (has(self.lengths) ? 1 : 0) <= 1",
            _ONE_WAY,
        ),
        (
            (
                "!has(self.edges) || (self.edges.map(e, double(e)).isSorted() && "
                "self.edges.all(a, self.edges.exists_one(b, double(a) == double(b))))"
            ),
            _RISING,
        ),
        ("!has(self.lengths) || self.lengths.isSorted()", _RISING_LENGTHS),
    )

    @model_validator(mode="after")
    def _cut_one_way(self) -> Self:
        if sum(way is not None for way in (self.values, self.edges, self.lengths)) > 1:
            raise ValueError(_ONE_WAY)
        if self.values is not None and len(set(self.values)) < len(self.values):
            raise ValueError("values must be unique")
        if not _rises([decimal(edge) for edge in self.edges or ()]):
            raise ValueError(_RISING)
        if not _rises([Decimal(length) for length in self.lengths or ()]):
            raise ValueError(_RISING_LENGTHS)
        return self

    @property
    def names(self) -> tuple[str, ...] | None:
        """What its slices are called, in order; None where the data say which there are."""
        if self.values is not None:
            return tuple(map(self.named, self.values))
        if self.edges is not None:
            return _buckets(self.column, self.edges)
        return None if self.lengths is None else _buckets(f"length of {self.column}", tuple(map(str, self.lengths)))

    def named(self, value: str) -> str:
        """Return what the slice of a value is called."""
        return f"{self.column}={value}"


def _rises(numbers: Sequence[Decimal]) -> bool:
    return all(one < other for one, other in pairwise(numbers))


def _buckets(what: str, edges: tuple[str, ...]) -> tuple[str, ...]:
    between = (f"{low} ≤ {what} < {high}" for low, high in pairwise(edges))
    return f"{what} < {edges[0]}", *between, f"{what} ≥ {edges[-1]}"


class Slices(Model):
    """The parts of a gate's data set that its rules must hold in, for a mean hides who pays for it."""

    by: Annotated[tuple[SliceBy, ...], map_list("column", most=8), Field(min_length=1)]
    """The columns that it is cut by, each by itself. A gate has at most 100 slices, an evaluation 800."""
    quantifier: Quantifier = Quantifier.EVERY
    """What must hold in them."""
    min_samples: Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)] = 30
    """How many items must count in each slice, as `minSamples` of the gate counts; else `onInsufficient` follows."""
    correction: Correction = Correction.HOLM
    """How slices are blamed. A pass needs none: each slice is held to the gate's own confidence."""

    @model_validator(mode="after")
    def _each_column_once(self) -> Self:
        if len({by.column for by in self.by}) < len(self.by):
            raise ValueError("slices.by must be unique by column")
        return self
