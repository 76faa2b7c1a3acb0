"""How a model's answers are read: classes, numbers, probabilities, whatever shape a pyfunc gives them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from sluice.api.evaluation_spec import DatasetInput
from sluice.evaluation.classes import Classes
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.scores import Scores
from sluice.evaluation.scoring import score
from sluice.evaluation.signature import check_columns
from tests.unit.evaluation.builders import DIGEST


@dataclass
class Model:
    """A pyfunc: answers by a function of the frame, with or without metadata."""

    answer: Callable[[Any], Any]
    classes: Sequence[object] | None = None
    outputs: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def metadata(self) -> Any:
        return SimpleNamespace(
            metadata=None if self.classes is None else {"classes": list(self.classes)},
            get_input_schema=lambda: _schema(self.inputs),
            get_output_schema=lambda: _schema(dict.fromkeys(self.outputs, "double")),
        )

    def predict(self, frame: Any) -> Any:
        return self.answer(frame)


def frame(**columns: Any) -> Any:
    """Return a frame of pandas, as most models do."""
    return pl.DataFrame(columns).to_pandas()


def _schema(columns: Mapping[str, str]) -> Any:
    names = list(columns)
    return SimpleNamespace(
        has_input_names=lambda: bool(names),
        input_names=lambda: names,
        required_input_names=lambda: names,
        inputs=[SimpleNamespace(name=name, type=SimpleNamespace(name=kind)) for name, kind in columns.items()],
    )


@pytest.fixture
def items(tmp_path: Path) -> Callable[..., LoadedDataset]:
    def make(labels: Sequence[object] = ("no", "yes", "yes"), **columns: Sequence[object]) -> LoadedDataset:
        path = tmp_path / "items.parquet"
        table = {"x": list(range(len(labels))), "label": list(labels)} | {
            key: list(all_) for key, all_ in columns.items()
        }
        pl.DataFrame(table, strict=False).write_parquet(path)
        source = DatasetInput(name="holdout", uri="mlflow-artifacts:/x", digest=DIGEST)
        return LoadedDataset(source=source, path=path, labels=Classes.of(map(str, labels)))

    return make


Items = Callable[..., LoadedDataset]
P = np.array([0.2, 0.5, 0.9])


def told(scores: Scores) -> tuple[Any, Any, Any]:
    """Return what was read in plain values: classes, numbers, scores by class."""
    known = scores.probabilities
    return (
        tuple(scores.predicted.tolist()),
        None if scores.numbers is None else scores.numbers.tolist(),
        None if known is None else {name: np.round(column, 9).tolist() for name, column in known.items()},
    )


BOTH = {"no": [0.8, 0.5, 0.1], "yes": [0.2, 0.5, 0.9]}
PAIR = np.stack([1 - P, P], axis=1)


@pytest.mark.parametrize(
    ("model", "want"),
    [
        pytest.param(Model(lambda _: ["yes", "no", "no"]), (("yes", "no", "no"), None, None), id="a list of classes"),
        pytest.param(
            Model(lambda _: frame(answer=["yes", "no", "no"])),
            (("yes", "no", "no"), None, None),
            id="a frame with one column",
        ),
        pytest.param(
            Model(lambda _: np.array([[1], [0], [1]])),
            (("1", "0", "1"), [1, 0, 1], None),
            id="whole numbers are classes",
        ),
        pytest.param(
            Model(lambda _: frame(no=PAIR[:, 0], yes=PAIR[:, 1])),
            (("no", "no", "yes"), None, BOTH),
            id="a frame with one column a class: the greatest is predicted, the first of equals",
        ),
        pytest.param(
            Model(lambda _: PAIR, classes=["no", "yes"]),
            (("no", "no", "yes"), None, BOTH),
            id="an array, its classes in the metadata",
        ),
        pytest.param(
            Model(lambda _: PAIR, outputs=["no", "yes"]),
            (("no", "no", "yes"), None, BOTH),
            id="an array, its classes in the signature",
        ),
        pytest.param(
            Model(lambda _: P, classes=["no", "yes"]),
            (("no", "yes", "yes"), [0.2, 0.5, 0.9], BOTH),
            id="one number, two classes in the metadata: the probability of the second",
        ),
        pytest.param(
            Model(lambda _: P * 10),
            (("2", "5", "9"), [2, 5, 9], None),
            id="numbers that are no probabilities are numbers",
        ),
        pytest.param(
            Model(lambda _: [0.2, float("nan"), None]),
            (("0.2", None, None), [0.2, None, None], None),
            id="no number is a failure on that item",
        ),
    ],
)
def test_answers_are_read_in_whatever_shape(model: Model, want: tuple[Any, Any, Any], items: Items) -> None:
    found = told(score(model, items()))

    assert _without_nan(found) == want


def _without_nan(told: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    names, found, known = told
    return names, found and [None if number != number else number for number in found], known  # noqa: PLR0124 -- NaN


def test_a_probability_of_0_or_1_labels_is_that_of_1(items: Items) -> None:
    found = told(score(Model(lambda _: P), items(labels=[0, 1, 1])))

    assert found == (("0", "1", "1"), [0.2, 0.5, 0.9], {"0": BOTH["no"], "1": BOTH["yes"]})


def test_a_batch_that_fails_is_scored_item_by_item(items: Items) -> None:
    def moody(batch: Any) -> Any:
        if (batch["x"] == 1).any():
            raise IndexError("no such word")
        return frame(no=[0.4] * len(batch), yes=[0.6] * len(batch))

    found = score(Model(moody), items())

    assert (found.predicted.tolist(), found.failures) == (["yes", None, "yes"], 1)
    assert found.examples == ("item 1: IndexError: no such word",)
    assert found.probabilities is not None
    assert np.isnan(found.probabilities["yes"]).tolist() == [False, True, False]


def test_an_item_without_any_score_is_a_failure(items: Items) -> None:
    table = frame(no=[0.4, np.nan, 0.1], yes=[0.6, 0.5, np.inf])
    found = score(Model(lambda batch: table.iloc[batch["x"]]), items())

    assert (found.predicted.tolist(), found.failures) == (["yes", None, None], 2)
    assert found.examples[0] == "item 1: answered NaN, infinity or nothing"


def test_scores_of_unknown_classes_are_refused_with_the_cure(items: Items) -> None:
    with pytest.raises(EvaluationFailure, match=r"metadata=.'classes'") as refused:
        score(Model(lambda _: np.eye(3)), items(), arm="candidate")

    assert (refused.value.reason, refused.value.field) == ("ScoresInvalid", "candidate")


@pytest.mark.parametrize(
    ("inputs", "want"),
    [
        pytest.param({"x": "long", "y": "double"}, "ColumnMissing", id="a column is missing"),
        pytest.param({"x": "long", "word": "double"}, "ColumnType", id="text where the model needs numbers"),
    ],
)
def test_columns_are_checked_before_a_model_fails_on_each_item(inputs: dict[str, str], want: str, items: Items) -> None:
    with pytest.raises(EvaluationFailure) as refused:
        check_columns(Model(len, inputs=inputs).metadata, items(word=["a", "b", "c"]), arm="candidate")

    assert (refused.value.reason, refused.value.field) == (want, "spec.evaluation.datasets[holdout]")
