"""The columns that a model reads, by the signature in its file MLmodel, held against the data before it is loaded."""

from typing import Any

from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure

_NUMERIC = frozenset({"integer", "long", "float", "double"})


def input_names(described: Any) -> list[str] | None:  # noqa: ANN401 -- an mlflow Model
    """Return the columns that a model's signature names; None when it names none."""
    schema = described.get_input_schema() if described else None
    return list(schema.input_names()) if schema is not None and schema.has_input_names() else None


def check_columns(described: Any, data: LoadedDataset, *, arm: str) -> None:  # noqa: ANN401 -- an mlflow Model
    """Refuse a data set that lacks a column of the model's signature: each item would fail for the wrong reason."""
    if input_names(described) is None:
        return
    schema, frame = described.get_input_schema(), next(data.batches())
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
    return [column.name for column in schema.inputs if getattr(column.type, "name", "") in _NUMERIC]
