"""Predictions that are in the data set already, read as if the model had just made them. No model is loaded."""

from typing import Any

import numpy as np
import pyarrow as pa

from sluice.adapters.reading import LARGE_ROWS
from sluice.api.predictions import ModelPredictions
from sluice.evaluation.collected import Collected
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.scores import Scores
from sluice.evaluation.scoring import understood


def predictions_of(data: LoadedDataset, digest: str, *, arm: str) -> ModelPredictions:
    """Return where a version's predictions are.

    Raises EvaluationFailure where there are those of other versions only: what they said says nothing of this one.
    """
    found = next((one for one in data.source.predictions if one.digest == digest), None)
    if found is None:
        what = f"has predictions, and none of the {arm}, whose digest is {digest}"
        raise _failure(data, "PredictionsMissing", f"{what}: add its columns, or remove columns.predictions")
    return found


def read(data: LoadedDataset, where: ModelPredictions, *, arm: str) -> Scores:
    """Return what the columns say of all items. Raises EvaluationFailure where they say nothing of some."""
    found = Collected()
    for batch in data.read(lambda name: name in where.columns, LARGE_ROWS):
        columns = [batch[name] for name in where.columns]
        _check(data, where, columns, found.items, arm)
        _add(found, columns)
    names = where.classes or (where.columns if len(where.columns) > 1 else ())
    return understood(found, data, names, arm)


def _check(data: LoadedDataset, where: ModelPredictions, columns: list[Any], first: int, arm: str) -> None:
    for name, column in zip(where.columns, columns, strict=True):
        if not _fits(column.type, numbers=len(columns) > 1):
            what = f"has values of type {column.type} in column {name!r}"
            raise _failure(data, "ColumnType", f"{what}: a prediction is text or a number, a score a number")
        if column.null_count:
            item = first + int(np.flatnonzero(column.is_null())[0])
            what = f"has no prediction of the {arm} in column {name!r} for item {item}"
            raise _failure(data, "PredictionMissing", f"{what}: both models must have said something of every item")


def _fits(kind: Any, *, numbers: bool) -> bool:  # noqa: ANN401 -- pyarrow
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)
    return number or (not numbers and (text or pa.types.is_boolean(kind)))


def _add(found: Collected, columns: list[Any]) -> None:
    if len(columns) > 1:
        rows = np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1)
        found.add(rows.astype(np.float64), ())
    elif pa.types.is_integer(columns[0].type) or pa.types.is_floating(columns[0].type):
        found.add(columns[0].to_numpy(zero_copy_only=False), ())
    else:
        coded = columns[0] if pa.types.is_dictionary(columns[0].type) else columns[0].dictionary_encode()
        found.add_coded(coded.dictionary.to_pylist(), coded.indices.to_numpy())


def _failure(data: LoadedDataset, reason: str, what: str) -> EvaluationFailure:
    field = f"spec.evaluation.datasets[{data.source.name}].columns.predictions"
    return EvaluationFailure(reason, f"data set {data.source.name} {what}", field=field)
