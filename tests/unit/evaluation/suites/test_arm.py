"""A model as tests see it: rows of any shape in, one answer a row out."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest

from sluice.evaluation.suites.arm import Arm

Predict = Callable[[Any], Any]


def arm(predict: Predict, columns: tuple[str, ...] = ("text",), classes: tuple[str, ...] = ()) -> Arm:
    """Return an arm whose model predicts so, and takes these columns."""
    schema = SimpleNamespace(input_names=lambda: list(columns), has_input_names=lambda: True)
    metadata = SimpleNamespace(get_input_schema=lambda: schema if columns else None, metadata={"classes": classes})
    return Arm("candidate", lambda: SimpleNamespace(predict=predict, metadata=metadata))


def lengths(frame: Any) -> Any:
    return np.array([len(text) for text in frame["text"]])


def rows(frame: Any) -> Any:
    return np.array([[0.1, 0.9], [0.8, 0.2]])[: len(frame)]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(["a", "bcd"], id="plain values, for a model of one column"),
        pytest.param({"text": ["a", "bcd"]}, id="a mapping of columns"),
        pytest.param([{"text": "a"}, {"text": "bcd"}], id="mappings of a row each"),
        pytest.param(pd.DataFrame({"text": ["a", "bcd"], "more": [1, 2]}), id="a frame, with a column more"),
    ],
)
def test_rows_of_any_shape(given: Any) -> None:
    assert arm(lengths).predict(given) == [1, 3]


@pytest.mark.parametrize(
    ("made", "want"),
    [
        pytest.param(arm(lambda frame: ["x"] * len(frame)), ["x", "x"], id="a list"),
        pytest.param(arm(lambda _: pd.DataFrame({"y": [1.5, 2.5]})), [1.5, 2.5], id="a frame of one column"),
        pytest.param(arm(lambda _: pd.Series(["x", "y"])), ["x", "y"], id="a series"),
        pytest.param(
            arm(lambda _: pd.DataFrame({"no": [0.9, 0.1], "yes": [0.1, 0.9]})), ["no", "yes"], id="scores by name"
        ),
        pytest.param(arm(rows, classes=("no", "yes")), ["yes", "no"], id="scores whose order the metadata tells"),
    ],
)
def test_one_answer_a_row(made: Arm, want: list[Any]) -> None:
    assert made.predict(["a", "b"]) == want


def test_scores() -> None:
    assert arm(rows, classes=("no", "yes")).scores(["a"]) == [{"no": 0.1, "yes": 0.9}]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        pytest.param(lambda: arm(rows).predict(["a"]), "nothing says of which classes", id="scores without names"),
        pytest.param(lambda: arm(lengths).scores(["a"]), "gives no score for each class", id="no scores at all"),
        pytest.param(lambda: arm(lengths, ("text", "age")).predict(["a"]), "columns text, age", id="which column?"),
        pytest.param(lambda: arm(lambda _: ["x"]).predict(["a", "b"]), "1 answers for 2 rows", id="one is missing"),
    ],
)
def test_what_is_not_understood_is_an_error(ask: Callable[[], object], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        ask()
