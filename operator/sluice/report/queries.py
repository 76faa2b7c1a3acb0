"""What a gate's table of queries tells: how many gain and how many lose, the curve of all, and those that lose most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sluice.api.evaluation_result import EvaluationResult
from sluice.report.source import texts

MOST_BARS = 300
"""More bars than that are thinner than a phone can show: each then stands for some neighbours."""
_MOST_NAMED = 10
_LEAST = 1e-9
"""A smaller difference is none, but how numbers are rounded."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A query: its name, and what it comes to with each model."""

    name: str
    champion: float
    candidate: float


@dataclass(frozen=True, kw_only=True)
class Queries:
    """The queries of a gate under both models."""

    gate: str
    worse: int
    better: int
    same: int
    bars: Sequence[float]
    """Candidate minus champion, ascending: of each query, or the mean of some neighbours."""
    losing: Sequence[Query]
    """The first of those that lose, the worst first."""

    @property
    def total(self) -> int:
        """Number of queries."""
        return self.worse + self.better + self.same


def queries_path(folder: Path, gate: str) -> Path:
    """Return where the table of a gate's queries lies in a folder of results."""
    return folder / f"queries-{gate}.parquet"


def queries_of(result: EvaluationResult, folder: Path, sources: Mapping[str, Path]) -> Sequence[Queries]:
    """Return what the tables in a folder tell; queries are named that are in data sets whose files are given."""
    found = []
    for one in result.measurements:
        path, dataset = queries_path(folder, one.name), result.dataset(one.dataset)
        if one.difference is not None and dataset is not None and path.is_file():
            source = sources.get(one.dataset)
            found.append(_queries(one.name, pl.read_parquet(path), source, dataset.query or ""))
    return found


def _queries(gate: str, frame: pl.DataFrame, source: Path | None, column: str) -> Queries:
    frame = frame.with_columns(change=pl.col("candidate") - pl.col("champion")).sort("change", "query")
    change = frame["change"]
    worse, better = int((change < -_LEAST).sum()), int((change > _LEAST).sum())
    losing = frame.head(min(worse, _MOST_NAMED))
    names = texts(source, column, losing["item"].to_list())
    return Queries(
        gate=gate,
        worse=worse,
        better=better,
        same=len(change) - worse - better,
        bars=_bars(change),
        losing=[
            Query(
                name=names.get(row["item"], f"number {row['query']}"),
                champion=row["champion"],
                candidate=row["candidate"],
            )
            for row in losing.iter_rows(named=True)
        ],
    )


def _bars(ascending: pl.Series) -> Sequence[float]:
    size = -(-len(ascending) // MOST_BARS)
    return [float(ascending[first : first + size].mean()) for first in range(0, len(ascending), size)]  # type: ignore[arg-type]
