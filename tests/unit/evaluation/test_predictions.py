"""Predictions that are in the data set: read as a model's answers, and refused where they are not whole or others'."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from sluice.api.predictions import ModelPredictions
from sluice.evaluation.dataset import LoadedDataset, load
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.items import table
from sluice.evaluation.measuring import Scored
from sluice.evaluation.predictions import predictions_of, read
from tests.unit.evaluation.builders import DIGEST, source_of

Loader = Callable[..., LoadedDataset]
FIELD = "spec.evaluation.datasets[holdout].columns.predictions"


@pytest.fixture
def loaded(tmp_path: Path) -> Loader:
    def make(said: Sequence[ModelPredictions], columns: Any, **fields: Any) -> LoadedDataset:
        path = tmp_path / "items.parquet"
        pl.DataFrame({"x": [1, 2, 3], "label": ["no", "yes", "yes"], **columns}, strict=False).write_parquet(path)
        return load(source_of(path, predictions=tuple(said), **fields), path)

    return make


def said(*columns: str, classes: Sequence[str] = (), digest: str = DIGEST) -> ModelPredictions:
    return ModelPredictions(digest=digest, columns=columns, classes=tuple(classes))


PAIR = ("no", "yes")
CHANCES = {"no": [0.9, 0.25, 0.1], "yes": [0.1, 0.75, 0.9]}


@pytest.mark.parametrize(
    ("where", "columns", "want"),
    [
        pytest.param(said("a"), {"a": ["no", "no", "yes"]}, (["no", "no", "yes"], None), id="classes"),
        pytest.param(
            said("a"),
            {"a": pl.Series(["no", "no", "yes"], dtype=pl.Categorical)},
            (["no", "no", "yes"], None),
            id="classes in a dictionary",
        ),
        pytest.param(said("a"), {"a": [1, 0, 1]}, (["1", "0", "1"], None), id="whole numbers are classes"),
        pytest.param(said("a"), {"a": [True, False, True]}, (["True", "False", "True"], None), id="truth values"),
        pytest.param(
            said("a", classes=PAIR),
            {"a": [0.1, 0.75, 0.9]},
            (["no", "yes", "yes"], CHANCES),
            id="a chance of two classes",
        ),
        pytest.param(said("no", "yes"), CHANCES, (["no", "yes", "yes"], CHANCES), id="scores called as their classes"),
        pytest.param(
            said("a", "b", classes=PAIR),
            {"a": CHANCES["no"], "b": CHANCES["yes"]},
            (["no", "yes", "yes"], CHANCES),
            id="scores of named classes",
        ),
        pytest.param(
            said("a", classes=PAIR),
            {"a": [0.1, np.nan, 0.9]},
            (["no", None, "yes"], {"no": [0.9, None, 0.1], "yes": [0.1, None, 0.9]}),
            id="NaN is a failure of the model",
        ),
    ],
)
def test_columns_are_read_as_a_models_answers(where: ModelPredictions, columns: Any, want: Any, loaded: Loader) -> None:
    found = read(loaded([where], columns), where, arm="candidate")
    known = None
    if found.probabilities is not None:
        known = {name: _plain(scores) for name, scores in found.probabilities.items()}

    assert (found.predicted.tolist(), known) == want


def _plain(scores: Floats) -> list[float | None]:
    return [None if np.isnan(number) else round(number, 9) for number in scores.tolist()]


@pytest.mark.parametrize(
    ("where", "columns", "want"),
    [
        pytest.param(
            said("a"),
            {"a": ["no", None, "yes"]},
            ("PredictionMissing", "has no prediction of the champion in column 'a' for item 1"),
            id="an item without its pair",
        ),
        pytest.param(said("a"), {"a": [["no"], ["no"], ["yes"]]}, ("ColumnType", "has values of type"), id="lists"),
        pytest.param(
            said("a", "b"),
            {"a": ["x", "y", "z"], "b": [1, 2, 3]},
            ("ColumnType", "has values of type"),
            id="text as a score",
        ),
    ],
)
def test_what_is_not_whole_is_refused(where: ModelPredictions, columns: Any, want: Any, loaded: Loader) -> None:
    data = loaded([where], columns)
    with pytest.raises(EvaluationFailure, match=want[1]) as refused:
        read(data, where, arm="champion")

    assert (refused.value.reason, refused.value.field) == (want[0], FIELD)


def test_predictions_of_other_versions_are_none_of_this_one(loaded: Loader) -> None:
    data = loaded([said("a")], {"a": ["no", "no", "yes"]})
    with pytest.raises(EvaluationFailure, match="none of the candidate, whose digest is sha256:bbb") as refused:
        predictions_of(data, "sha256:" + "b" * 64, arm="candidate")

    assert (refused.value.reason, refused.value.field) == ("PredictionsMissing", FIELD)


def test_columns_of_predictions_must_be_there(loaded: Loader) -> None:
    with pytest.raises(EvaluationFailure, match="has no column 'b'") as refused:
        loaded([said("a"), said("b", digest="sha256:" + "b" * 64)], {"a": ["no", "no", "yes"]})

    assert (refused.value.reason, refused.value.field) == ("ColumnMissing", FIELD)


def test_no_model_is_shown_what_another_said(loaded: Loader) -> None:
    data = loaded([said("a")], {"a": ["no", "no", "yes"]})

    assert [list(frame.columns) for frame in data.batches()] == [["x"]]


def test_the_table_of_items_shows_their_ids(loaded: Loader) -> None:
    data = loaded([said("a")], {"a": ["no", "no", "yes"], "sku": ["p", "q", "r"]}, id="sku", cluster="x")
    found = read(data, data.source.predictions[0], arm="candidate")
    want = pl.DataFrame(
        {"item": [1, 2], "id": ["q", "r"], "label": ["yes", "yes"], "cluster": [0, 1], "candidate": ["no", "yes"]}
    )

    assert table(Scored(data=data, candidate=found, champion=None).take(np.array([1, 2]))).equals(want)
