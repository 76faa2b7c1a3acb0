"""A data set read again for what tables of items leave out: texts, names of queries, how many items there are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from sluice.core.timeline import printable
from sluice.ports import Rejected

_TEXT = 200
_SAMPLE = 200


def told(path: Path | None, label: str, items: Sequence[int]) -> Mapping[int, str]:
    """Return the items' text, shortened: of the column with the longest texts; nothing where there is none."""
    if path is None or not items:
        return {}
    try:
        frame = _scanned(path)
        names = [name for name, kind in frame.collect_schema().items() if kind == pl.String and name != label]
        if not names:
            return {}
        lengths = frame.select(names).head(_SAMPLE).collect().select(pl.col(names).str.len_chars().mean()).row(0)
    except (pl.exceptions.PolarsError, OSError):
        return {}
    return texts(path, max(zip(lengths, names, strict=True), key=lambda pair: pair[0] or 0.0)[1], items)


def texts(path: Path | None, column: str, items: Sequence[int]) -> Mapping[int, str]:
    """Return what stands in a column, shortened, by the number of the item; nothing where it cannot be read."""
    if path is None or not items:
        return {}
    try:
        found = _scanned(path).select(pl.col(column).cast(pl.String)).with_row_index("item")
        rows = streamed(found.filter(pl.col("item").is_in(items)))
    except (pl.exceptions.PolarsError, OSError):
        return {}
    return {item: _short(text) for item, text in rows.iter_rows() if text}


def count_rows(path: Path) -> int:
    """Return how many items a data set has. Raises Rejected."""
    try:
        return int(streamed(_scanned(path).select(pl.len())).item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Rejected(f"{printable(str(path))} cannot be read ({type(error).__name__}): is it whole?") from error


def streamed(frame: pl.LazyFrame) -> pl.DataFrame:
    """Return the frame, read a batch at a time."""
    return frame.collect(engine="streaming")


def _scanned(path: Path) -> pl.LazyFrame:
    match path.suffix:
        case ".csv":
            return pl.scan_csv(path)
        case ".jsonl" | ".ndjson":
            return pl.scan_ndjson(path)
        case _:
            return pl.scan_parquet(path)


def _short(text: str) -> str:
    plain = printable(text)
    return plain if len(plain) <= _TEXT else plain[: _TEXT - 1].rstrip() + "…"
