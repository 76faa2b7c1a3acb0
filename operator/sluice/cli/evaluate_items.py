"""What the evaluation's tables of items tell a person: who confuses what with what, and which items went wrong.

Polars does the work; only here is it imported by the command line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import polars as pl

from sluice.api.offline_metric import FACTS
from sluice.api.plan import Evaluation, Gate
from sluice.core.timeline import printable

MOST_CLASSES = 12
MOST_EXAMPLES = 20
FAILED = "(failed)"
"""What stands for the prediction of a model that raised an error."""
_TEXT = 200
_SAMPLE = 200


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """How many items of each class (rows) were predicted as what (columns), by arm."""

    actual: Sequence[str]
    predicted: Sequence[str]
    candidate: Mapping[tuple[str, str], int]
    champion: Mapping[tuple[str, str], int] | None


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
    """The first of the worse ones: those that a failed gate is about, or with the greatest growth of the error."""


@dataclass(frozen=True, kw_only=True)
class _Split:
    worse: pl.DataFrame
    """In the order in which they are worth a look."""
    better: int
    confusion: Confusion | None


def items_of(evaluation: Evaluation, failed: Sequence[Gate], folder: Path, data: Mapping[str, Path]) -> list[Items]:
    """Return what the tables in `folder` tell. Items that made gates in `failed` fail come first among examples."""
    found = []
    for dataset in evaluation.datasets:
        gates = [gate for gate in evaluation.gates if gate.dataset == dataset.name]
        split = _split(folder / f"items-{dataset.name}.parquet", gates, [gate for gate in failed if gate in gates])
        if split is not None:
            shown = split.worse.head(MOST_EXAMPLES)
            texts = _texts(data.get(dataset.name), dataset.columns.label, shown["item"].to_list())
            examples = [_example(row, texts) for row in shown.iter_rows(named=True)]
            found.append(
                Items(
                    dataset=dataset.name,
                    confusion=split.confusion,
                    worse=split.worse.height,
                    better=split.better,
                    examples=examples,
                )
            )
    return found


def _split(path: Path, gates: Sequence[Gate], failed: Sequence[Gate]) -> _Split | None:
    """Return what a table tells; None when it is about neither a few classes nor numbers."""
    if not path.is_file():
        return None
    table = pl.read_parquet(path)
    said = [name for name in ("candidate", "champion") if name in table.columns]
    if not {"item", "label", "candidate"} <= set(table.columns):
        return None
    facts = [FACTS[gate.metric] for gate in gates]
    if facts and all(one.of_numbers for one in facts):
        return _by_number(table, said)
    about_classes = any(not one.of_numbers and not one.columns for one in facts)
    words = all(table[name].dtype == pl.String for name in ("label", *said))
    return _by_class(table, said, failed) if about_classes and words else None


def _by_class(table: pl.DataFrame, said: Sequence[str], failed: Sequence[Gate]) -> _Split | None:
    classes = pl.concat([table[name].alias("class") for name in ("label", *said)]).n_unique()
    if classes > MOST_CLASSES:
        return None
    table = table.with_columns(pl.col(said).fill_null(FAILED))
    right = {name: pl.col(name) == pl.col("label") for name in said}
    was = right.get("champion")
    worse, better = ~right["candidate"], right["candidate"]
    if was is not None:
        worse, better = worse & was, better & ~was
    return _Split(
        worse=table.filter(worse).with_columns(last=~_telling(failed)).sort("last", "item"),
        better=table.filter(better).height,
        confusion=_confusion(table, said),
    )


def _by_number(table: pl.DataFrame, said: Sequence[str]) -> _Split:
    """Return the items by how much the error grew; an item that a model failed on has an infinite one."""
    label = pl.col("label").cast(pl.Float64, strict=False)
    errors = {name: (pl.col(name).cast(pl.Float64, strict=False) - label).abs().fill_null(inf) for name in said}
    growth = errors["candidate"] - errors.get("champion", pl.lit(0.0))
    table = table.with_columns(growth=growth.fill_nan(0.0)).with_columns(pl.col(said).cast(pl.String).fill_null(FAILED))
    worse = table.filter(pl.col("growth") > 0).sort("growth", "item", descending=[True, False])
    return _Split(worse=worse, better=table.filter(pl.col("growth") < 0).height, confusion=None)


def _confusion(table: pl.DataFrame, said: Sequence[str]) -> Confusion:
    names = {name for arm in said for name in table[arm].unique()}
    actual = sorted(table["label"].unique())
    return Confusion(
        actual=actual,
        predicted=[*actual, *sorted(names - set(actual))],
        candidate=_cells(table, "candidate"),
        champion=_cells(table, "champion") if "champion" in said else None,
    )


def _cells(table: pl.DataFrame, arm: str) -> Mapping[tuple[str, str], int]:
    return {(label, said): count for label, said, count in table.group_by("label", arm).len().iter_rows()}


def _telling(failed: Sequence[Gate]) -> pl.Expr:
    """Return whether an item is one of those that a failed gate is about."""
    about = pl.lit(value=False)
    for gate in failed:
        cell = gate.params.model_dump(by_alias=True, exclude_none=True)
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


def _texts(path: Path | None, label: str, items: Sequence[int]) -> Mapping[int, str]:
    """Return the items' text, shortened: of the column with the longest texts; nothing where there is none."""
    if path is None or not items:
        return {}
    try:
        frame = _scanned(path)
        names = [name for name, kind in frame.collect_schema().items() if kind == pl.String and name != label]
        if not names:
            return {}
        lengths = frame.select(names).head(_SAMPLE).collect().select(pl.col(names).str.len_chars().mean()).row(0)
        column = max(zip(lengths, names, strict=True), key=lambda pair: pair[0] or 0.0)[1]
        rows = frame.select(column).with_row_index("item").filter(pl.col("item").is_in(items)).collect()
    except (pl.exceptions.PolarsError, OSError):
        return {}
    return {item: _short(text) for item, text in rows.iter_rows() if text}


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
