"""Class names of many items, coded: each name is kept once, and of each item only the place of its name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from sluice.evaluation.intervals.interval import Booleans, Floats, Integers

Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
Rows: TypeAlias = Booleans | Integers
"""Some of the items: a truth value each, or their places in rising order."""

_NONE = -1


def class_name(value: object) -> str:
    """Return the name of a class, the same whether it comes as text, a number or a number of numpy's."""
    plain = value.item() if hasattr(value, "item") else value
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)


class NumberNames(Sequence[str]):
    """The names of numbers, each made when it is asked for."""

    def __init__(self, numbers: Floats) -> None:
        self._numbers = numbers

    @override
    def __len__(self) -> int:
        return len(self._numbers)

    @override
    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return NumberNames(self._numbers[place])
        return class_name(self._numbers[place])


@dataclass(frozen=True, eq=False)
class Classes:
    """The class of each item, in order."""

    names: Sequence[str]
    """Each name once; some may be of no item."""
    codes: Codes
    """The place of each item's name; -1 where it has none."""

    @classmethod
    def of(cls, values: Iterable[object | None]) -> "Classes":
        """Return the classes that these values name; None names none."""
        coder = Coder()
        codes = coder.code(list(values))
        return cls(tuple(coder.names), small(codes, len(coder.names)))

    @classmethod
    def coded(cls, values: Sequence[object], codes: Codes) -> "Classes":
        """Return the classes of items with the places of their values; two values may have one name."""
        coder = Coder()
        places = np.append(coder.code(values), _NONE)
        return cls(tuple(coder.names), small(places[codes], len(coder.names)))

    @classmethod
    def of_numbers(cls, numbers: Floats) -> "Classes":
        """Return the classes that these numbers name; NaN names none."""
        distinct, places = np.unique(numbers, return_inverse=True)
        known = distinct[~np.isnan(distinct)]
        codes = np.where(places < len(known), places, _NONE)
        return cls(NumberNames(known), small(codes, len(known)))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def missing(self) -> Booleans:
        """Which items have no class."""
        return np.asarray(self.codes == _NONE)

    @property
    def present(self) -> Sequence[str]:
        """The names that some item has, sorted."""
        return sorted(self.names[place] for place in np.unique(self.codes) if place != _NONE)

    def are(self, name: str) -> Booleans:
        """Return which items are of a class."""
        if name not in self.names:
            return np.zeros(len(self.codes), dtype=np.bool_)
        return np.asarray(self.codes == self.names.index(name))

    def like(self, other: "Classes") -> Booleans:
        """Return which items are of the same class in both; an item without one is of none."""
        return np.asarray((self.codes == self._places(other)) & (self.codes != _NONE))

    def _places(self, other: "Classes") -> Codes:
        """Return the other's codes in this one's names; what has no name here is beyond them."""
        place = {name: number for number, name in enumerate(self.names)}
        known = [place.get(name, len(self.names)) for name in other.names]
        return small(np.array([*known, _NONE]), len(self.names) + 1)[other.codes]

    def columns(self, names: Sequence[str]) -> Codes:
        """Return the place of each item's name among these; -1 where it is not there."""
        place = {name: number for number, name in enumerate(names)}
        return small(np.array([*(place.get(name, _NONE) for name in self.names), _NONE]), len(names))[self.codes]

    def take(self, rows: Rows) -> "Classes":
        """Return those of some of the items."""
        return Classes(self.names, self.codes[rows])

    def tolist(self) -> list[str | None]:
        """Return the name of each item, None where it has none."""
        return [None if code == _NONE else self.names[code] for code in self.codes.tolist()]


@dataclass
class Coder:
    """Codes values batch by batch; a name gets its place when it is seen for the first time."""

    places: dict[str, int] = field(default_factory=dict)
    numbers: list[float] = field(default_factory=list)
    """The number that each name stands for, by place; NaN for a text."""
    numeric: bool = True
    """No value so far was anything but a number or a truth value."""

    @property
    def names(self) -> Sequence[str]:
        """The names so far, by place."""
        return list(self.places)

    def code(self, values: Sequence[Any]) -> Codes:
        """Return the places of the values' names; -1 for None."""
        self.numeric = self.numeric and all(value is None or _is_number(value) for value in values)
        return np.fromiter(map(self._place, values), dtype=np.int32, count=len(values))

    def code_array(self, values: npt.NDArray[Any]) -> Codes:
        """Return the places of the values' names; whole numbers and truth values are looked up once each."""
        if values.dtype.kind not in "biu":
            return self.code(values.tolist())
        distinct, inverse = np.unique(values, return_inverse=True)
        return self.code(distinct.tolist())[inverse]

    def take_in(self, later: "Coder") -> Codes:
        """Take in the names of a coder of what follows, and return their places here; -1 last."""
        self.numeric = self.numeric and later.numeric
        for name, number in zip(later.places, later.numbers, strict=True):
            if name not in self.places:
                self.numbers.append(number)
                self.places[name] = len(self.places)
        return np.array([*(self.places[name] for name in later.places), _NONE], dtype=np.int32)

    def _place(self, value: object | None) -> int:
        if value is None:
            return _NONE
        name = value if type(value) is str else class_name(value)
        known = self.places.get(name)
        if known is None:
            self.numbers.append(float(value) if _is_number(value) else np.nan)  # type: ignore[arg-type]
            known = self.places[name] = len(self.places)
        return known


def _is_number(value: object) -> bool:
    return isinstance(value.item() if hasattr(value, "item") else value, bool | int | float)


def small(codes: Codes, names: int) -> Codes:
    """Return the codes in the smallest type that holds them."""
    return codes.astype(np.min_scalar_type(-max(names, 1)))
