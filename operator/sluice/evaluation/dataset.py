"""A pinned data set: a file whose bytes and columns were checked, read in batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ArrowException

from sluice.adapters.pinned import mismatch
from sluice.adapters.reading import BATCH_ROWS, FORMATS, format_of, opened, read_columns
from sluice.api.evaluation_spec import DatasetInput
from sluice.evaluation.classes import Classes, Rows
from sluice.evaluation.failure import EvaluationFailure, first_line
from sluice.evaluation.intervals.interval import Floats, Integers

MOST_SHOWN = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedDataset:
    """A data set on disk, its digest and columns known to be right."""

    source: DatasetInput
    path: Path
    layout: str = "Parquet"
    labels: Classes
    """The true class of each item."""
    numbers: Floats | None = None
    """The label of each item as a number; None when it is none."""
    queries: Integers | None = None
    """The query of each item, numbered from 0."""
    clusters: Integers | None = None
    """The cluster of each item, numbered from 0."""
    raters: tuple[Classes, ...] = ()
    """What each rater said of each item; no class where they said nothing."""
    seen: Floats | None = None
    """How alike the most similar item of the training data is, NaN without a text; None when nobody asks."""
    rows: Integers | None = None
    """Which rows of the file these items are, in order; None when they are all."""

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Rows) -> "LoadedDataset":
        """Return some of the items."""
        places = np.arange(len(self)) if self.rows is None else self.rows
        return replace(
            self,
            labels=self.labels.take(rows),
            numbers=None if self.numbers is None else self.numbers[rows],
            queries=None if self.queries is None else _renumbered(self.queries[rows]),
            clusters=None if self.clusters is None else _renumbered(self.clusters[rows]),
            raters=tuple(rater.take(rows) for rater in self.raters),
            seen=None if self.seen is None else self.seen[rows],
            rows=places[rows],
        )

    def batches(self) -> Iterator[Any]:
        """Yield pandas frames of the columns that models get, in order. Raises EvaluationFailure."""
        return (batch.to_pandas() for batch in self.inputs())

    def inputs(self) -> Iterator[Any]:
        """Yield the same as record batches."""
        said = (name for one in self.source.predictions for name in one.columns)
        known = {self.source.label, *self.source.raters, *said}
        return self.read(lambda name: name not in known)

    def read(self, wanted: Callable[[str], bool], rows: int = BATCH_ROWS) -> Iterator[Any]:
        """Yield record batches of some columns, in order. Raises EvaluationFailure."""
        try:
            with opened(self.path, self.layout) as file:
                first = 0
                for batch in file.batches([name for name in file.schema.names if wanted(name)], rows):
                    yield self._kept(batch, first)
                    first += batch.num_rows
        except (ArrowException, OSError) as error:
            raise _unreadable(self.source, self.layout, error) from error

    def _kept(self, batch: Any, first: int) -> Any:  # noqa: ANN401 -- pyarrow
        """Return the rows of a batch that are items of this; `first` is the batch's first row in the file."""
        if self.rows is None:
            return batch
        start, end = np.searchsorted(self.rows, (first, first + batch.num_rows))
        return batch.take(pa.array(self.rows[start:end] - first))


def load(source: DatasetInput, path: Path) -> LoadedDataset:
    """Check the file's digest, then the columns that have a meaning. Raises EvaluationFailure."""
    if not path.stat().st_size:
        raise _failure(source, "DatasetEmpty", "is an empty file: an evaluation needs items")
    layout = format_of(source.uri, path)
    if layout is None:
        what = f"has a name of unknown ending ({source.uri[-40:]}): known are {', '.join(FORMATS)}"
        raise _failure(source, "DatasetFormatUnknown", what)
    if other := mismatch(path, source.digest):
        raise _failure(source, "DatasetDigestMismatch", other)
    try:
        with opened(path, layout) as file:
            _check_names(source, file.schema.names)
        table = read_columns(path, layout, _columns(source))
    except (ArrowException, OSError) as error:
        raise _unreadable(source, layout, error) from error
    if not table.num_rows:
        raise _failure(source, "DatasetEmpty", "has no rows: an evaluation needs items")
    _check_ids(source, table)
    return LoadedDataset(
        source=source,
        path=path,
        layout=layout,
        **_labels(source, table[source.label]),
        queries=_numbered(source, table, source.query, "query"),
        clusters=_numbered(source, table, source.cluster, "cluster"),
        raters=tuple(_classes(source, table[name], name, "raters") for name in source.raters),
    )


def _failure(source: DatasetInput, reason: str, what: str, *, column: str = "") -> EvaluationFailure:
    field = f"spec.evaluation.datasets[{source.name}]" + (f".columns.{column}" if column else "")
    return EvaluationFailure(reason, f"data set {source.name} {what}", field=field)


def _unreadable(source: DatasetInput, layout: str, error: Exception) -> EvaluationFailure:
    what = f"is no readable {layout} file ({first_line(error)}): is it whole, does its name end as its format does?"
    return _failure(source, "DatasetUnreadable", what)


def _columns(source: DatasetInput) -> list[str]:
    """Return the columns that have a meaning, each once."""
    named = (source.label, source.query, source.cluster, source.id, *source.raters)
    return list(dict.fromkeys(name for name in named if name is not None))


def _check_names(source: DatasetInput, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _failure(source, "ColumnTwice", f"has more than one column {twice[0]!r}: rename all but one")
    meant = [(meaning, getattr(source, meaning)) for meaning in ("label", "query", "cluster", "id")]
    meant += [("raters", name) for name in source.raters]
    for meaning, name in meant + [("predictions", name) for one in source.predictions for name in one.columns]:
        if name is not None and name not in names:
            what = f"has no column {name!r}: its columns are {', '.join(names)[:300]}"
            raise _failure(source, "ColumnMissing", what, column=meaning)


def _check_ids(source: DatasetInput, table: Any) -> None:  # noqa: ANN401 -- pyarrow
    """Refuse items that are there twice: each would count as two, and as more evidence than there is."""
    if source.id is None:
        return
    column = _filled(source, table, source.id, "id")
    if pc.count_distinct(column).as_py() == table.num_rows:
        return
    counted = pc.value_counts(column)
    again = counted.filter(pc.greater(counted.field("counts"), 1))
    shown = ", ".join(f"{one['values']!s:.40} ({one['counts']} times)" for one in again[:MOST_SHOWN].to_pylist())
    more = f" and {len(again) - MOST_SHOWN} more" if len(again) > MOST_SHOWN else ""
    what = f"has items more than once in column {source.id!r}: {shown}{more}: keep one row of each"
    raise _failure(source, "IdTwice", what, column="id")


def _filled(source: DatasetInput, table: Any, name: str, meaning: str) -> Any:  # noqa: ANN401 -- pyarrow
    """Return a column of plain values without gaps."""
    column = table[name]
    if pa.types.is_nested(column.type):
        what = f"has values of type {column.type} in column {name!r}: it takes text or numbers"
        raise _failure(source, "ColumnType", what, column=meaning)
    blank = column.null_count + _not_numbers(column)
    if blank:
        what = f"has {blank} rows without a value in column {name!r}: give them one, or leave them out"
        raise _failure(source, f"{meaning.capitalize()}Missing", what, column=meaning)
    return column


def _not_numbers(column: Any) -> int:  # noqa: ANN401 -- pyarrow
    """Return how many of the values are NaN."""
    return (pc.sum(pc.is_nan(column)).as_py() or 0) if pa.types.is_floating(column.type) else 0


def _labels(source: DatasetInput, column: Any) -> dict[str, Any]:  # noqa: ANN401 -- pyarrow
    labels, kind = _classes(source, column, source.label, "label"), column.type
    blank = int(labels.missing.sum())
    if blank:
        what = f"has {blank} rows without a value in column {source.label!r}: give them one, or leave them out"
        raise _failure(source, "LabelMissing", what, column="label")
    numeric = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    return {"labels": labels, "numbers": column.cast(pa.float64(), safe=False).to_numpy() if numeric else None}


def _classes(source: DatasetInput, column: Any, name: str, meaning: str) -> Classes:  # noqa: ANN401 -- pyarrow
    """Return the class that each item's value names; none where it is blank."""
    kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        what = f"has values of type {kind} in column {name!r}: it takes text, numbers or truth values"
        raise _failure(source, "ColumnType", what, column=meaning)
    if pa.types.is_floating(kind):
        return Classes.of_numbers(column.to_numpy().astype(np.float64))
    plain = column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
    coded = plain.combine_chunks().dictionary_encode()
    return Classes.coded(coded.dictionary.to_pylist(), coded.indices.fill_null(-1).to_numpy())


def _renumbered(groups: Integers) -> Integers:
    """Return the numbers without gaps, in the same order."""
    seen = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.int64)
    seen[groups] = 1
    return np.asarray((np.cumsum(seen) - 1)[groups], dtype=np.int64)


def _numbered(source: DatasetInput, table: Any, name: str | None, meaning: str) -> Integers | None:  # noqa: ANN401
    """Return the number of each item's group, in the order of first appearance."""
    if name is None:
        return None
    encoded = _filled(source, table, name, meaning).combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(), dtype=np.int64)
