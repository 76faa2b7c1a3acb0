"""The digest list of training data: a Parquet file with a fingerprint of each item, and none of its text.

Its metadata names its version, which stands for how fingerprints are made, and the columns that they are made of.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from sluice.adapters.reading import LARGE_ROWS
from sluice.core.fingerprints import HASHES, Signatures, Words, digest, normalised, signatures
from sluice.ports import Rejected

SCHEMA: Final = "sluice.dev/digest-list/v1"
_KEY = b"sluice.digests"
_DIGEST_BYTES, _SIGNATURE_BYTES = 32, 2 * HASHES
_FIELDS: Final = (("digest", _DIGEST_BYTES), ("signature", _SIGNATURE_BYTES))
_CURE = "write it with `sluice digests`"


@dataclass(frozen=True)
class Fingerprints:
    """Fingerprints of some items, a row each."""

    digests: Words
    """SHA-256 in four words."""
    signatures: Signatures

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Fingerprints":
        """Return those of normalised texts."""
        digests = np.frombuffer(b"".join(map(digest, texts)), dtype=np.uint64).reshape(-1, 4)
        return cls(digests, signatures(texts))


@dataclass(frozen=True)
class DigestList:
    """A list whose form was checked."""

    path: Path
    columns: tuple[str, ...]
    """What the text of an item is made of, in order."""
    items: int

    def batches(self) -> Iterator[Fingerprints]:
        """Yield the fingerprints, never all at once. Raises ArrowException, OSError."""
        from pyarrow import parquet  # noqa: PLC0415 -- only who reads lists needs it

        with parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(LARGE_ROWS):
                yield Fingerprints(_numbers(batch["digest"], np.uint64), _numbers(batch["signature"], np.uint16))


def read(path: Path) -> DigestList:
    """Return the list in a file. Raises Rejected with what it is instead, and the cure."""
    from pyarrow import parquet  # noqa: PLC0415 -- as above

    try:
        with parquet.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise Rejected(f"is no readable Parquet file ({type(error).__name__}): {_CURE}") from error
    said = (schema.metadata or {}).get(_KEY)
    if said is None:
        raise Rejected(f"is Parquet, and no digest list: {_CURE}")
    if [(field.name, field.type) for field in schema] != [(name, pa.binary(size)) for name, size in _FIELDS]:
        raise Rejected(f"has other columns than a digest list: {_CURE}")
    version, columns = _told(said)
    if version != SCHEMA:
        raise Rejected(
            f"is a digest list of version {version[:60]}, this Sluice reads {SCHEMA}: {_CURE} of this version"
        )
    if not rows or not columns:
        raise Rejected(f"has no items: {_CURE} of the data that the model was trained on")
    return DigestList(path, columns, rows)


def _told(said: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        told = json.loads(said)
        return str(told["schema"]), tuple(map(str, told["columns"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Rejected(f"has metadata that says nothing: {_CURE}") from error


def write(path: Path, columns: Sequence[str], texts: Iterator[Sequence[str]]) -> int:
    """Write the list of the items with these texts, and return how many; those without a text are left out."""
    from pyarrow import parquet  # noqa: PLC0415 -- as above

    said = json.dumps({"schema": SCHEMA, "columns": list(columns)})
    schema = pa.schema([(name, pa.binary(size)) for name, size in _FIELDS], {_KEY: said.encode()})
    items = 0
    plain = {"compression": "none", "use_dictionary": False}
    with path.open("wb") as file, parquet.ParquetWriter(file, schema, **plain) as writer:
        for part in texts:
            found = Fingerprints.of([text for text in part if text])
            rows = [_binary(found.digests, _DIGEST_BYTES), _binary(found.signatures, _SIGNATURE_BYTES)]
            writer.write_batch(pa.RecordBatch.from_arrays(rows, schema=schema))
            items += len(found.digests)
    return items


def texts_of(batch: Any, columns: Sequence[str]) -> list[str]:  # noqa: ANN401 -- a record batch of pyarrow
    """Return the normalised text of each item; columns of numbers and times count as they are written."""
    parts = [_plain(batch[name]).cast(pa.string()).to_pylist() for name in columns]
    return [normalised(values) for values in zip(*parts, strict=True)]


def unfit(schema: Any, columns: Sequence[str]) -> str:  # noqa: ANN401 -- a schema of pyarrow
    """Say which column has no text to fingerprint; empty when all have."""
    for name in columns:
        if name not in schema.names:
            return f"has no column {name!r}: its columns are {', '.join(schema.names)[:300]}"
        kind = schema.field(name).type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            return f"has values of type {kind} in column {name!r}: texts, numbers, times and truth values have digests"
    return ""


def _plain(column: Any) -> Any:  # noqa: ANN401 -- pyarrow
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _binary(rows: Any, size: int) -> Any:  # noqa: ANN401 -- an array; pyarrow
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(rows), [None, pa.py_buffer(rows.tobytes())])


def _numbers(column: Any, kind: Any) -> Any:  # noqa: ANN401 -- pyarrow; a type of numpy; an array
    """Return the rows of a column of bytes as numbers."""
    size = column.type.byte_width
    content = np.frombuffer(column.buffers()[1], dtype=np.uint8)[column.offset * size :][: len(column) * size]
    return content.view(kind).reshape(len(column), -1)
