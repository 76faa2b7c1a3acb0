"""Builders of scored data sets and of what a gate wants to know, for the tests of metrics."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sluice.api.evaluation_result import Estimate
from sluice.api.evaluation_spec import DatasetInput, MeasurementWanted
from sluice.evaluation.classes import Classes
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.measuring import Scored
from sluice.evaluation.scores import Scores, read_numbers

DIGEST = "sha256:" + "a" * 64


def source_of(path: Path, **fields: Any) -> DatasetInput:
    """Return the entry of a data set that lies in a file."""
    digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    return DatasetInput(name="holdout", uri=str(path), digest=digest, **fields)


Said = Scores | Sequence[str | None]


def classes(*predicted: str | None) -> Scores:
    """Return the answers of a model that says one class an item."""
    return Scores(predicted=Classes.of(predicted), examples=())


def numbers(*values: float | None) -> Scores:
    """Return the answers of a model that says one number an item."""
    found = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return Scores(predicted=Classes.of_numbers(found), examples=(), numbers=found)


def probabilities(failed: Sequence[int] = (), **columns: Sequence[float] | Floats) -> Scores:
    """Return the answers of a model that scores each class; on some items it failed."""
    table = np.array(list(columns.values()), dtype=np.float64)
    names = list(columns)
    predicted = [names[place] for place in table.argmax(axis=0)]
    table[:, list(failed)] = np.nan
    return Scores(
        predicted=Classes.of(None if item in failed else name for item, name in enumerate(predicted)),
        examples=(),
        probabilities=dict(zip(names, table, strict=True)),
    )


def numbers_of(chances: Floats) -> Scores:
    """Return the answers of a model that says the chance of class 1 an item."""
    return Scores(examples=(), **read_numbers(chances, None, ("0", "1")))


def scored_arrays(labels: Floats, candidate: Scores, champion: Scores | None = None, **fields: Any) -> Scored:
    """Return both models' answers on very many items with these labels."""
    source = DatasetInput(name="holdout", uri="mlflow-artifacts:/x", digest=DIGEST)
    data = LoadedDataset(source=source, path=Path("x"), labels=Classes.of_numbers(labels), numbers=labels, **fields)
    return Scored(data=data, candidate=candidate, champion=champion)


def scored(labels: Sequence[Any], candidate: Said, champion: Said | None = None, **fields: Any) -> Scored:
    """Return both models' answers on items with these labels; `queries`, `clusters` and `raters` may be given."""
    source = DatasetInput(name="holdout", uri="mlflow-artifacts:/x", digest=DIGEST)
    raters = tuple(Classes.of(said) for said in fields.pop("raters", ()))
    known: dict[str, Any] = {"raters": raters} | {name: np.array(values) for name, values in fields.items()}
    if labels and not isinstance(labels[0], str):
        known["numbers"] = np.array(labels, dtype=np.float64)
    data = LoadedDataset(source=source, path=Path("x"), labels=Classes.of(map(str, labels)), **known)
    return Scored(data=data, candidate=_said(candidate), champion=None if champion is None else _said(champion))


def _said(answers: Said) -> Scores:
    return answers if isinstance(answers, Scores) else classes(*answers)


def wanted(metric: str = "accuracy", params: Mapping[str, str] | None = None, level: float = 0.95) -> MeasurementWanted:
    """Return what a gate wants to know."""
    return MeasurementWanted(name="gate", metric=metric, params=dict(params or {}), dataset="holdout", level=level)


def value(estimate: Estimate | None) -> float:
    """Return the point estimate; there must be one."""
    assert estimate is not None
    return estimate.estimate
