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
    """It waits its turn, in the order of creation."""
    SUPERSEDE = "Supersede"
    """It takes the place of the older one, which is rolled back and ends as `Superseded`."""


class DatasetColumns(Model):
    """Which columns of a data set mean what."""

    label: FreeName = "label"
    """The column with the true class."""


class Dataset(Model):
    """A pinned evaluation set: an artifact of the registry and the digest of its bytes."""

    name: LabelName
    """How gates refer to it."""
    uri: Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^mlflow-artifacts:/[A-Za-z0-9._/=-]+$")]
    """Where it lies: `mlflow-artifacts:/` and the path in the artifact store of the model's registry."""
    digest: Digest
    """SHA-256 of the file: other bytes are refused, not judged."""
    columns: DatasetColumns = DatasetColumns()
    """Which columns mean what."""


class OfflineMetric(StrEnum):
    """What a gate can measure offline."""

    ACCURACY = "accuracy"
    """Share of items whose predicted class is the true one."""
    CONFUSION_CELL_RATE = "confusionCellRate"
    """Share of the items of class `actual` that are predicted as class `predicted`."""


class GateParams(Model):
    """Parameters of a gate's metric: `confusionCellRate` needs both."""

    actual: FreeName | None = None
    """The true class of the cell."""
    predicted: FreeName | None = None
    """The predicted class of the cell."""


class VsChampion(Model):
    """A rule on the difference candidate minus champion, on the same items."""

    max_drop: DecimalString | None = None
    """How much lower than the champion's the metric may be (for metrics where higher is better)."""
    max_rise: DecimalString | None = None
    """How much higher than the champion's the metric may be (for metrics where lower is better)."""

    CEL: ClassVar = (("has(self.maxDrop) != has(self.maxRise)", "set exactly one of maxDrop and maxRise"),)

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if (self.max_drop is None) == (self.max_rise is None):
            raise ValueError("set exactly one of maxDrop and maxRise")
        return self


class Confidence(Model):
    """How sure a decision must be: one-sided, of the bound that the rule looks at."""

    level: Annotated[str, Field(pattern=r"^0\.[5-9][0-9]{0,5}$", max_length=8)] = "0.95"
    """Confidence of the bound, from 0.5 to below 1."""


class Gate(Model):
    """One rule on one offline metric, decided on a confidence bound."""

    name: LabelName
    """How status, events and history refer to it."""
    metric: OfflineMetric
    """What is measured."""
    params: GateParams = GateParams()
    """Parameters of the metric."""
    dataset: LabelName
    """Name of the data set that it is measured on."""
    min: DecimalString | None = None
    """The candidate's lower bound must reach this."""
    max: DecimalString | None = None
    """The candidate's upper bound must not pass this."""
    vs_champion: VsChampion | None = None
    """How much worse than the champion, on the same items, the candidate may be."""
    confidence: Confidence = Confidence()
    """How sure the decision must be."""
    min_samples: Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)] = 100
    """With fewer items that count for the metric the verdict is `NoData`."""

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

    timeout_seconds: Annotated[int, Field(strict=True, ge=30, le=86_400)] = 1800
    """Deadline of one attempt of the evaluation Job."""
    datasets: Annotated[tuple[Dataset, ...], map_list("name", most=16), Field(min_length=1)]
    """The pinned evaluation sets."""
    gates: Annotated[tuple[Gate, ...], map_list("name", most=64), Field(min_length=1)]
    """The rules: the candidate gets traffic only when all of them pass."""

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
    """How status, events and history refer to it."""
    signal: Literal["ErrorRate"]
    """What is measured: `ErrorRate`, the share of predictions answered with a 5xx code."""


class Step(Model):
    """One share of traffic and how much worse the candidate may still look at it.

    `margin` is a ratio of error rates (> 1), `floor` a difference (0..1): the step passes when "worse by the margin
    *and* by the floor" is ruled out.
    """

    weight: Annotated[int, Field(strict=True, ge=1, le=99)]
    """The candidate's share of traffic in percent; after the last step it is promoted."""
    margin: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}(\.[0-9]{1,6})?$", max_length=12)]
    """How many times the stable's error rate may not be ruled out yet; above 1."""
    floor: Annotated[str, Field(pattern=r"^0\.[0-9]{1,9}$", max_length=12)]
    """How much more than the stable's error rate, as a difference, may not be ruled out yet; above 0."""
    max_duration_seconds: Annotated[int, Field(strict=True, ge=10, le=604_800)] = 3600
    """Without a verdict after this time the step is inconclusive and the candidate is held."""

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
    """Name of a metrics provider of the operator's configuration."""
    tick_seconds: Annotated[int, Field(strict=True, ge=1, le=60)] = 5
    """How often the live metrics are read and judged."""
    false_rollback: Annotated[str, Field(pattern=r"^0\.[0-9]{1,6}$", max_length=8)] = "0.01"
    """Greatest chance, over the whole rollout, that a candidate no worse than the stable is rolled back."""
    ready_timeout_seconds: Annotated[int, Field(strict=True, ge=10, le=86_400)] = 600
    """How long the candidate's pods may take to become ready before it is rolled back."""
    metrics: Annotated[tuple[LiveMetric, ...], map_list("name", most=16), Field(min_length=1)]
    """The live metrics: a breach of any of them takes the traffic back, a step passes when all do."""
    steps: Annotated[tuple[Step, ...], atomic_list(least=1, most=20)]
    """The shares of traffic, rising."""

    CEL: ClassVar = (
        (
            "self.steps.map(s, s.weight).isSorted()",
            "weights of steps must rise",
        ),
        (
            "self.steps.all(a, self.steps.exists_one(b, b.weight == a.weight))",
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
    """What a new candidate does while another one of its target is in flight."""
    evaluation: Evaluation
    """The offline evaluation, before any traffic."""
    traffic: Traffic
    """The shift of live traffic, after the offline gates passed."""
