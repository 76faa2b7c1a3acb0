"""Data sets: each format gives the same items, and what is wrong with one is said with field and cure."""

import hashlib
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typing_extensions import override

from sluice.api.evaluation_spec import DatasetInput
from sluice.evaluation.dataset import LoadedDataset, load
from sluice.evaluation.failure import EvaluationFailure

ROWS = pl.DataFrame(
    {"text": ["fine, thanks", "bad", "so so", "bad"], "user": [7, 3, 7, 9], "label": ["good", "bad", "good", "bad"]}
)

Loader = Callable[..., LoadedDataset]


def parquet(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def lines(table: pl.DataFrame) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in table.to_dicts()).encode()


@pytest.fixture
def loaded(tmp_path: Path) -> Loader:
    def load_it(content: bytes, name: str = "items.parquet", **fields: Any) -> LoadedDataset:
        path = tmp_path / "downloaded"
        path.write_bytes(content)
        known = {"digest": f"sha256:{hashlib.sha256(content).hexdigest()}"} | fields
        return load(DatasetInput(name="holdout", uri=f"mlflow-artifacts:/sets/{name}", **known), path)

    return load_it


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("items.parquet", parquet(ROWS), id="Parquet"),
        pytest.param("items", parquet(ROWS), id="Parquet without an ending"),
        pytest.param("items.2026-11", parquet(ROWS), id="Parquet with an ending of its own"),
        pytest.param("items.CSV", ROWS.write_csv().encode(), id="CSV"),
        pytest.param("items.jsonl", lines(ROWS), id="JSON Lines"),
        pytest.param("items.ndjson", lines(ROWS), id="JSON Lines under its other name"),
    ],
)
def test_each_format_gives_the_same_items(name: str, content: bytes, loaded: Loader) -> None:
    found = loaded(content, name, cluster="user")
    frames = [pl.from_pandas(frame) for frame in found.batches()]

    assert pl.concat(frames).equals(ROWS.drop("label"))
    assert found.labels.tolist() == ["good", "bad", "good", "bad"]
    assert found.clusters is not None
    assert found.clusters.tolist() == [0, 1, 0, 2]
    assert found.numbers is None


def test_batches_are_bounded_and_in_order(loaded: Loader) -> None:
    table = pl.DataFrame({"x": range(1300), "label": [1.5] * 1300})
    found = loaded(table.write_csv().encode(), "items.csv")
    frames = list(found.batches())

    assert [len(frame) for frame in frames] == [512, 512, 276]
    assert frames[2]["x"].iloc[-1] == 1299
    assert found.numbers is not None
    assert np.all(found.numbers == 1.5)


def test_one_column_may_have_two_meanings(loaded: Loader) -> None:
    found = loaded(parquet(ROWS), query="user", cluster="user")

    assert found.queries is not None
    assert found.clusters is not None
    assert found.queries.tolist() == found.clusters.tolist()


RATED = pl.DataFrame({"text": ["a", "b", "c"], "label": ["x"] * 3, "anna": ["x", None, "y"], "ben": [3, 1, None]})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.parquet", parquet(RATED), id="Parquet"),
        pytest.param("a.csv", RATED.write_csv().encode(), id="CSV"),
        pytest.param("a.jsonl", lines(RATED), id="JSON Lines"),
        pytest.param("a.parquet", parquet(RATED.cast({"ben": pl.Float64})), id="whole numbers with a fraction's type"),
    ],
)
def test_raters_may_leave_items_out_and_models_do_not_see_them(name: str, content: bytes, loaded: Loader) -> None:
    found = loaded(content, name, raters=("anna", "ben"))

    assert [rater.tolist() for rater in found.raters] == [["x", None, "y"], ["3", "1", None]]
    assert [rater.tolist() for rater in found.take(np.array([0, 2])).raters] == [["x", "y"], ["3", None]]
    assert list(next(found.batches()).columns) == ["text"]


def test_a_rater_who_said_nothing_at_all_is_one(loaded: Loader) -> None:
    found = loaded(parquet(RATED.with_columns(cleo=None)), raters=("cleo",))

    assert [rater.tolist() for rater in found.raters] == [[None, None, None]]


def nested() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"label": [["good"], ["bad"]]}), buffer)
    return buffer.getvalue()


class Bomb:
    """What no reader may ever bring to life."""

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a data file was unpickled",))


def test_items_that_are_there_twice_are_named(loaded: Loader) -> None:
    table = pl.DataFrame({"sku": ["e", "a", "b", "c", "d", "d", "c", "b", "a", "a"], "label": ["x"] * 10})
    with pytest.raises(EvaluationFailure) as refused:
        loaded(parquet(table), id="sku")

    assert refused.value.message == (
        "data set holdout has items more than once in column 'sku': a (3 times), b (2 times), c (2 times) and 1 more:"
        " keep one row of each"
    )


DATA = "spec.evaluation.datasets[holdout]"


@pytest.mark.parametrize(
    ("name", "content", "fields", "want"),
    [
        pytest.param("a.csv", b"", {}, ("DatasetEmpty", DATA), id="an empty file"),
        pytest.param("a.csv", b"text,label\n", {}, ("DatasetEmpty", DATA), id="CSV with a header only"),
        pytest.param("a.parquet", parquet(ROWS.clear()), {}, ("DatasetEmpty", DATA), id="Parquet without rows"),
        pytest.param("a.csv", b"a,label\n1,x\n2\n", {}, ("DatasetUnreadable", DATA), id="CSV with a short row"),
        pytest.param("a.jsonl", b'{"label": "a"}\n{"lab', {}, ("DatasetUnreadable", DATA), id="JSON cut off"),
        pytest.param("a.parquet", b"text,label\n", {}, ("DatasetUnreadable", DATA), id="CSV under Parquet's name"),
        pytest.param("a.pkl", pickle.dumps(Bomb()), {}, ("DatasetFormatUnknown", DATA), id="a pickle"),
        pytest.param("a.parquet", pickle.dumps(Bomb()), {}, ("DatasetUnreadable", DATA), id="a pickle under cover"),
        pytest.param(
            "a.csv", b"text,target\na,b\n", {}, ("ColumnMissing", f"{DATA}.columns.label"), id="no such label column"
        ),
        pytest.param(
            "a.csv",
            b"text,label\na,b\n",
            {"query": "q"},
            ("ColumnMissing", f"{DATA}.columns.query"),
            id="no such query",
        ),
        pytest.param("a.csv", b"label,label\na,b\n", {}, ("ColumnTwice", DATA), id="two columns of one name"),
        pytest.param("a.parquet", nested(), {}, ("ColumnType", f"{DATA}.columns.label"), id="a label that is a list"),
        pytest.param(
            "a.csv", b"text,label\na,\nb,c\n", {}, ("LabelMissing", f"{DATA}.columns.label"), id="CSV: a blank label"
        ),
        pytest.param(
            "a.csv",
            b"text,label\na,nan\nb,1.5\n",
            {},
            ("LabelMissing", f"{DATA}.columns.label"),
            id="CSV: label is NaN",
        ),
        pytest.param(
            "a.jsonl",
            b'{"u": 1, "label": "a"}\n{"label": "b"}\n',
            {"cluster": "u"},
            ("ClusterMissing", f"{DATA}.columns.cluster"),
            id="an item without a cluster",
        ),
        pytest.param(
            "a.csv",
            b"id,label\n7,a\n8,a\n7,b\n",
            {"id": "id"},
            ("IdTwice", f"{DATA}.columns.id"),
            id="an item that is there twice",
        ),
        pytest.param(
            "a.csv", b"id,label\n7,a\n,a\n", {"id": "id"}, ("IdMissing", f"{DATA}.columns.id"), id="an item without id"
        ),
        pytest.param(
            "a.csv",
            b"u,label\n0.5,a\nnan,b\n",
            {"cluster": "u"},
            ("ClusterMissing", f"{DATA}.columns.cluster"),
            id="a cluster that is NaN",
        ),
        pytest.param(
            "a.csv",
            b"label\na\n",
            {"raters": ("anna",)},
            ("ColumnMissing", f"{DATA}.columns.raters"),
            id="no such rater",
        ),
        pytest.param(
            "a.parquet",
            parquet(RATED.with_columns(dora=[["x"], ["y"], None])),
            {"raters": ("dora",)},
            ("ColumnType", f"{DATA}.columns.raters"),
            id="a rating that is a list",
        ),
        pytest.param(
            "a.csv", b"label\na\n", {"id": "sku"}, ("ColumnMissing", f"{DATA}.columns.id"), id="no such id column"
        ),
        pytest.param(
            "a.csv", b"label\na\n", {"digest": "sha256:" + "0" * 64}, ("DatasetDigestMismatch", DATA), id="other bytes"
        ),
    ],
)
def test_bad_data_is_refused(
    name: str, content: bytes, fields: dict[str, Any], want: tuple[str, str], loaded: Loader
) -> None:
    with pytest.raises(EvaluationFailure, match="data set holdout ") as refused:
        loaded(content, name, **fields)

    assert (refused.value.reason, refused.value.field) == want
