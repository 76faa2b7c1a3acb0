"""Slices of a data set: which items are in which, by a column's values, by buckets of its numbers or its lengths.

All is checked before any model is loaded: the column is there and of the right type, every item has a value, there are
not too many slices, and for a ranking all results of a query are in one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ArrowException

from sluice.adapters.reading import LARGE_ROWS, opened
from sluice.api.evaluation_result import Counted, Measurement, SliceMeasurement
from sluice.api.evaluation_spec import MeasurementWanted
from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.api.slices import MOST_SLICES, MOST_SLICES_OF_ALL, SliceBy
from sluice.evaluation.classes import Codes, Rows, class_name
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure, first_line
from sluice.evaluation.measuring import Scored, measure
from sluice.evaluation.queries import torn

_LONGEST = 200
_NOWHERE = -1
_ONE_CLASS = "OneClassOnly"
_CURE = "name the values that matter as values, give numbers edges and texts lengths, or join rare values in the data"
_PLAIN = "values, numbers or truth values make slices"


@dataclass(frozen=True, kw_only=True, eq=False)
class Cut:
    """A column that was cut."""

    by: SliceBy
    names: Sequence[str]
    """What the slices are called."""
    codes: Codes
    """Of each item, the place of its slice's name; -1 where it is in none."""

    def parts(self) -> Iterator[tuple[str, Rows]]:
        """Yield the slices with the places of their items."""
        order = np.argsort(self.codes, kind="stable")
        ends = np.searchsorted(self.codes[order], np.arange(len(self.names) + 1))
        for place, name in enumerate(self.names):
            yield name, order[ends[place] : ends[place + 1]]

    def sorted(self) -> "Cut":
        """Return the same with the names in their order."""
        order = np.argsort(np.array(self.names, dtype=np.str_), kind="stable")
        places = np.append(np.argsort(order), _NOWHERE).astype(np.int16)
        return Cut(by=self.by, names=[self.names[place] for place in order], codes=places[self.codes])


Cuts = dict[tuple[str, SliceBy], Cut]
"""By data set and column."""


def cuts_for(measurements: Sequence[MeasurementWanted], loaded: Mapping[str, LoadedDataset]) -> Cuts:
    """Return all cuts that gates need. Raises EvaluationFailure."""
    found: Cuts = {}
    total = 0
    for wanted in measurements:
        data = loaded.get(wanted.dataset)
        if data is None:
            continue
        for by in wanted.slices:
            key = (wanted.dataset, by)
            found[key] = found.get(key) or _Reader(wanted.name, data, by).cut()
            if "query" in FACTS[OfflineMetric(wanted.metric)].columns:
                _Reader(wanted.name, data, by).check_queries(found[key])
        count = sum(len(found[wanted.dataset, by].names) for by in wanted.slices)
        total += count
        if count > MOST_SLICES or total > MOST_SLICES_OF_ALL:
            raise _too_many(wanted, count, total)
    return found


def _too_many(wanted: MeasurementWanted, count: int, total: int) -> EvaluationFailure:
    some = f"{count} slices, at most {MOST_SLICES} are looked at"
    if count <= MOST_SLICES:
        some = f"{count} slices, {total} with the gates before it, at most {MOST_SLICES_OF_ALL} are looked at in all"
    message = f"gate {wanted.name} has {some}: {_CURE}"
    return EvaluationFailure("TooManySlices", message, field=f"spec.evaluation.gates[{wanted.name}].slices.by")


@dataclass(frozen=True)
class _Reader:
    """Reads one column for one gate."""

    gate: str
    data: LoadedDataset
    by: SliceBy

    def cut(self) -> Cut:
        """Return the items' slices. Raises EvaluationFailure."""
        code, names = self._coding()
        try:
            with opened(self.data.path, self.data.layout) as file:
                if self.by.column not in file.schema.names:
                    self._refuse("ColumnMissing", f"has no column {self.by.column!r}: its columns are", file.schema)
                batches = file.batches([self.by.column], LARGE_ROWS)
                codes = [code(self._known(batch.column(0))) for batch in batches]
        except (ArrowException, OSError) as error:
            self._refuse("DatasetUnreadable", f"cannot be read ({first_line(error)})")
        cut = Cut(by=self.by, names=names(), codes=np.concatenate(codes))
        return cut if self.by.names is not None else cut.sorted()

    def check_queries(self, cut: Cut) -> None:
        """Refuse a cut through the results of one query. Raises EvaluationFailure."""
        queries = self.data.queries
        if queries is None:
            return
        count = torn(queries, cut.codes)
        if count:
            what = f"has {count:,} queries with results in more than one slice by {self.by.column!r}"
            self._refuse("SliceTearsQuery", f"{what}: cut rankings by a column that is one for all results of a query")

    def _coding(self) -> tuple[Callable[[Any], Codes], Callable[[], Sequence[str]]]:
        """Return what gives each value its slice's place, and the names in the end."""
        fixed = self.by.names
        if self.by.values is not None:
            places = {value: place for place, value in enumerate(self.by.values)}
            return partial(self._by_value, lambda name: places.get(name, _NOWHERE)), lambda: fixed or ()
        if fixed is None:
            seen: dict[str, int] = {}
            return partial(self._by_value, partial(self._place, seen)), lambda: [self.by.named(name) for name in seen]
        edges = np.array([float(edge) for edge in self.by.edges or self.by.lengths or ()])
        measure_of = self._number if self.by.edges is not None else self._length
        return lambda column: _small(np.searchsorted(edges, measure_of(column), side="right")), lambda: fixed

    def _known(self, column: Any) -> Any:  # noqa: ANN401 -- pyarrow
        """Return a column in which each item has a value."""
        plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        floating = pa.types.is_floating(plain.type)
        if plain.null_count or (floating and pc.any(pc.is_nan(plain)).as_py()):
            what = f"has rows without a value in column {self.by.column!r}"
            self._refuse("SliceValueMissing", f"{what}: give them one that says so, or leave them out")
        return plain

    def _by_value(self, place: Callable[[str], int], column: Any) -> Codes:  # noqa: ANN401 -- pyarrow
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
            self._refuse("ColumnType", f"has values of type {column.type} in column {self.by.column!r}: {_PLAIN}")
        coded = column.dictionary_encode()
        places = np.array([place(class_name(value)) for value in coded.dictionary.to_pylist()], dtype=np.int64)
        return _small(places[coded.indices.to_numpy()])

    def _place(self, seen: dict[str, int], name: str) -> int:
        """Return the place of a value; as soon as there are too many, there is no use in reading on."""
        if len(name) > _LONGEST:
            what = f"has values of more than {_LONGEST} characters in column {self.by.column!r}"
            self._refuse("SliceValueTooLong", f"{what}: cut texts by lengths")
        found = seen.setdefault(name, len(seen))
        if found >= MOST_SLICES:
            what = f"has more than {MOST_SLICES} different values in column {self.by.column!r}"
            self._refuse("TooManySlices", f"{what}: {_CURE}")
        return found

    def _number(self, column: Any) -> Any:  # noqa: ANN401 -- pyarrow
        if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
            what = f"has values of type {column.type} in column {self.by.column!r}, which edges cut by numbers"
            self._refuse("ColumnType", f"{what}: use values, or lengths for texts")
        return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)

    def _length(self, column: Any) -> Any:  # noqa: ANN401 -- pyarrow
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            what = f"has values of type {column.type} in column {self.by.column!r}, which lengths cut by texts"
            self._refuse("ColumnType", f"{what}: use values, or edges for numbers")
        return pc.utf8_length(column).to_numpy(zero_copy_only=False)

    def _refuse(self, reason: str, what: str, schema: Any = None) -> NoReturn:  # noqa: ANN401 -- pyarrow
        columns = "" if schema is None else f" {', '.join(schema.names)[:300]}"
        field = f"spec.evaluation.gates[{self.gate}].slices.by[{self.by.column}]"
        raise EvaluationFailure(reason, f"data set {self.data.source.name} {what}{columns}", field=field)


def _small(places: Any) -> Codes:  # noqa: ANN401 -- an array of any whole numbers
    return np.asarray(places, dtype=np.int16)


def measure_with_slices(wanted: MeasurementWanted, scored: Scored, cuts: Cuts) -> Measurement:
    """Return what the gate wants to know, of the whole set and of its slices. Raises EvaluationFailure."""
    whole = measure(wanted, scored)
    if not wanted.slices:
        return whole
    found = [
        _part(wanted, scored.take(rows), (by.column, name))
        for by in wanted.slices
        for name, rows in cuts[wanted.dataset, by].parts()
    ]
    return whole.model_copy(update={"sliced_by": wanted.slices, "slices": tuple(found)})


def _part(wanted: MeasurementWanted, scored: Scored, named: tuple[str, str]) -> SliceMeasurement:
    """Return what was measured in a slice; one in which there is nothing to compare has no item that counts."""
    column, name = named
    items = len(scored.data)
    try:
        found = measure(wanted, scored) if items else None
    except EvaluationFailure as failure:
        if failure.reason != _ONE_CLASS:
            raise
        found = None
    if found is None:
        return SliceMeasurement(column=column, name=name, n=items, denominator=0)
    numbers = {field: getattr(found, field) for field in Counted.model_fields}
    return SliceMeasurement(column=column, name=name, **numbers)
