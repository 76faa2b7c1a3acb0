"""One model over one data set: what it says of each item, None where it raised an error."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

import numpy as np

from sluice.evaluation.classes import class_name
from sluice.evaluation.collected import Collected
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.scores import Batch, Scores, pair_of, read_numbers, read_rows
from sluice.evaluation.signature import input_names
from sluice.evaluation.stopwatch import Told, nobody

Ask: TypeAlias = Callable[[Any, LoadedDataset, Told], Collected]
"""Asks a model about all items of a data set, in order, and tells how many more are done."""


def natively(model: Any, data: LoadedDataset, told: Told = nobody, *, quiet: bool = False) -> Collected:  # noqa: ANN401 -- mlflow
    """Ask a model in this process, batch by batch."""
    found = Collected(quiet=quiet)
    for frame in data.batches():
        ask(model, frame, found)
        told(len(frame))
    return found


def quietly(model: Any, data: LoadedDataset, told: Told) -> Collected:  # noqa: ANN401 -- mlflow
    """Ask a model in this process, and keep no word of its errors."""
    return natively(model, data, told, quiet=True)


def score(
    model: Any,  # noqa: ANN401 -- mlflow
    data: LoadedDataset,
    *,
    arm: str = "model",
    by: Ask = natively,
    told: Told = nobody,
) -> Scores:
    """Return the model's answers on all items. Raises EvaluationFailure where they cannot be understood."""
    return understood(by(model, data, told), data, _classes(model), arm)


def ask(model: Any, frame: Any, found: Collected) -> None:  # noqa: ANN401 -- mlflow, pandas
    """Add what a model says of one batch."""
    try:
        answers = _predict(model, frame)
    except (Exception, SystemExit):  # noqa: BLE001 -- the model's code may raise anything
        _one_by_one(model, frame, found)
    else:
        found.add(*answers)


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
    names = input_names(model.metadata)
    return frame if names is None else frame[names]


def _one_by_one(model: Any, frame: Any, found: Collected) -> None:  # noqa: ANN401 -- pandas
    """Score the items of a batch that failed as a whole, so that only those count that are to blame."""
    for place in range(len(frame)):
        try:
            answers = _predict(model, frame.iloc[place : place + 1])
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- as above
            found.fail(error)
        else:
            found.add(*answers)


def understood(found: Collected, data: LoadedDataset, classes: Sequence[str], arm: str) -> Scores:
    """Return what the answers say, `classes` in the order of scores. Raises EvaluationFailure."""
    return Scores(examples=found.examples, **_fields(data, found, classes, arm))


def _fields(data: LoadedDataset, found: Collected, classes: Sequence[str], arm: str) -> Any:  # noqa: ANN401 -- of Scores
    if len(found.widths) > 1:
        _refuse(arm, f"answers with different shapes on different items of data set {data.source.name}")
    width = max(found.widths, default=0)
    if not width:
        numbers, named = found.numbers(), found.classes()
        if numbers is None:
            return {"predicted": named}
        return read_numbers(numbers, named, pair_of(data.labels, classes))
    names = found.names or classes
    if len(names) != width:
        cure = "return a frame with one column a class, or log it with metadata={'classes': [...]} in their order"
        _refuse(arm, f"gives {width} scores an item, and nothing says of which classes: {cure}")
    return read_rows(found.rows(width), names)


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
