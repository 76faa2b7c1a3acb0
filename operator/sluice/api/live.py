"""The live part of a plan: metrics, steps, error rates and deadlines of the shift of traffic."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sluice.api.schema import Flag, LabelName, Model, atomic_list, decimal, map_list

MetricName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
"""The name of a Prometheus metric."""
PrometheusLabel = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
"""The name of a Prometheus label."""
LabelValue = Annotated[str, Field(min_length=1, max_length=256)]
"""The exact value of a Prometheus label: any text, it is quoted for the query."""
Rate = Annotated[str, Field(pattern=r"^0\.[0-9]{1,9}$", max_length=12)]
"""A share between 0 and 1 as a decimal string."""


class Signal(StrEnum):
    """What Sluice knows how to measure of every target."""

    ERROR_RATE = "ErrorRate"
    """Share of predictions that Seldon's executor answered with a server error."""
    LATENCY = "Latency"
    """Share of predictions slower than each bound of the executor's histogram: tails and shifts alike."""


class Better(StrEnum):
    """Which way of a ratio is the good one."""

    LOWER = "Lower"
    """Fewer is better: errors, complaints."""
    HIGHER = "Higher"
    """More is better: carts, clicks."""


class LabelMatcher(Model):
    """One label of a counter and the value that it must have."""

    name: PrometheusLabel
    """The label."""
    value: LabelValue
    """Its value, exactly."""


class Counter(Model):
    """A counter of the team's own. Namespace and target are always added to what it selects."""

    metric: MetricName
    """Its name."""
    labels: Annotated[tuple[LabelMatcher, ...], map_list("name", most=16)] = ()
    """Which of its series count."""


class Ratio(Model):
    """Events over opportunities, both counters of the same instrumented pods or clients."""

    numerator: Counter
    """Counts the events: errors, carts, complaints."""
    denominator: Counter
    """Counts what could have led to one: requests, sessions."""
    arm_label: PrometheusLabel = "predictor_name"
    """The label that holds the predictor's name."""
    target_label: PrometheusLabel = "deployment_name"
    """The label that holds the target's name."""
    matures_seconds: Annotated[int, Field(strict=True, ge=0, le=604_800)] = 0
    """Events may come so long after their opportunity: opportunities are judged once, when they are so old."""

    CEL: ClassVar = (
        (
            (
                "!has(self.denominator.labels) || self.denominator.labels.all(d, has(self.numerator.labels) && "
                "self.numerator.labels.exists(n, n.name == d.name && n.value == d.value))"
            ),
            "numerator must count a part of denominator: repeat the denominator's labels in it",
        ),
    )

    @model_validator(mode="after")
    def _part(self) -> Self:
        if not set(self.denominator.labels) <= set(self.numerator.labels):
            raise ValueError("numerator must count a part of denominator: repeat the denominator's labels in it")
        return self


class HardLimit(Model):
    """An absolute objective of the candidate alone, whatever the stable predictor does."""

    rate: Rate
    """The share that may not be exceeded (with `better: Higher`: fallen short of)."""
    slower_than_seconds: Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,6})?$", max_length=12)] | None = None
    """For `signal: Latency`: what counts as slow; must be a bound of the histogram."""


class LiveMetric(Model):
    """A gate on counters that tell the predictors apart while traffic shifts: a signal of the target, or a ratio."""

    name: LabelName
    """How status, events and history refer to it."""
    signal: Signal | None = None
    """What is measured of the target's predictions: `ErrorRate` or `Latency`."""
    ratio: Ratio | None = None
    """Or: two counters of the team's own."""
    better: Better = Better.LOWER
    """For a ratio: `Lower` or `Higher`."""
    required: Flag = True
    """Whether a step needs its `Pass`; a breach takes the traffic back either way."""
    weight: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    """Its part of `falseRollback`, in relation to the weights of the other metrics."""
    hard_limit: HardLimit | None = None
    """A limit on the candidate alone, beside the comparison."""

    CEL: ClassVar = (
        ("has(self.signal) != has(self.ratio)", "set exactly one of signal and ratio"),
        ("self.better == 'Lower' || has(self.ratio)", "better: Higher needs a ratio"),
        (
            (
                "!has(self.hardLimit) || has(self.hardLimit.slowerThanSeconds) == "
                "(has(self.signal) && self.signal == 'Latency')"
            ),
            "hardLimit.slowerThanSeconds belongs to signal: Latency, and to nothing else",
        ),
        (
            "!has(self.hardLimit) || double(self.hardLimit.rate) > 0.0",
            "hardLimit.rate must be above 0",
        ),
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.signal is None) == (self.ratio is None):
            raise ValueError("set exactly one of signal and ratio")
        if self.better is Better.HIGHER and self.ratio is None:
            raise ValueError("better: Higher needs a ratio")
        return self

    @model_validator(mode="after")
    def _limit_fits(self) -> Self:
        limit = self.hard_limit
        if limit is None:
            return self
        if (limit.slower_than_seconds is not None) != (self.signal is Signal.LATENCY):
            raise ValueError("hardLimit.slowerThanSeconds belongs to signal: Latency, and to nothing else")
        if decimal(limit.rate) <= 0:
            raise ValueError("hardLimit.rate must be above 0")
        return self


class Step(Model):
    """One share of traffic and how much worse the candidate may still look at it.

    `margin` is a ratio of rates (> 1), `floor` a difference (0..1): the step passes when "worse by the margin *and* by
    the floor" is ruled out.
    """

    weight: Annotated[int, Field(strict=True, ge=1, le=99)]
    """The candidate's share of traffic in percent; after the last step it is promoted."""
    margin: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}(\.[0-9]{1,6})?$", max_length=12)]
    """How many times the stable's rate may not be ruled out yet; above 1, and from step to step never greater."""
    floor: Rate
    """How much more than the stable's rate, as a difference, may not be ruled out yet; above 0."""
    max_duration_seconds: Annotated[int, Field(strict=True, ge=10, le=604_800)] = 3600
    """Without a verdict after this time (that without data left out) `onInconclusive` says what follows."""

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


class OnInconclusive(StrEnum):
    """What follows when a step has no verdict after its longest duration."""

    HOLD = "Hold"
    """The weight stays until evidence or a person decides."""
    ROLLBACK = "Rollback"
    """The candidate is taken back."""
    ADVANCE = "Advance"
    """The next step begins, if what the candidate could cost there stays inside `errorBudget`; else it holds.

    The last step never advances: a promotion needs proof.
    """


class OnNoData(StrEnum):
    """What follows when there are no samples for `noDataTimeoutSeconds`."""

    HOLD = "Hold"
    """The weight stays until samples return."""
    ROLLBACK = "Rollback"
    """The candidate is taken back: nobody can see what it does."""


class Traffic(Model):
    """The shift of live traffic: its steps, metrics, error rates and deadlines."""

    metrics_provider: LabelName = "default"
    """Name of a metrics provider of the operator's configuration."""
    tick_seconds: Annotated[int, Field(strict=True, ge=1, le=60)] = 5
    """How often the live metrics are read and judged."""
    false_rollback: Annotated[str, Field(pattern=r"^0\.[0-9]{1,6}$", max_length=8)] = "0.01"
    """Greatest chance, over the whole rollout and all metrics, to roll back a candidate that is no worse."""
    ready_timeout_seconds: Annotated[int, Field(strict=True, ge=10, le=86_400)] = 600
    """How long the candidate's pods may take to become ready before it is rolled back."""
    warm_up_seconds: Annotated[int, Field(strict=True, ge=0, le=3600)] = 0
    """What a pod does in its first seconds does not count, for or against anybody; less than any step may last."""
    min_dwell_seconds: Annotated[int, Field(strict=True, ge=0, le=86_400)] = 10
    """A step passes no sooner, whatever the evidence; no more than any step may last."""
    on_inconclusive: OnInconclusive = OnInconclusive.HOLD
    """What follows when a step has no verdict after `maxDurationSeconds`."""
    error_budget: Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)] | None = None
    """For `Advance`: how many more bad events than the stable's the next step may at worst bring."""
    no_data_timeout_seconds: Annotated[int, Field(strict=True, ge=10, le=86_400)] = 300
    """After so long without samples to judge by, without a break, `onNoData` applies."""
    on_no_data: OnNoData = OnNoData.HOLD
    """What follows when samples stay away."""
    metrics: Annotated[tuple[LiveMetric, ...], map_list("name", most=10), Field(min_length=1)]
    """The live metrics: a breach of any of them takes the traffic back, a step passes when all required ones do."""
    steps: Annotated[tuple[Step, ...], atomic_list(least=1, most=20)]
    """The shares of traffic, rising."""

    CEL: ClassVar = (
        ("self.steps.map(s, s.weight).isSorted()", "weights of steps must rise"),
        ("self.steps.all(a, self.steps.exists_one(b, b.weight == a.weight))", "weights of steps must rise"),
        (
            "self.steps.all(a, self.steps.all(b, a.weight >= b.weight || double(a.margin) >= double(b.margin)))",
            "margins of steps must not rise",
        ),
        ("double(self.falseRollback) > 0.0 && double(self.falseRollback) < 0.2", "falseRollback must be in (0, 0.2)"),
        ("self.metrics.exists(m, m.required)", "at least one metric must be required"),
        ("self.onInconclusive != 'Advance' || has(self.errorBudget)", "onInconclusive: Advance needs errorBudget"),
        (
            "self.steps.all(s, s.maxDurationSeconds >= self.minDwellSeconds)",
            "maxDurationSeconds of a step must not be below minDwellSeconds",
        ),
        (
            "self.steps.all(s, s.maxDurationSeconds > self.warmUpSeconds)",
            "maxDurationSeconds of a step must be above warmUpSeconds",
        ),
    )

    @model_validator(mode="after")
    def _steps_tighten(self) -> Self:
        for before, after in pairwise(self.steps):
            if after.weight <= before.weight:
                raise ValueError("weights of steps must rise")
            if decimal(after.margin) > decimal(before.margin):
                raise ValueError("margins of steps must not rise")
        return self

    @model_validator(mode="after")
    def _steps_have_time(self) -> Self:
        shortest = min(step.max_duration_seconds for step in self.steps)
        if shortest < self.min_dwell_seconds:
            raise ValueError("maxDurationSeconds of a step must not be below minDwellSeconds")
        if shortest <= self.warm_up_seconds:
            raise ValueError("maxDurationSeconds of a step must be above warmUpSeconds")
        return self

    @model_validator(mode="after")
    def _metrics_decide(self) -> Self:
        if not 0 < decimal(self.false_rollback) < decimal("0.2"):
            raise ValueError("falseRollback must be in (0, 0.2)")
        if len({metric.name for metric in self.metrics}) < len(self.metrics):
            raise ValueError("names must be unique")
        if not any(metric.required for metric in self.metrics):
            raise ValueError("at least one metric must be required")
        if self.on_inconclusive is OnInconclusive.ADVANCE and self.error_budget is None:
            raise ValueError("onInconclusive: Advance needs errorBudget")
        return self
