"""`RolloutPlan`: how candidates of a target are judged, reusable and written once by the service's owner."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sluice.api.schema import (
    DecimalString,
    Digest,
    FreeName,
    LabelName,
    Model,
    atomic_list,
    decimal,
    map_list,
)


class Concurrency(StrEnum):
    """What a new candidate does while another one of its target is in flight."""

    QUEUE = "Queue"
    SUPERSEDE = "Supersede"


class DatasetColumns(Model):
    """Which columns of a data set mean what."""

    label: FreeName = "label"


class Dataset(Model):
    """A pinned evaluation set: an artifact of the registry and the digest of its bytes."""

    name: LabelName
    uri: Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^mlflow-artifacts:/[A-Za-z0-9._/=-]+$")]
    digest: Digest
    columns: DatasetColumns = DatasetColumns()


class OfflineMetric(StrEnum):
    """What a gate can measure offline."""

    ACCURACY = "accuracy"
    CONFUSION_CELL_RATE = "confusionCellRate"


class GateParams(Model):
    """Parameters of a gate's metric: `confusionCellRate` needs both."""

    actual: FreeName | None = None
    predicted: FreeName | None = None


class VsChampion(Model):
    """A rule on the difference candidate minus champion, on the same items."""

    max_drop: DecimalString | None = None
    max_rise: DecimalString | None = None

    CEL: ClassVar = (("has(self.maxDrop) != has(self.maxRise)", "set exactly one of maxDrop and maxRise"),)

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if (self.max_drop is None) == (self.max_rise is None):
            raise ValueError("set exactly one of maxDrop and maxRise")
        return self


class Confidence(Model):
    """How sure a decision must be: one-sided, of the bound that the rule looks at."""

    level: Annotated[str, Field(pattern=r"^0\.[5-9][0-9]{0,5}$", max_length=8)] = "0.95"


class Gate(Model):
    """One rule on one offline metric, decided on a confidence bound."""

    name: LabelName
    metric: OfflineMetric
    params: GateParams = GateParams()
    dataset: LabelName
    min: DecimalString | None = None
    max: DecimalString | None = None
    vs_champion: VsChampion | None = None
    confidence: Confidence = Confidence()
    min_samples: Annotated[int, Field(ge=1, le=1_000_000_000)] = 100

    CEL: ClassVar = (
        ("has(self.min) || has(self.max) || has(self.vsChampion)", "set at least one of min, max and vsChampion"),
        (
            "self.metric != 'confusionCellRate' || (has(self.params.actual) && has(self.params.predicted))",
            "confusionCellRate needs params.actual and params.predicted",
        ),
    )

    @model_validator(mode="after")
    def _has_a_rule(self) -> Self:
        if self.min is None and self.max is None and self.vs_champion is None:
            raise ValueError("set at least one of min, max and vsChampion")
        cell = self.params.actual and self.params.predicted
        if self.metric is OfflineMetric.CONFUSION_CELL_RATE and not cell:
            raise ValueError("confusionCellRate needs params.actual and params.predicted")
        return self


class Evaluation(Model):
    """The offline evaluation: which data sets, which gates, how long it may take."""

    timeout_seconds: Annotated[int, Field(ge=30, le=86_400)] = 1800
    datasets: Annotated[tuple[Dataset, ...], map_list("name", most=16), Field(min_length=1)]
    gates: Annotated[tuple[Gate, ...], map_list("name", most=64), Field(min_length=1)]

    CEL: ClassVar = (
        (
            "self.gates.all(g, self.datasets.exists(d, d.name == g.dataset))",
            "every gate's dataset must be one of datasets",
        ),
    )

    @model_validator(mode="after")
    def _gates_name_datasets(self) -> Self:
        names = {dataset.name for dataset in self.datasets}
        if len(names) < len(self.datasets) or len({gate.name for gate in self.gates}) < len(self.gates):
            raise ValueError("names must be unique")
        if any(gate.dataset not in names for gate in self.gates):
            raise ValueError("every gate's dataset must be one of datasets")
        return self


class LiveMetric(Model):
    """A gate on what the target's predictors report while traffic shifts."""

    name: LabelName
    signal: Literal["ErrorRate"]


class Step(Model):
    """One share of traffic and how much worse the candidate may still look at it.

    `margin` is a ratio of error rates (> 1), `floor` a difference (0..1): the step passes when "worse by the margin
    *and* by the floor" is ruled out.
    """

    weight: Annotated[int, Field(ge=1, le=99)]
    margin: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}(\.[0-9]{1,6})?$", max_length=12)]
    floor: Annotated[str, Field(pattern=r"^0\.[0-9]{1,9}$", max_length=12)]
    max_duration_seconds: Annotated[int, Field(ge=10, le=604_800)] = 3600

    CEL: ClassVar = (
        ("double(self.margin) > 1.0", "margin must be above 1"),
        ("double(self.floor) > 0.0", "floor must be above 0"),
    )

    @model_validator(mode="after")
    def _positive(self) -> Self:
        if decimal(self.margin) <= 1:
            raise ValueError("margin must be above 1")
        if decimal(self.floor) <= 0:
            raise ValueError("floor must be above 0")
        return self


class Traffic(Model):
    """The shift of live traffic: its steps, metrics, error rates and deadlines."""

    metrics_provider: LabelName = "default"
    tick_seconds: Annotated[int, Field(ge=1, le=60)] = 5
    false_rollback: Annotated[str, Field(pattern=r"^0\.[0-9]{1,6}$", max_length=8)] = "0.01"
    ready_timeout_seconds: Annotated[int, Field(ge=10, le=86_400)] = 600
    metrics: Annotated[tuple[LiveMetric, ...], map_list("name", most=16), Field(min_length=1)]
    steps: Annotated[tuple[Step, ...], atomic_list(least=1, most=20)]

    CEL: ClassVar = (
        (
            "self.steps.map(s, s.weight).isSorted()"
            " && self.steps.all(a, self.steps.exists_one(b, b.weight == a.weight))",
            "weights of steps must rise",
        ),
        ("double(self.falseRollback) > 0.0 && double(self.falseRollback) <= 0.5", "falseRollback must be in (0, 0.5]"),
    )

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        weights = [step.weight for step in self.steps]
        if any(after <= before for before, after in pairwise(weights)):
            raise ValueError("weights of steps must rise")
        if not 0 < decimal(self.false_rollback) <= decimal("0.5"):
            raise ValueError("falseRollback must be in (0, 0.5]")
        if len({metric.name for metric in self.metrics}) < len(self.metrics):
            raise ValueError("names must be unique")
        return self


class RolloutPlanSpec(Model):
    """The whole plan."""

    concurrency: Concurrency = Concurrency.QUEUE
    evaluation: Evaluation
    traffic: Traffic
