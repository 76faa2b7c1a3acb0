"""One model over one data set: what it says of each item, None where it raised an error."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure, first_line
from sluice.evaluation.scores import Batch, Scores, class_name, read_rows, read_values

MOST_EXAMPLES = 3


def load_model(path: Path, *, arm: str) -> Any:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Load a model, code and all. Raises EvaluationFailure: no model that does not load gets a number."""
    import mlflow.pyfunc  # noqa: PLC0415 -- seconds, and only a real model needs it

    try:
        return mlflow.pyfunc.load_model(str(path))
    except (Exception, SystemExit) as error:
        message = f"the {arm} cannot be loaded with mlflow.pyfunc in the evaluation image ({first_line(error)})"
        raise EvaluationFailure("ModelLoadFailed", message, field=arm) from error


@dataclass
class _Collected:
    """The answers so far, item by item."""

    batches: list[Batch | None] = field(default_factory=list)
    """None stands for one item on which the model failed."""
    names: tuple[str, ...] = ()
    """Names of the columns of a frame with several."""
    items: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, batch: Batch, names: tuple[str, ...]) -> None:
        self.batches.append(batch)
        self.names = self.names or names
        self.items += len(batch)

    def fail(self, error: BaseException | str) -> None:
        if len(self.examples) < MOST_EXAMPLES:
            text = error if isinstance(error, str) else first_line(error)
            self.examples.append(f"item {self.items}: {text}")
            sys.stderr.write(f"a model failed on {self.examples[-1]}\n")
        self.batches.append(None)
        self.items += 1


def score(model: Any, data: LoadedDataset, *, arm: str = "model") -> Scores:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Return the model's answers on all items. Raises EvaluationFailure where they cannot be understood."""
    found = _Collected()
    for frame in data.batches():
        try:
            answers = _predict(model, frame)
        except (Exception, SystemExit):  # noqa: BLE001 -- the model's code may raise anything
            _one_by_one(model, frame, found)
        else:
            _keep(found, *answers)
    return Scores(examples=tuple(found.examples), **_fields(model, data, found, arm))


def _predict(model: Any, frame: Any) -> tuple[Batch, tuple[str, ...]]:  # noqa: ANN401 -- pandas
    """Return one value or row an item, and the columns' names where there are several."""
    answer = model.predict(_inputs(model, frame))
    names = tuple(class_name(name) for name in answer.columns) if hasattr(answer, "columns") else ()
    values = np.asarray(answer)
    if values.ndim > 1 and values.shape[1] == 1:
        values, names = values[:, 0], ()
    if values.ndim not in {1, 2} or len(values) != len(frame):
        raise ValueError(f"an answer of shape {values.shape} for {len(frame)} items")
    return (values if values.ndim == 1 else values.astype(np.float64)), names


def _inputs(model: Any, frame: Any) -> Any:  # noqa: ANN401 -- pandas
    """Return the columns that the model's signature names; all of them when it has none."""
    schema = model.metadata.get_input_schema() if model.metadata else None
    return frame[schema.input_names()] if schema is not None and schema.has_input_names() else frame


def _one_by_one(model: Any, frame: Any, found: _Collected) -> None:  # noqa: ANN401 -- pandas
    """Score the items of a batch that failed as a whole, so that only those count that are to blame."""
    for place in range(len(frame)):
        try:
            answers = _predict(model, frame.iloc[place : place + 1])
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- as above
            found.fail(error)
        else:
            _keep(found, *answers)


def _keep(found: _Collected, batch: Batch, names: tuple[str, ...]) -> None:
    """Take the answers in; no number and no text is a failure on that item."""
    blank = _blank(batch)
    if not blank.any():
        found.add(batch, names)
        return
    for place, empty in enumerate(blank.tolist()):
        if empty:
            found.fail("answered NaN, infinity or nothing")
        else:
            found.add(batch[place : place + 1], names)


def _blank(batch: Batch) -> Any:  # noqa: ANN401 -- an array of truth values
    if batch.dtype.kind == "f":
        bad = ~np.isfinite(batch)
        return bad if batch.ndim == 1 else bad.any(axis=1)
    if batch.dtype.kind == "O":
        return np.array([value is None or value != value for value in batch], dtype=np.bool_)  # noqa: PLR0124 -- NaN
    return np.zeros(len(batch), dtype=np.bool_)


def _fields(model: Any, data: LoadedDataset, found: _Collected, arm: str) -> Any:  # noqa: ANN401 -- fields of Scores
    shapes = {batch.shape[1:] for batch in found.batches if batch is not None}
    if len(shapes) > 1:
        _refuse(arm, f"answers with different shapes on different items of data set {data.source.name}")
    width = (shapes.pop() or (0,))[0] if shapes else 0
    classes = _classes(model)
    if not width:
        values = [value for batch in found.batches for value in ([None] if batch is None else batch.tolist())]
        return read_values(values, data.labels, classes)
    names = found.names or classes
    if len(names) != width:
        cure = "return a frame with one column a class, or log it with metadata={'classes': [...]} in their order"
        _refuse(arm, f"gives {width} scores an item, and nothing says of which classes: {cure}")
    gone = np.full((1, width), np.nan)
    return read_rows(np.concatenate([gone if batch is None else batch for batch in found.batches]), names)


def _refuse(arm: str, what: str) -> NoReturn:
    raise EvaluationFailure("ScoresInvalid", f"the {arm} {what}", field=arm)


def _classes(model: Any) -> Sequence[str]:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Return the classes in the order of the model's scores; nothing when it does not say.

    They are looked for in the metadata it was logged with, in its signature, and in a scikit-learn model's `classes_`.
    """
    metadata = model.metadata
    said = (getattr(metadata, "metadata", None) or {}).get("classes") if metadata else None
    if said:
        return [class_name(name) for name in said]
    schema = metadata.get_output_schema() if metadata else None
    if schema is not None and schema.has_input_names() and len(schema.input_names()) > 1:
        return [class_name(name) for name in schema.input_names()]
    return [class_name(name) for name in getattr(_raw(model), "classes_", ())]


def _raw(model: Any) -> Any:  # noqa: ANN401 -- whatever was logged
    """Return the model inside the pyfunc; None where its flavour has none to show."""
    try:
        return model.get_raw_model()
    except (AttributeError, NotImplementedError):
        return None


def check_inputs(model: Any, data: LoadedDataset, *, arm: str) -> None:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Refuse a data set that lacks a column of the model's signature: each item would fail for the wrong reason."""
    schema = model.metadata.get_input_schema() if model.metadata else None
    if schema is None or not schema.has_input_names():
        return
    frame = next(data.batches())
    missing = [name for name in schema.required_input_names() if name not in frame.columns]
    field_ = f"spec.evaluation.datasets[{data.source.name}]"
    if missing:
        message = f"data set {data.source.name} lacks columns that the {arm} needs: {', '.join(missing)[:300]}"
        raise EvaluationFailure("ColumnMissing", message, field=field_)
    texts = [name for name in _numeric(schema) if name in frame.columns and frame[name].dtype.kind not in "biuf"]
    if texts:
        message = (
            f"data set {data.source.name} has no numbers in columns where the {arm} needs them: {', '.join(texts)}"
        )
        raise EvaluationFailure("ColumnType", message[:500], field=field_)


def _numeric(schema: Any) -> list[str]:  # noqa: ANN401 -- an mlflow Schema
    kinds = {"integer", "long", "float", "double"}
    return [column.name for column in schema.inputs if getattr(column.type, "name", "") in kinds]
