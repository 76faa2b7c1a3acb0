"""Asks a model again about texts that were changed without changing what they say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
from typing_extensions import override

from sluice.adapters.reading import LARGE_ROWS, opened
from sluice.api.evaluation_spec import MeasurementWanted
from sluice.api.offline_metric import OfflineMetric, Perturbation
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.intervals.interval import Booleans
from sluice.evaluation.perturbations import perturbed
from sluice.evaluation.scores import AskedAgain, Scores
from sluice.evaluation.scoring import Ask, natively, score
from sluice.evaluation.signature import input_names
from sluice.evaluation.stopwatch import Stopwatch


@dataclass(frozen=True, kw_only=True)
class Change:
    """One kind of change of one column, and the gate that asks for it."""

    kind: Perturbation
    column: str
    gate: str

    def refuse(self, reason: str, what: str) -> NoReturn:
        """Raise EvaluationFailure: the column is not one to be changed."""
        field = f"spec.evaluation.gates[{self.gate}].params.column"
        raise EvaluationFailure(reason, f"gate {self.gate} changes column {self.column!r}, {what}", field=field)


def changes_for(
    measurements: Sequence[MeasurementWanted], loaded: Mapping[str, LoadedDataset]
) -> Mapping[str, tuple[Change, ...]]:
    """Return the changes that gates ask for, by data set, each once. Raises EvaluationFailure."""
    found: dict[str, dict[tuple[Perturbation, str], Change]] = {}
    for wanted in measurements:
        if wanted.metric == OfflineMetric.PERTURBATION_FLIP_RATE and wanted.dataset in loaded:
            kind, column = Perturbation(wanted.params["perturbation"]), wanted.params["column"]
            change = Change(kind=kind, column=column, gate=wanted.name)
            _check(change, loaded[wanted.dataset])
            found.setdefault(wanted.dataset, {}).setdefault((kind, column), change)
    return {name: tuple(changes.values()) for name, changes in found.items()}


def check_read(changes: Sequence[Change], described: Any, *, arm: str) -> None:  # noqa: ANN401 -- an mlflow Model
    """Refuse changes of a column that a model does not read: they would prove nothing. Raises EvaluationFailure."""
    names = input_names(described)
    for change in changes:
        if names is not None and change.column not in names:
            change.refuse("ColumnUnused", f"which the {arm} does not read: its inputs are {', '.join(names)[:300]}")


def _check(change: Change, data: LoadedDataset) -> None:
    named = f"data set {data.source.name}"
    if data.source.predictions:
        change.refuse("PerturbationNeedsModel", f"and {named} has predictions, which nobody can ask: use another set")
    if change.column == data.source.label:
        change.refuse("ColumnType", f"which is the label of {named} and no input of any model: name the texts' column")
    with opened(data.path, data.layout) as file:
        schema = file.schema
    if change.column not in schema.names:
        change.refuse("ColumnMissing", f"which {named} does not have: its columns are {', '.join(schema.names)[:300]}")
    kind = schema.field(change.column).type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        change.refuse("ColumnType", f"which has values of type {kind} in {named}: only texts are changed")


@dataclass(frozen=True, kw_only=True, eq=False)
class ChangedDataset(LoadedDataset):
    """A data set whose texts are changed as they are read."""

    change: Change

    @classmethod
    def of(cls, data: LoadedDataset, change: Change) -> "ChangedDataset":
        """Return the data set under a change."""
        return cls(**{part.name: getattr(data, part.name) for part in fields(data)}, change=change)

    @override
    def inputs(self) -> Iterator[Any]:
        return map(self._changed, super().inputs())

    def _changed(self, batch: Any) -> Any:  # noqa: ANN401 -- pyarrow
        place = batch.schema.get_field_index(self.change.column)
        texts = [self._said(text) for text in batch.column(place).to_pylist()]
        return batch.set_column(place, batch.schema.field(place), pa.array(texts, batch.schema.field(place).type))

    def changed(self) -> Booleans:
        """Return which items are not as they were."""
        texts = (
            batch.column(0).to_pylist() for batch in self.read(lambda name: name == self.change.column, LARGE_ROWS)
        )
        return np.array([self._said(text) != text for part in texts for text in part], dtype=np.bool_)

    def _said(self, text: Any) -> Any:  # noqa: ANN401 -- a text, or none
        return perturbed(self.change.kind, text) if isinstance(text, str) else text


def ask_again(
    model: Any,  # noqa: ANN401 -- an mlflow PyFuncModel
    data: LoadedDataset,
    changes: Sequence[Change],
    watch: Stopwatch,
    *,
    arm: str,
    by: Ask = natively,
) -> Mapping[str, AskedAgain]:
    """Return what a model says of changed texts. Raises EvaluationFailure."""
    found = {}
    for change in changes:
        copy = ChangedDataset.of(data, change)
        told = watch.counter(f"{arm} on {data.source.name} with {change.kind}", len(data))
        said: Scores = score(model, copy, arm=arm, by=by, told=told)
        found[AskedAgain.key(change.kind, change.column)] = AskedAgain(said.predicted, copy.changed())
    return found
