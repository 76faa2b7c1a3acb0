"""A pinned data set: a Parquet file whose bytes were checked, read in batches. Nothing in it is ever unpickled."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyarrow import ArrowException

from sluice.api.evaluation_spec import DatasetInput
from sluice.evaluation.failure import EvaluationFailure, first_line

BATCH_ROWS = 512


@dataclass(frozen=True, kw_only=True)
class LoadedDataset:
    """A data set on disk, its digest and columns known to be right."""

    source: DatasetInput
    path: Path
    labels: tuple[str, ...]

    def batches(self) -> Iterator[Any]:
        """Yield pandas frames of the columns other than the label, in order."""
        with pq.ParquetFile(self.path) as file:
            columns = [name for name in file.schema_arrow.names if name != self.source.label]
            for batch in file.iter_batches(BATCH_ROWS, columns=columns):
                yield batch.to_pandas()


def load(source: DatasetInput, path: Path) -> LoadedDataset:
    """Check the file's digest, then its label column. Raises EvaluationFailure."""
    _check_digest(source, path)
    try:
        with pq.ParquetFile(path) as file:
            labels = _labels(source, file)
    except (ArrowException, OSError) as error:
        raise _failure(source, "DatasetUnreadable", f"is no readable Parquet file ({first_line(error)})") from error
    return LoadedDataset(source=source, path=path, labels=labels)


def _failure(source: DatasetInput, reason: str, what: str) -> EvaluationFailure:
    field = f"spec.evaluation.datasets[{source.name}]"
    return EvaluationFailure(reason, f"data set {source.name} {what}", field=field)


def _check_digest(source: DatasetInput, path: Path) -> None:
    with path.open("rb") as file:
        found = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    if found != source.digest:
        what = f"has digest {found}, the plan pins {source.digest}: pin the new file, or put the old one back"
        raise _failure(source, "DatasetDigestMismatch", what)


def _labels(source: DatasetInput, file: pq.ParquetFile) -> tuple[str, ...]:
    names = file.schema_arrow.names
    if source.label not in names:
        what = f"has no column {source.label!r}: its columns are {', '.join(names)[:300]}"
        raise _failure(source, "ColumnMissing", what)
    if not file.metadata.num_rows:
        raise _failure(source, "DatasetEmpty", "has no rows")
    column = file.read([source.label])[source.label]
    values = column.to_pylist()
    blank = sum(value is None or value != value for value in values)  # noqa: PLR0124 -- NaN
    if blank:
        raise _failure(source, "LabelMissing", f"has {blank} rows without a value in column {source.label!r}")
    return tuple(class_name(value) for value in values)


def class_name(value: object) -> str:
    """Return the name of a class, the same whether it comes as text, a number or a number of numpy's."""
    plain = value.item() if hasattr(value, "item") else value
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)
