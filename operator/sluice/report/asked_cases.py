"""The visible cases of challenge sets as their tables have them: what is expected, and how often models are right."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sluice.api.evaluation_result import EvaluationResult
from sluice.report.items import table_path


@dataclass(frozen=True, kw_only=True)
class AskedCase:
    """A case that may be shown."""

    expected: str
    repeats: int
    candidate_right: int
    champion_right: int | None = None


def cases_of(result: EvaluationResult, folder: Path) -> Mapping[str, Mapping[str, AskedCase]]:
    """Return the cases in a folder of results, by challenge set and name."""
    paths = {one.name: table_path(folder, one.name) for one in result.challenge_sets}
    return {name: _cases(path) for name, path in paths.items() if path.is_file()}


def _cases(path: Path) -> Mapping[str, AskedCase]:
    rows = pl.read_parquet(path).iter_rows(named=True)
    return {row.pop("case"): AskedCase(**row) for row in rows}
