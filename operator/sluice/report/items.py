"""What the evaluation's tables of items tell a person: who confuses what with what, and which items went wrong.

Polars does the work, in streams: a table may have millions of rows, and only counts and a few rows leave it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import polars as pl

from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.report.source import streamed, told

MOST_CLASSES = 12
MOST_EXAMPLES = 20
BINS = 10
FAILED = "(failed)"
"""What stands for the prediction of a model that raised an error."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of items, `items-<data set>.parquet`, and what is to be looked for in it."""

    dataset: str
    path: Path
    metrics: Sequence[OfflineMetric]
    """What is measured on the data set."""
    telling: Sequence[Mapping[str, str]] = ()
    """Parameters of metrics: items in one of these cells or of one of these classes come first among examples."""
    source: Path | None = None
    """The data set itself, whose texts may be shown."""
    label: str = "label"
    """The column of the data set that holds the truth: no text to show."""


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """How many items of each class (rows) were predicted as what (columns), by arm."""

    actual: Sequence[str]
    predicted: Sequence[str]
    candidate: Mapping[tuple[str, str], int]
    champion: Mapping[tuple[str, str], int] | None


@dataclass(frozen=True, kw_only=True)
class Bin:
    """The items on which a model is about as sure: how sure on the mean, the share that is right, how many."""

    confidence: float
    right: float
    items: int


@dataclass(frozen=True, kw_only=True)
class Example:
    """An item that the candidate has wrong: its number (from 0), the truth, what each model said, a piece of it."""

    item: int
    label: str
    champion: str
    candidate: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Items:
    """What there is to tell of one data set whose items have classes, or numbers."""

    dataset: str
    confusion: Confusion | None
    """None where items have numbers."""
    worse: int
    """Items that the candidate has wrong and the champion has not, or with a greater error than the champion's.

    Without champion: all that it has wrong.
    """
    better: int
    """The other way round."""
    examples: Sequence[Example]
    """The first of the worse ones: those that are asked for first, or with the greatest growth of the error."""
    reliability: Mapping[str, Sequence[Bin]]
    """By arm, for models that give a probability for each class."""


@dataclass(frozen=True, kw_only=True)
class _Split:
    worse: int
    better: int
    first: pl.DataFrame
    """The first of the worse ones, in the order in which they are worth a look."""
    confusion: Confusion | None
    reliability: Mapping[str, Sequence[Bin]]


def table_path(folder: Path, dataset: str) -> Path:
    """Return where the table of a data set's items lies in a folder of results."""
    return folder / f"items-{dataset}.parquet"


def items_of(tables: Sequence[Table]) -> list[Items]:
    """Return what tables tell; those that are about neither a few classes nor numbers are left out."""
    found = []
    for table in tables:
        split = _split(table)
        if split is not None:
            texts = told(table.source, table.label, split.first["item"].to_list())
            found.append(
                Items(
                    dataset=table.dataset,
                    confusion=split.confusion,
                    worse=split.worse,
                    better=split.better,
                    examples=[_example(row, texts) for row in split.first.iter_rows(named=True)],
                    reliability=split.reliability,
                )
            )
    return found


def _split(table: Table) -> _Split | None:
    if not table.path.is_file():
        return None
    frame = pl.scan_parquet(table.path)
    kinds = frame.collect_schema()
    said = [name for name in ("candidate", "champion") if name in kinds]
    if not {"item", "label", "candidate"} <= set(kinds):
        return None
    facts = [FACTS[metric] for metric in table.metrics]
    if facts and all(one.of_numbers for one in facts):
        return _by_number(frame, said)
    about_classes = any(not one.of_numbers and "query" not in one.columns for one in facts)
    words = all(kinds[name] == pl.String for name in ("label", *said))
    return _by_class(frame, said, table.telling) if about_classes and words else None


def _by_class(frame: pl.LazyFrame, said: Sequence[str], telling: Sequence[Mapping[str, str]]) -> _Split | None:
    frame = frame.with_columns(pl.col(said).fill_null(FAILED))
    names = ("label", *said)
    if max(streamed(frame.select(pl.col(names).n_unique())).row(0)) > MOST_CLASSES:
        return None
    cells = streamed(frame.group_by(names).len())
    if len({name for column in names for name in cells[column].unique()}) > MOST_CLASSES:
        return None
    right = {name: pl.col(name) == pl.col("label") for name in said}
    was = right.get("champion")
    worse, better = ~right["candidate"], right["candidate"]
    if was is not None:
        worse, better = worse & was, better & ~was
    first = frame.filter(worse).with_columns(last=~_telling(telling)).sort("last", "item").head(MOST_EXAMPLES)
    return _Split(
        worse=_count(cells, worse),
        better=_count(cells, better),
        first=streamed(first),
        confusion=_confusion(cells, said),
        reliability={arm: bins for arm in said if (bins := _reliability(frame, arm))},
    )


def _reliability(frame: pl.LazyFrame, arm: str) -> Sequence[Bin]:
    """Return the bins of a model's confidence in what it says; nothing for scores that are no probabilities."""
    scores = [name for name in frame.collect_schema().names() if name.startswith(f"{arm}_score_")]
    if not scores:
        return ()
    sure = pl.col("sure")
    binned = (
        frame.select(sure=pl.max_horizontal(scores), right=pl.col(arm) == pl.col("label"))
        .drop_nulls("sure")
        .group_by(bin=(sure * BINS).floor().clip(0, BINS - 1), probable=sure.is_between(0, 1))
        .agg(confidence=sure.mean(), right=pl.col("right").mean(), items=pl.len())
    )
    found = streamed(binned.sort("bin"))
    if not found["probable"].all():
        return ()
    return [Bin(**row) for row in found.select("confidence", "right", "items").iter_rows(named=True)]


def _by_number(frame: pl.LazyFrame, said: Sequence[str]) -> _Split:
    """Return the items by how much the error grew; an item that a model failed on has an infinite one."""
    label = pl.col("label").cast(pl.Float64, strict=False)
    errors = {name: (pl.col(name).cast(pl.Float64, strict=False) - label).abs().fill_null(inf) for name in said}
    growth = errors["candidate"] - errors.get("champion", pl.lit(0.0))
    frame = frame.with_columns(growth=growth.fill_nan(0.0)).with_columns(pl.col(said).cast(pl.String).fill_null(FAILED))
    counts = streamed(frame.select(worse=(pl.col("growth") > 0).sum(), better=(pl.col("growth") < 0).sum()))
    first = frame.filter(pl.col("growth") > 0).sort("growth", "item", descending=[True, False]).head(MOST_EXAMPLES)
    return _Split(first=streamed(first), confusion=None, reliability={}, **counts.row(0, named=True))


def _count(cells: pl.DataFrame, which: pl.Expr) -> int:
    return int(cells.filter(which)["len"].sum())


def _confusion(cells: pl.DataFrame, said: Sequence[str]) -> Confusion:
    names = {name for arm in said for name in cells[arm].unique()}
    actual = sorted(cells["label"].unique())
    return Confusion(
        actual=actual,
        predicted=[*actual, *sorted(names - set(actual))],
        candidate=_cells(cells, "candidate"),
        champion=_cells(cells, "champion") if "champion" in said else None,
    )


def _cells(cells: pl.DataFrame, arm: str) -> Mapping[tuple[str, str], int]:
    rows = cells.group_by("label", arm).agg(pl.col("len").sum()).iter_rows()
    return {(label, said): count for label, said, count in rows}


def _telling(cells: Sequence[Mapping[str, str]]) -> pl.Expr:
    """Return whether an item is in one of the cells, or of one of the classes."""
    about = pl.lit(value=False)
    for cell in cells:
        if {"actual", "predicted"} <= set(cell):
            about |= (pl.col("label") == cell["actual"]) & (pl.col("candidate") == cell["predicted"])
        elif "class" in cell:
            about |= (pl.col("label") == cell["class"]) | (pl.col("candidate") == cell["class"])
    return about


def _example(row: Mapping[str, object], texts: Mapping[int, str]) -> Example:
    item = int(str(row["item"]))
    return Example(
        item=item,
        label=str(row["label"]),
        champion=str(row.get("champion", "")),
        candidate=str(row["candidate"]),
        text=texts.get(item, ""),
    )
