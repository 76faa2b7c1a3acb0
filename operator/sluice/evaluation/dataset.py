"""A pinned data set: a file whose bytes and columns were checked, read in batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import ArrowException

from sluice.adapters.model_folder import file_digest
from sluice.api.evaluation_spec import DatasetInput
from sluice.evaluation.failure import EvaluationFailure, first_line
from sluice.evaluation.intervals.interval import Floats, Integers
from sluice.evaluation.reading import FORMATS, format_of, opened, read_columns
from sluice.evaluation.scores import class_name


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedDataset:
    """A data set on disk, its digest and columns known to be right."""

    source: DatasetInput
    path: Path
    layout: str = "Parquet"
    labels: tuple[str, ...]
    """The true class of each item."""
    numbers: Floats | None = None
    """The label of each item as a number; None when it is none."""
    queries: Integers | None = None
    """The query of each item, numbered from 0."""
    clusters: Integers | None = None
    """The cluster of each item, numbered from 0."""

    def batches(self) -> Iterator[Any]:
        """Yield pandas frames of the columns other than the label, in order. Raises EvaluationFailure."""
        try:
            with opened(self.path, self.layout) as file:
                for batch in file.batches([name for name in file.schema.names if name != self.source.label]):
                    yield batch.to_pandas()
        except (ArrowException, OSError) as error:
            raise _unreadable(self.source, self.layout, error) from error


def load(source: DatasetInput, path: Path) -> LoadedDataset:
    """Check the file's digest, then the columns that have a meaning. Raises EvaluationFailure."""
    if not path.stat().st_size:
        raise _failure(source, "DatasetEmpty", "is an empty file: an evaluation needs items")
    layout = format_of(source.uri, path)
    if layout is None:
        what = f"has a name of unknown ending ({source.uri[-40:]}): known are {', '.join(FORMATS)}"
        raise _failure(source, "DatasetFormatUnknown", what)
    _check_digest(source, path)
    try:
        with opened(path, layout) as file:
            _check_names(source, file.schema.names)
        table = read_columns(path, layout, _columns(source))
    except (ArrowException, OSError) as error:
        raise _unreadable(source, layout, error) from error
    if not table.num_rows:
        raise _failure(source, "DatasetEmpty", "has no rows: an evaluation needs items")
    return LoadedDataset(
        source=source,
        path=path,
        layout=layout,
        **_labels(source, table[source.label]),
        queries=_numbered(source, table, source.query, "query"),
        clusters=_numbered(source, table, source.cluster, "cluster"),
    )


def _failure(source: DatasetInput, reason: str, what: str, *, column: str = "") -> EvaluationFailure:
    field = f"spec.evaluation.datasets[{source.name}]" + (f".columns.{column}" if column else "")
    return EvaluationFailure(reason, f"data set {source.name} {what}", field=field)


def _unreadable(source: DatasetInput, layout: str, error: Exception) -> EvaluationFailure:
    what = f"is no readable {layout} file ({first_line(error)}): is it whole, does its name end as its format does?"
    return _failure(source, "DatasetUnreadable", what)


def _check_digest(source: DatasetInput, path: Path) -> None:
    found = f"sha256:{file_digest(path)}"
    if found != source.digest:
        what = f"has digest {found}, the plan pins {source.digest}: pin the new file, or put the old one back"
        raise _failure(source, "DatasetDigestMismatch", what)


def _columns(source: DatasetInput) -> list[str]:
    """Return the columns that have a meaning, each once."""
    return list(dict.fromkeys(name for name in (source.label, source.query, source.cluster) if name is not None))


def _check_names(source: DatasetInput, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _failure(source, "ColumnTwice", f"has more than one column {twice[0]!r}: rename all but one")
    for meaning, name in (("label", source.label), ("query", source.query), ("cluster", source.cluster)):
        if name is not None and name not in names:
            what = f"has no column {name!r}: its columns are {', '.join(names)[:300]}"
            raise _failure(source, "ColumnMissing", what, column=meaning)


def _labels(source: DatasetInput, column: Any) -> dict[str, Any]:  # noqa: ANN401 -- pyarrow
    kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        what = f"has values of type {kind} in column {source.label!r}: a label is text, a number or a truth value"
        raise _failure(source, "ColumnType", what, column="label")
    values = column.to_pylist()
    blank = sum(value is None or value != value for value in values)  # noqa: PLR0124 -- NaN
    if blank:
        what = f"has {blank} rows without a value in column {source.label!r}: give them one, or leave them out"
        raise _failure(source, "LabelMissing", what, column="label")
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    return {
        "labels": tuple(class_name(value) for value in values),
        "numbers": np.array(values, dtype=np.float64) if numeric else None,
    }


def _numbered(source: DatasetInput, table: Any, name: str | None, meaning: str) -> Integers | None:  # noqa: ANN401
    """Return the number of each item's group, in the order of first appearance."""
    if name is None:
        return None
    encoded = table[name].combine_chunks().dictionary_encode()
    if encoded.null_count:
        what = f"has {encoded.null_count} rows without a value in column {name!r}: give them one, or leave them out"
        raise _failure(source, f"{meaning.capitalize()}Missing", what, column=meaning)
    return np.asarray(encoded.indices.to_numpy(), dtype=np.int64)
