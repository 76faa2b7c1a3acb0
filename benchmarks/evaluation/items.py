"""A data set of very many items: a class, two models' chances of it, and a region, in three parts."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

CHUNK = 500_000
MODELS = {"candidate": ("sha256:" + "a" * 64, "score_a"), "champion": ("sha256:" + "b" * 64, "score_b")}
REGIONS = 3


def write(path: Path, rows: int) -> None:
    """Write the data set, chunk by chunk."""
    writer, left = None, rows
    draw = np.random.default_rng(7)
    while left:
        table = _chunk(draw, min(left, CHUNK))
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
        left -= table.num_rows
    if writer is not None:
        writer.close()


def _chunk(draw: np.random.Generator, rows: int) -> pa.Table:
    truth = draw.random(rows) < 0.3
    shared = draw.normal(size=rows)
    scores = {
        column: 1 / (1 + np.exp(-(2 * truth - 1.5 + 0.7 * shared + noise * draw.normal(size=rows))))
        for (_, column), noise in zip(MODELS.values(), (0.7, 0.9), strict=True)
    }
    regions = draw.choice(REGIONS, rows, p=(0.6, 0.3, 0.1)).astype(np.int8)
    return pa.table({"label": truth.astype(np.int8), **scores, "region": regions})
