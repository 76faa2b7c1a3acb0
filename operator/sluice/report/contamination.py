"""What a table of items tells of training data: how many items are in it, and those that are most alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sluice.api.evaluation_result import DatasetInfo, EvaluationResult
from sluice.report.items import MOST_EXAMPLES, table_path
from sluice.report.source import streamed, told


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An item that is in the training data: its number (from 0), how alike the most similar item there is, a piece."""

    item: int
    likeness: float
    """1 for the same text."""
    text: str


@dataclass(frozen=True, kw_only=True)
class Contamination:
    """How many items of a data set are in the training data."""

    dataset: str
    same: int
    near: int
    items: int
    """Items that have a text."""
    similarity: float
    """From which likeness on an item counts; of several gates the least."""
    examples: Sequence[Seen]


def contamination_of(result: EvaluationResult, folder: Path, sources: Mapping[str, Path]) -> Sequence[Contamination]:
    """Return what the tables of items in a folder tell; texts are shown of data sets whose files are given."""
    asked: dict[str, float] = {}
    for one in result.measurements:
        if "similarity" in one.params:
            asked[one.dataset] = min(float(one.params["similarity"]), asked.get(one.dataset, 1.0))
    found = ((result.dataset(name), similarity) for name, similarity in asked.items())
    return [
        _contamination(data, similarity, table_path(folder, data.name), sources.get(data.name))
        for data, similarity in found
        if data is not None and data.training is not None
    ]


def _contamination(data: DatasetInfo, similarity: float, table: Path, source: Path | None) -> Contamination:
    seen = pl.col("seen")
    frame = pl.scan_parquet(table).select("item", "seen").drop_nulls()
    there = frame.filter(seen >= similarity).sort("seen", "item", descending=[True, False])
    counts = streamed(frame.select(same=(seen == 1).sum(), all=(seen >= similarity).sum(), items=pl.len()))
    first = streamed(there.head(MOST_EXAMPLES))
    texts = told(source, data.label, first["item"].to_list())
    same, counted, items = counts.row(0)
    return Contamination(
        dataset=data.name,
        same=same,
        near=counted - same,
        items=items,
        similarity=similarity,
        examples=[Seen(item=item, likeness=alike, text=texts.get(item, "")) for item, alike in first.iter_rows()],
    )
