"""One model over one data set: a class name an item, None where the model raised an error."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mlflow.pyfunc

from sluice.evaluation.dataset import LoadedDataset, class_name
from sluice.evaluation.failure import EvaluationFailure, first_line
from sluice.evaluation.scores import Scores

MOST_EXAMPLES = 3


def load_model(path: Path, *, arm: str) -> Any:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Load a model, code and all. Raises EvaluationFailure: no model that does not load gets a number."""
    try:
        return mlflow.pyfunc.load_model(str(path))
    except (Exception, SystemExit) as error:
        message = f"the {arm} cannot be loaded with mlflow.pyfunc in the evaluation image ({first_line(error)})"
        raise EvaluationFailure("ModelLoadFailed", message, field=arm) from error


def score(model: Any, data: LoadedDataset) -> Scores:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Return the model's predictions on all items."""
    predicted: list[str | None] = []
    examples: list[str] = []
    for frame in data.batches():
        try:
            predicted += _predict(model, frame)
        except (Exception, SystemExit):  # noqa: BLE001 -- the model's code may raise anything
            predicted += _one_by_one(model, frame, len(predicted), examples)
    return Scores(predicted=tuple(predicted), examples=tuple(examples))


def _predict(model: Any, frame: Any) -> list[str]:  # noqa: ANN401 -- pandas
    answer = model.predict(_inputs(model, frame))
    values = _column(answer)
    if len(values) != len(frame):
        raise ValueError(f"{len(values)} predictions for {len(frame)} items")
    return [class_name(value) for value in values]


def _inputs(model: Any, frame: Any) -> Any:  # noqa: ANN401 -- pandas
    """Return the columns that the model's signature names; all of them when it has none."""
    schema = model.metadata.get_input_schema() if model.metadata else None
    return frame[schema.input_names()] if schema is not None and schema.has_input_names() else frame


def _column(answer: Any) -> Sequence[object]:  # noqa: ANN401 -- whatever a model returns
    """Return the predictions of a list, an array, a series, or a frame with one column."""
    if hasattr(answer, "columns"):
        if len(answer.columns) != 1:
            raise ValueError(f"a frame with {len(answer.columns)} columns, wanted 1")
        return list(answer.iloc[:, 0])
    return list(answer.ravel()) if hasattr(answer, "ravel") else list(answer)


def _one_by_one(model: Any, frame: Any, start: int, examples: list[str]) -> list[str | None]:  # noqa: ANN401 -- pandas
    """Score the items of a batch that failed as a whole, so that only those count that are to blame."""
    predicted: list[str | None] = []
    for place in range(len(frame)):
        try:
            predicted += _predict(model, frame.iloc[place : place + 1])
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- as above
            predicted.append(None)
            _note(examples, start + place, error)
    return predicted


def _note(examples: list[str], item: int, error: BaseException) -> None:
    if len(examples) < MOST_EXAMPLES:
        examples.append(f"item {item}: {first_line(error)}")
        sys.stderr.write(f"a model failed on {examples[-1]}\n")


def check_inputs(model: Any, data: LoadedDataset, *, arm: str) -> None:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Refuse a data set that lacks a column of the model's signature: each item would fail for the wrong reason."""
    schema = model.metadata.get_input_schema() if model.metadata else None
    if schema is None or not schema.has_input_names():
        return
    columns = next(data.batches()).columns
    missing = [name for name in schema.required_input_names() if name not in columns]
    if missing:
        message = f"data set {data.source.name} lacks columns that the {arm} needs: {', '.join(missing)[:300]}"
        field = f"spec.evaluation.datasets[{data.source.name}]"
        raise EvaluationFailure("ColumnMissing", message, field=field)
