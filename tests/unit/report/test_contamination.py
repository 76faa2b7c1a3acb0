"""Items of a data set that are in the training data, as the page shows them."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sluice.report.page import page
from tests.support import evaluations as make
from tests.support.evaluated import found

SEEN = [0.91, None, 1.0, 0.2, 0.75, 0.0]
TEXTS = ["it broke", "", "never <b>again</b>", "lovely", "works", "nice"]


def shown(folder: Path, *similarities: str, seen: list[Any] | None = None) -> str:
    """Return the page of a plan with gates on contamination."""
    labels = ["positive"] * len(TEXTS)
    table = {"item": range(len(TEXTS)), "label": labels, "candidate": labels, "seen": seen or SEEN}
    pl.DataFrame(table, schema_overrides={"seen": pl.Float64}).write_parquet(folder / "items-holdout.parquet")
    pl.DataFrame({"text": TEXTS, "label": labels}).write_parquet(folder / "holdout.parquet")
    flat = {"metric": "contaminatedShare", "candidate": make.estimate(0.4, 0.4, 0.4, "counted")}
    measured = [
        make.alone(make.measurement(name=f"g{number}", params={"similarity": one}, **flat))
        for number, one in enumerate(similarities)
    ]
    gates = [
        make.gate(name=f"g{number}", metric="contaminatedShare", params={"similarity": one})
        for number, one in enumerate(similarities)
    ]
    return page(found(make.evaluation(*gates, make.gate(min="0.5")), *measured, folder=folder))


def test_items_are_counted_and_the_most_alike_come_first(tmp_path: Path) -> None:
    text = shown(tmp_path, "0.8")

    assert "Items in the training data: holdout" in text
    assert "2 of 5: 1 word for word, 1 nearly (similarity from 0.8). Shown are 2, the most alike first" in text
    assert text.index("item 2: word for word</small><br>never &lt;b&gt;again") < text.index(
        "item 0: similarity 0.91</small><br>it broke"
    )
    assert "works" not in text


def test_of_several_gates_the_least_similarity_is_shown(tmp_path: Path) -> None:
    assert "3 of 5: 1 word for word, 2 nearly (similarity from 0.7)" in shown(tmp_path, "1", "0.7")


def test_a_clean_set_is_said_to_be_clean(tmp_path: Path) -> None:
    assert "<p>None of 6.</p>" in shown(tmp_path, "0.8", seen=[0.1] * 6)


@pytest.mark.parametrize("seen", [None, SEEN])
def test_nothing_is_said_where_nobody_asks(tmp_path: Path, seen: list[Any] | None) -> None:
    assert "training data" not in shown(tmp_path, seen=seen)
