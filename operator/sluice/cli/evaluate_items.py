"""What the evaluation's tables of items tell a person: who confuses what with what, and which items went wrong.

Polars does the work; only here is it imported by the command line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

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
    """An item that the candidate has wrong: its number (from 0), its class, what each model said, a piece of it."""

    item: int
    label: str
    champion: str
    candidate: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Items:
    """What there is to tell of one data set whose items have classes."""

    dataset: str
    confusion: Confusion
    newly_wrong: int
    """Items that the champion has right and the candidate wrong; without champion, all that it has wrong."""
    newly_right: int
    examples: Sequence[Example]


def items_of(evaluation: Evaluation, failed: Sequence[Gate], folder: Path, data: Mapping[str, Path]) -> list[Items]:
    """Return what the tables in `folder` tell. Items that made gates in `failed` fail come first among examples."""
    found = []
    for dataset in evaluation.datasets:
        table = _table(folder / f"items-{dataset.name}.parquet")
        if table is not None:
            cells = [gate for gate in failed if gate.dataset == dataset.name]
            found.append(_Told(dataset.name, table, dataset.columns.label).of(cells, data.get(dataset.name)))
    return found


def _table(path: Path) -> pl.DataFrame | None:
    """Return the table when it is about classes, few enough to show."""
    if not path.is_file():
        return None
    table = pl.read_parquet(path)
    words = [name for name in ("label", "candidate", "champion") if name in table.columns]
    if not {"item", "label", "candidate"} <= set(table.columns) or any(
        table[name].dtype != pl.String for name in words
    ):
        return None
    classes = pl.concat([table[name].alias("class") for name in words]).n_unique()
    return table.with_columns(pl.col(words[1:]).fill_null(FAILED)) if classes <= MOST_CLASSES else None


@dataclass(frozen=True)
class _Told:
    dataset: str
    table: pl.DataFrame
    label: str

    def of(self, failed: Sequence[Gate], path: Path | None) -> Items:
        wrong = self.table.filter(pl.col("candidate") != pl.col("label"))
        right = self.table.filter(pl.col("candidate") == pl.col("label"))
        if "champion" in self.table.columns:
            wrong = wrong.filter(pl.col("champion") == pl.col("label"))
            right = right.filter(pl.col("champion") != pl.col("label"))
        shown = wrong.with_columns(last=~_telling(failed)).sort("last", "item").head(MOST_EXAMPLES)
        texts = _texts(path, self.label, shown["item"].to_list())
        return Items(
            dataset=self.dataset,
            confusion=self._confusion(),
            newly_wrong=wrong.height,
            newly_right=right.height,
            examples=[_example(row, texts) for row in shown.iter_rows(named=True)],
        )

    def _confusion(self) -> Confusion:
        arms = [arm for arm in ("candidate", "champion") if arm in self.table.columns]
        said = {name for arm in arms for name in self.table[arm].unique()}
        actual = sorted(self.table["label"].unique())
        cells = {arm: _cells(self.table, arm) for arm in arms}
        return Confusion(
            actual=actual,
            predicted=[*actual, *sorted(said - set(actual))],
            candidate=cells["candidate"],
            champion=cells.get("champion"),
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
