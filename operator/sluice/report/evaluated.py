"""An evaluation as pages show it: what was measured, and, where it was judged, what was asked and said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sluice.api.evaluation_result import EvaluationResult
from sluice.api.plan import Dataset, Evaluation
from sluice.core.gates.judge import Judgement
from sluice.core.gates.reuse import Uses
from sluice.report.asked_cases import AskedCase
from sluice.report.contamination import Contamination
from sluice.report.items import Items, Table, items_of, table_path
from sluice.report.queries import Queries
from sluice.report.rows import Row, rows_of


@dataclass(frozen=True, kw_only=True)
class NamedModel:
    """A model: what was asked for, what it is called, and the digest of its files."""

    asked: str
    name: str
    version: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured, and on what."""

    models: Mapping[str, NamedModel]
    """By arm."""
    result: EvaluationResult
    items: Sequence[Items]
    queries: Sequence[Queries] = ()
    """Of gates on rankings."""
    cases: Mapping[str, Mapping[str, AskedCase]] = field(default_factory=dict)
    """The visible cases, by challenge set and name."""
    contamination: Sequence[Contamination] = ()
    """Of data sets that were looked up in training data."""


@dataclass(frozen=True, kw_only=True)
class Evaluated(Measured):
    """A finished evaluation on this machine: what was asked, measured and judged."""

    plan: str
    evaluation: Evaluation
    uses: Uses = ()
    """Which use of each data set it is, where uses are counted."""
    judgement: Judgement
    tracking_uri: str
    run_id: str
    seconds: float

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The gates and suites, in the order of the plan."""
        return rows_of(self.evaluation, self.result, self.judgement)


def items_of_gates(
    evaluation: Evaluation, failed: Collection[str], folder: Path, data: Mapping[str, Path]
) -> Sequence[Items]:
    """Return what the tables of items in a folder tell; what the gates named in `failed` are about comes first."""

    def table(dataset: Dataset) -> Table:
        gates = [gate for gate in evaluation.gates if gate.dataset == dataset.name]
        return Table(
            dataset=dataset.name,
            path=table_path(folder, dataset.name),
            metrics=[gate.metric for gate in gates],
            telling=[gate.params.flat() for gate in gates if gate.name in failed],
            source=data.get(dataset.name),
            label=dataset.columns.label,
        )

    return items_of([table(dataset) for dataset in evaluation.datasets])
