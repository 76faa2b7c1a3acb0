"""Files of items as batches of columns: Parquet, CSV, JSON Lines, by the name's ending. Nothing is ever unpickled."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

BATCH_ROWS = 512
"""Rows that a model gets at once."""
LARGE_ROWS = 65_536
"""Rows that are read at once where no model is asked."""
FORMATS = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".csv": "CSV",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
}
_BLOCK_BYTES = 16 << 20
_PARQUET = b"PAR1"


def format_of(name: str, path: Path) -> str | None:
    """Return the format of a file by the name it was published under; Parquet also by its first bytes."""
    with path.open("rb") as file:
        parquet = file.read(len(_PARQUET)) == _PARQUET
    ending = Path(name).suffix.lower()
    return FORMATS.get(ending, "Parquet" if parquet or not ending else None)


@dataclass(frozen=True)
class Opened:
    """A file that is open for reading, once."""

    schema: Any
    """Names and types of its columns."""
    batches: Callable[[list[str], int], Iterator[Any]]
    """Record batches of some columns, in order, of so many rows at most."""


def read_columns(path: Path, layout: str, columns: list[str]) -> Any:  # noqa: ANN401 -- a pyarrow Table
    """Return some columns of a file. Raises ArrowException, OSError."""
    with opened(path, layout) as file:
        kept = pa.schema([file.schema.field(name) for name in columns])
        return pa.Table.from_batches(file.batches(columns, LARGE_ROWS), kept)


@contextmanager
def opened(path: Path, layout: str) -> Iterator[Opened]:
    """Open a file. Raises ArrowException, OSError, also while its batches are read."""
    with closing({"Parquet": _parquet, "CSV": _csv, "JSON Lines": _json}[layout](path)) as reader:
        if layout == "Parquet":
            yield Opened(reader.schema_arrow, lambda columns, rows: reader.iter_batches(rows, columns=columns))
        else:
            yield Opened(reader.schema, lambda columns, rows: _pieces(reader, columns, rows))


def _pieces(reader: Any, columns: list[str], rows: int) -> Iterator[Any]:  # noqa: ANN401 -- pyarrow
    for batch in reader:
        for start in range(0, batch.num_rows, rows):
            yield batch.select(columns).slice(start, rows)


def _parquet(path: Path) -> Any:  # noqa: ANN401 -- pyarrow
    from pyarrow import parquet  # noqa: PLC0415 -- each format's reader only where it is used

    return parquet.ParquetFile(path)


def _csv(path: Path) -> Any:  # noqa: ANN401 -- pyarrow
    from pyarrow import csv  # noqa: PLC0415 -- as above

    blanks = csv.ConvertOptions(null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False)
    return csv.open_csv(path, read_options=csv.ReadOptions(block_size=_BLOCK_BYTES), convert_options=blanks)


def _json(path: Path) -> Any:  # noqa: ANN401 -- pyarrow
    from pyarrow import json  # noqa: PLC0415 -- as above

    return json.open_json(path, read_options=json.ReadOptions(block_size=_BLOCK_BYTES))
