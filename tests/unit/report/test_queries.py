"""Queries one by one on the page: how many lose and gain, all of them as bars, and those that lose most by name."""

import re
from pathlib import Path

import polars as pl
import pytest

from sluice.api.evaluation_result import Measurement, parse_document
from sluice.report.differences import differences
from sluice.report.page import page
from sluice.report.queries import MOST_BARS, Queries, Query, queries_of, queries_path
from tests.support import evaluations as make
from tests.support.evaluated import found
from tests.support.markup import Markup

GATE = make.gate(name="ranking", metric="mrr", vsChampion={"maxDrop": "0.05"})
MEASURED = make.measurement(name="ranking", metric="mrr", difference=make.estimate(-0.1, -0.2, 0.0))
CHAMPION, CANDIDATE = [1.0, 0.5, 0.5, 1.0, 0.25], [0.5, 0.5, 1.0, 0.25, 0.25]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of results: five queries with two items each."""
    firsts = {"query": range(5), "item": range(0, 10, 2)}
    table = pl.DataFrame({**firsts, "champion": CHAMPION, "candidate": CANDIDATE})
    table.write_parquet(queries_path(tmp_path, "ranking"))
    names = [name for name in ("ann", "bob", "cid", "<dan>", "eve") for _ in range(2)]
    pl.DataFrame({"query": names, "label": [1, 0] * 5}).write_parquet(tmp_path / "holdout.parquet")
    return tmp_path


def read(folder: Path, *, named: bool = True) -> Queries:
    result = parse_document(make.document(MEASURED))
    (queries,) = queries_of(result, folder, {"holdout": folder / "holdout.parquet"} if named else {})
    return queries


def test_queries_are_counted_sorted_and_named(folder: Path) -> None:
    assert read(folder) == Queries(
        gate="ranking",
        worse=2,
        better=1,
        same=2,
        bars=[-0.75, -0.5, 0.0, 0.0, 0.5],
        losing=[Query(name="<dan>", champion=1.0, candidate=0.25), Query(name="ann", champion=1.0, candidate=0.5)],
    )


def test_queries_whose_names_may_not_be_shown_have_numbers(folder: Path) -> None:
    assert [one.name for one in read(folder, named=False).losing] == ["number 3", "number 0"]


def test_the_page_says_who_pays_for_the_mean(folder: Path) -> None:
    made = page(found(make.evaluation(GATE), MEASURED, folder=folder))
    shown = Markup.of(made).text
    assert "Query by query: ranking Of 5 queries 2 lose, 1 gain, and 2 stay as they are" in shown
    assert "a mean change of -0.1000 (-0.2000 … +0)" in shown
    assert "<dan> 1.0000 → 0.2500 ann 1.0000 → 0.5000" in shown
    assert "&lt;dan&gt;" in made


def test_without_champion_there_is_nothing_to_compare(folder: Path) -> None:
    alone = parse_document(make.document(make.alone(MEASURED), champion=None))
    assert queries_of(alone, folder, {}) == []
    assert queries_of(parse_document(make.document(make.measurement())), folder, {}) == []


def test_of_very_many_queries_neighbours_share_a_bar(tmp_path: Path) -> None:
    many = 10 * MOST_BARS + 1
    champion = pl.Series([0.5] * many)
    table = pl.DataFrame({"query": range(many), "item": range(many), "champion": champion, "candidate": champion - 0.1})
    table.write_parquet(queries_path(tmp_path, "ranking"))
    queries = read(tmp_path, named=False)
    drawn = differences(queries, Measurement.model_validate(MEASURED))
    assert len(queries.bars) <= MOST_BARS
    assert queries.bars == pytest.approx([-0.1] * len(queries.bars))
    assert (queries.total, len(re.findall(r"M[\d.]+ [\d.]+V", drawn))) == (many, len(queries.bars))
