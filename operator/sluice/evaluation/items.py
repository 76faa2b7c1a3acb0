"""The table of items: number and id, true class, group, and what each model said of it (null where it failed).

`seen` is how alike the most similar item of the training data is, where a gate asks for that (null without a text).
`<arm>` is the predicted class; `<arm>_number` and `<arm>_score_<class>` are there where the model gave them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from sluice.adapters.reading import LARGE_ROWS
from sluice.evaluation.classes import Classes
from sluice.evaluation.measuring import Scored
from sluice.evaluation.scores import Scores


def table(scored: Scored) -> pl.DataFrame:
    """Return the whole table."""
    return pl.DataFrame(pl.from_arrow(pa.Table.from_batches(list(batches(scored)))))


def write(scored: Scored, path: Path) -> None:
    """Write the table as Parquet, never holding more than a batch of it."""
    from pyarrow import parquet  # noqa: PLC0415 -- only who writes needs it

    writer = None
    for batch in batches(scored):
        writer = writer or parquet.ParquetWriter(path, batch.schema, compression="zstd")
        writer.write_batch(batch)
    if writer is not None:
        writer.close()


def batches(scored: Scored) -> Iterator[Any]:
    """Yield record batches of the table, in the order of the items."""
    first = 0
    for ids in _ids(scored):
        rows = np.arange(first, first + ids.num_rows)
        yield _batch(scored, rows, ids)
        first += ids.num_rows


def _ids(scored: Scored) -> Iterator[Any]:
    """Yield batches with the column of ids; without such a column they have no column, only rows."""
    name, data = scored.data.source.id, scored.data
    if name is not None:
        yield from data.read(lambda column: column == name, LARGE_ROWS)
        return
    for first in range(0, len(data), LARGE_ROWS):
        rows = min(LARGE_ROWS, len(data) - first)
        yield pa.RecordBatch.from_arrays([pa.nulls(rows)], ["none"])


def _batch(scored: Scored, rows: Any, ids: Any) -> Any:  # noqa: ANN401 -- places of items; pyarrow
    data = scored.data
    columns = {"item": pa.array(rows if data.rows is None else data.rows[rows])}
    if data.source.id is not None:
        columns["id"] = ids.column(0)
    columns["label"] = _texts(data.labels.take(rows))
    groups = {"query": data.queries, "cluster": data.clusters}
    columns |= {name: pa.array(found[rows]) for name, found in groups.items() if found is not None}
    if data.seen is not None:
        columns["seen"] = pa.array(data.seen[rows], from_pandas=True)
    for arm, scores in (("candidate", scored.candidate), ("champion", scored.champion)):
        if scores is not None:
            columns |= _said(arm, scores.take(rows))
    return pa.RecordBatch.from_pydict(columns)


def _said(arm: str, scores: Scores) -> dict[str, Any]:
    found = {} if scores.numbers is None else {f"{arm}_number": scores.numbers}
    found |= {f"{arm}_score_{name}": column for name, column in (scores.probabilities or {}).items()}
    return {arm: _texts(scores.predicted)} | {
        name: pa.array(column, from_pandas=True) for name, column in found.items()
    }


def _texts(classes: Classes) -> Any:  # noqa: ANN401 -- pyarrow
    """Return the names, each looked up once."""
    used, places = np.unique(classes.codes, return_inverse=True)
    names = pa.array([None if code < 0 else classes.names[code] for code in used.tolist()], pa.string())
    return names.take(pa.array(places))
