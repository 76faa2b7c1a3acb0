"""Slices of a data set: which items are in which, what is refused, and that each is measured as if it were alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sluice.api.evaluation_spec import MeasurementWanted
from sluice.api.slices import SliceBy
from sluice.evaluation.classes import Classes
from sluice.evaluation.dataset import LoadedDataset, load
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.measuring import Scored, measure
from sluice.evaluation.scores import Scores
from sluice.evaluation.slicing import cuts_for, measure_with_slices
from tests.unit.evaluation.builders import source_of, wanted

ITEMS = pl.DataFrame(
    {
        "label": ["good", "bad", "good", "bad", "good", "bad"],
        "language": ["de", "en", "de", "fr", "en", "de"],
        "store": [2, 10, 2, 2, 10, 2],
        "price": [9.99, 10.0, -5.0, 100.0, 0.0, 10.5],
        "text": ["", "äöü", "four", "exactly10!", "x" * 50, "12345678901"],
        "query": ["a", "a", "b", "b", "c", "c"],
        "blank": ["de", None, "de", "fr", "en", "de"],
        "holes": [1.0, float("nan"), 2.0, 3.0, 4.0, 5.0],
        "per_query": ["x", "x", "y", "y", "x", "x"],
    }
)

Loader = Callable[..., LoadedDataset]


@pytest.fixture
def loaded(tmp_path: Path) -> Loader:
    def load_it(table: pl.DataFrame = ITEMS, ending: str = "parquet", **fields: Any) -> LoadedDataset:
        path = tmp_path / f"items.{ending}"
        write: dict[str, Callable[[Path], object]] = {
            "parquet": table.write_parquet,
            "csv": table.write_csv,
            "jsonl": table.write_ndjson,
        }
        write[ending](path)
        return load(source_of(path, **fields), path)

    return load_it


def sliced(*by: dict[str, Any], metric: str = "accuracy", **fields: Any) -> MeasurementWanted:
    parts = tuple(SliceBy.model_validate(one) for one in by)
    return wanted(metric, **fields).model_copy(update={"slices": parts})


def items(data: LoadedDataset, by: dict[str, Any]) -> dict[str, list[int]]:
    order = sliced(by)
    (cut,) = cuts_for([order], {"holdout": data}).values()
    return {name: np.asarray(rows).tolist() for name, rows in cut.parts()}


@pytest.mark.parametrize(
    ("by", "want"),
    [
        pytest.param(
            {"column": "language"},
            {"language=de": [0, 2, 5], "language=en": [1, 4], "language=fr": [3]},
            id="each value, in the order of their names",
        ),
        pytest.param(
            {"column": "language", "values": ["fr", "it", "de"]},
            {"language=fr": [3], "language=it": [], "language=de": [0, 2, 5]},
            id="some values, one of which nobody has",
        ),
        pytest.param({"column": "store"}, {"store=10": [1, 4], "store=2": [0, 2, 3, 5]}, id="whole numbers as values"),
        pytest.param({"column": "store", "values": ["2"]}, {"store=2": [0, 2, 3, 5]}, id="a whole number by name"),
        pytest.param(
            {"column": "price", "edges": ["0", "10", "100"]},
            {
                "price < 0": [2],
                "0 ≤ price < 10": [0, 4],
                "10 ≤ price < 100": [1, 5],
                "price ≥ 100": [3],
            },
            id="buckets begin with their edge",
        ),
        pytest.param(
            {"column": "store", "edges": ["500"]}, {"store < 500": [*range(6)], "store ≥ 500": []}, id="empty"
        ),
        pytest.param(
            {"column": "text", "lengths": [4, 11]},
            {
                "length of text < 4": [0, 1],
                "4 ≤ length of text < 11": [2, 3],
                "length of text ≥ 11": [4, 5],
            },
            id="lengths in characters, not bytes",
        ),
    ],
)
@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_which_items_are_in_which_slice(loaded: Loader, by: dict[str, Any], want: Any, ending: str) -> None:
    table = ITEMS.select("label", "language", "store", "price", "text")
    if ending == "csv" and by["column"] == "text":
        table = table.with_columns(pl.when(pl.col("text") == "").then(pl.lit("-")).otherwise("text").alias("text"))
    assert items(loaded(table, ending), by) == want


@pytest.mark.parametrize(
    ("by", "reason", "message"),
    [
        pytest.param(
            {"column": "country"},
            "ColumnMissing",
            "data set holdout has no column 'country': its columns are label, language, store",
            id="no such column",
        ),
        pytest.param(
            {"column": "blank"},
            "SliceValueMissing",
            "data set holdout has rows without a value in column 'blank': give them one that says so, or leave them",
            id="items without a value",
        ),
        pytest.param({"column": "holes", "edges": ["1"]}, "SliceValueMissing", "without a value in", id="NaN"),
        pytest.param(
            {"column": "language", "edges": ["1"]},
            "ColumnType",
            "has values of type large_string in column 'language', which edges cut by numbers: use values, or lengths",
            id="edges of texts",
        ),
        pytest.param(
            {"column": "price", "lengths": [1]},
            "ColumnType",
            "has values of type double in column 'price', which lengths cut by texts: use values, or edges for numbers",
            id="lengths of numbers",
        ),
    ],
)
def test_what_cannot_be_cut_is_refused_with_the_cure(
    loaded: Loader, by: dict[str, Any], reason: str, message: str
) -> None:
    with pytest.raises(EvaluationFailure) as refused:
        items(loaded(), by)

    assert refused.value.reason == reason
    assert message in refused.value.message
    assert refused.value.field == f"spec.evaluation.gates[gate].slices.by[{by['column']}]"


def test_a_column_of_lists_is_refused(loaded: Loader) -> None:
    table = ITEMS.with_columns(pl.Series("tags", [["a"]] * 6))
    with pytest.raises(EvaluationFailure, match="has values of type large_list"):
        items(loaded(table), {"column": "tags"})


def test_too_many_values_are_refused_with_the_cure(loaded: Loader) -> None:
    many = pl.DataFrame({"label": ["a"] * 101, "user": [*range(101)]})
    with pytest.raises(EvaluationFailure, match="more than 100 different values in column 'user': name the values"):
        items(loaded(many), {"column": "user"})
    assert len(items(loaded(many[:100]), {"column": "user"})) == 100


def test_texts_are_no_slices(loaded: Loader) -> None:
    long = pl.DataFrame({"label": ["a", "b"], "text": ["x" * 201, "y"]})
    with pytest.raises(EvaluationFailure, match="values of more than 200 characters in column 'text': cut texts by"):
        items(loaded(long), {"column": "text"})


def test_the_slices_of_a_gate_and_of_all_gates_are_bounded(loaded: Loader) -> None:
    many = pl.DataFrame({"label": ["a"] * 60, "user": [*range(60)], "item": [*range(60)]})
    data = {"holdout": loaded(many)}
    both = sliced({"column": "user"}, {"column": "item"})
    with pytest.raises(EvaluationFailure, match="gate gate has 120 slices, at most 100 are looked at: name the values"):
        cuts_for([both], data)

    one = sliced({"column": "user"})
    assert len(cuts_for([one] * 13, data)) == 1
    with pytest.raises(EvaluationFailure, match="60 slices, 840 with the gates before it, at most 800 are looked at"):
        cuts_for([one] * 14, data)


def test_a_ranking_is_not_cut_through_a_query(loaded: Loader) -> None:
    table = ITEMS.with_columns(pl.Series("label", [1, 0, 1, 0, 0, 1]))
    data = {"holdout": loaded(table, query="query")}

    (cut,) = cuts_for([sliced({"column": "per_query"}, metric="mrr")], data).values()
    assert {name: list(rows) for name, rows in cut.parts()} == {"per_query=x": [0, 1, 4, 5], "per_query=y": [2, 3]}
    with pytest.raises(EvaluationFailure, match="2 queries with results in more than one slice by 'store': cut rank"):
        cuts_for([sliced({"column": "store"}, metric="mrr")], data)
    assert cuts_for([sliced({"column": "store"})], data)


def _scored(data: LoadedDataset, seed: int) -> Scored:
    chance = np.random.default_rng(seed)

    def said() -> Scores:
        picks = chance.choice(["good", "bad", ""], len(data), p=[0.5, 0.4, 0.1])
        return Scores(predicted=Classes.of(pick or None for pick in picks), examples=())

    return Scored(data=data, candidate=said(), champion=said())


def test_a_slice_is_measured_as_if_it_were_the_whole_set(loaded: Loader, tmp_path: Path) -> None:
    table = pl.concat([ITEMS] * 40)
    data = loaded(table, cluster="query")
    both = _scored(data, 1)
    order = sliced({"column": "language"}, {"column": "price", "edges": ["10"]})

    found = measure_with_slices(order, both, cuts_for([order], {"holdout": data}))

    assert found.sliced_by == order.slices
    assert [one.name for one in found.slices] == [
        "language=de", "language=en", "language=fr", "price < 10", "price ≥ 10",
    ]  # fmt: skip
    whole = measure(order, both)
    assert found.model_copy(update={"sliced_by": (), "slices": ()}) == whole
    for one in found.slices[:3]:
        rows = np.flatnonzero((table["language"] == one.name.removeprefix("language=")).to_numpy())
        part = table[rows.tolist()]
        (tmp_path / "part").mkdir(exist_ok=True)
        part.write_parquet(tmp_path / "part" / "items.parquet")
        path = tmp_path / "part" / "items.parquet"
        alone = Scored(
            data=load(source_of(path, cluster="query"), path),
            candidate=both.candidate.take(rows),
            champion=both.champion.take(rows) if both.champion else None,
        )
        assert found.on(one) == measure(order, alone)


def test_a_slice_in_which_nothing_can_be_compared_counts_no_item(loaded: Loader) -> None:
    table = pl.concat([ITEMS] * 5)
    data = loaded(table)
    order = sliced({"column": "language", "values": ["de", "fr", "it"]}, metric="balancedAccuracy")

    found = measure_with_slices(order, _scored(data, 2), cuts_for([order], {"holdout": data}))

    assert [(one.name, one.n, one.denominator, one.candidate is None) for one in found.slices] == [
        ("language=de", 15, 15, False),
        ("language=fr", 5, 0, True),
        ("language=it", 0, 0, True),
    ]
