"""Coded classes: the same as names in a list, and some of the items are the same as those picked from lists."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sluice.evaluation.classes import Classes, Coder
from sluice.evaluation.dataset import load
from sluice.evaluation.measuring import measure
from tests.unit.evaluation.builders import classes, numbers, probabilities, scored, source_of, wanted

SAID = ["b", None, "a", "b", "c"]


def test_questions_to_coded_classes_are_those_to_a_list() -> None:
    found, labels = Classes.of(SAID), Classes.of(["b", "b", "c", "a", "c"])

    assert found.tolist() == SAID
    assert found.present == ["a", "b", "c"]
    assert found.are("b").tolist() == [True, False, False, True, False]
    assert not found.are("d").any()
    assert found.missing.tolist() == [False, True, False, False, False]
    assert found.like(labels).tolist() == labels.like(found).tolist() == [True, False, False, False, True]
    assert found.columns(["c", "b"]).tolist() == [1, -1, -1, 1, 0]


def test_nothing_is_not_like_nothing() -> None:
    assert not Classes.of([None]).like(Classes.of([None])).any()


@pytest.mark.parametrize(
    ("values", "want"),
    [
        pytest.param([0.5, 2.0, np.nan, 0.5], ["0.5", "2", None, "0.5"], id="fractions"),
        pytest.param([-0.0, 0.0], ["0", "0"], id="zero has one name"),
    ],
)
def test_numbers_are_named_when_asked(values: list[float], want: list[str | None]) -> None:
    found = Classes.of_numbers(np.array(values))

    assert found.tolist() == want
    assert found.are("0.5").tolist() == [name == "0.5" for name in want]


def test_many_classes_take_more_bytes_than_few() -> None:
    assert [Classes.of(map(str, range(names))).codes.dtype for names in (2, 128, 129, 40_000)] == [
        *(np.int8, np.int8, np.int16, np.int32)
    ]


@pytest.mark.parametrize(
    ("values", "numeric"),
    [
        pytest.param([1, True, None, 2.5], True, id="numbers and truth values"),
        pytest.param([1, "1"], False, id="a text that looks like one"),
        pytest.param([1, Decimal(1)], False, id="a decimal number of Python's"),
    ],
)
def test_a_coder_knows_whether_all_were_numbers(values: list[Any], numeric: bool) -> None:  # noqa: FBT001 -- a case
    coder = Coder()
    codes = coder.code(values)

    assert coder.numeric == numeric
    assert [None if code < 0 else coder.names[code] for code in codes] == Classes.of(values).tolist()


@pytest.mark.parametrize("rows", [np.array([False, True, True, False, True]), np.array([1, 2, 4])])
def test_some_items_are_measured_as_if_they_were_all(rows: Any) -> None:
    places = [1, 2, 4]
    one = scored([3.0, 1.0, 2.0, 0.0, 5.0], numbers(3, 2, None, 0, 4), numbers(1, 1, 1, 1, 1), clusters=[0, 1, 1, 2, 4])
    two = scored([1.0, 2.0, 5.0], numbers(2, None, 4), numbers(1, 1, 1), clusters=[0, 0, 1])

    assert measure(wanted("mae"), one.take(rows)) == measure(wanted("mae"), two)
    assert one.take(rows).data.clusters.tolist() == [0, 0, 1]  # type: ignore[union-attr]
    assert one.take(rows).candidate.predicted.tolist() == [one.candidate.predicted.tolist()[place] for place in places]


def test_some_items_keep_their_scores_and_their_queries() -> None:
    table = probabilities([1], yes=[0.1, 0.2, 0.9], no=[0.9, 0.8, 0.1])
    some = scored(["yes", "no", "yes"], table, classes("no", "no", None), queries=[0, 1, 2]).take(np.array([1, 2]))

    assert some.candidate.probabilities is not None
    assert some.champion is not None
    assert np.isnan(some.candidate.probabilities["yes"]).tolist() == [True, False]
    assert (some.candidate.failures, some.champion.failures) == (1, 1)
    assert some.data.queries.tolist() == [0, 1]  # type: ignore[union-attr]


def test_some_items_are_read_from_their_rows_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    pl.DataFrame({"x": range(1300), "label": ["a", "b"] * 650}).write_parquet(path)
    whole = load(source_of(path), path)
    some = whole.take(np.arange(1300) % 400 == 3).take(np.array([1, 3]))

    assert [frame["x"].tolist() for frame in some.batches()] == [[403], [], [1203]]
    assert some.labels.tolist() == ["b", "b"]
