"""`ModelCandidate`: one attempt to replace what a target serves by one model version, and the record of it."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, PlainSerializer, model_validator

from sluice.api.conditions import Condition, Reason
from sluice.api.phase import Phase
from sluice.api.schema import (
    Digest,
    Flag,
    FreeName,
    LabelName,
    Message,
    Model,
    ObjectName,
    Record,
    ShortText,
    Timestamp,
    atomic_list,
    map_list,
)
from sluice.api.suite import MOST_SUITES
from sluice.api.verdict import Severity, Verdict

HISTORY_LIMIT = 50


class TargetRef(Model):
    """The SeldonDeployment, in the candidate's namespace, whose traffic is shifted."""

    api_version: Literal["machinelearning.seldon.io/v1"] = "machinelearning.seldon.io/v1"
    """Version of the target's API."""
    kind: Literal["SeldonDeployment"] = "SeldonDeployment"
    """Kind of the target."""
    name: LabelName
    """Name of the target."""


class ModelRef(Model):
    """A version in a named registry, by number or by alias (resolved once, then pinned)."""

    registry: LabelName = "default"
    """Name of a registry of the operator's configuration."""
    name: FreeName
    """Name of the registered model."""
    version: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,9}$", max_length=10)] | None = None
    """Number of the version, as a string."""
    alias: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$", max_length=128)] | None = None
    """Alias of the version: resolved once, when the candidate is first seen."""

    CEL: ClassVar = (("has(self.version) != has(self.alias)", "set exactly one of version and alias"),)

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.version is None) == (self.alias is None):
            raise ValueError("set exactly one of version and alias")
        return self


class PlanRef(Model):
    """The RolloutPlan in the candidate's namespace."""

    name: ObjectName
    """Name of the plan."""


class ModelCandidateSpec(Model):
    """What is wanted. Immutable but for `paused` and `abort`."""

    target_ref: TargetRef
    """Whose traffic is shifted."""
    model: ModelRef
    """The model version that wants to serve."""
    plan_ref: PlanRef
    """How it is judged: the plan is pinned when the candidate starts."""
    paused: Flag = False
    """Hold where it is: no step forward while true. A breach still takes the traffic back."""
    abort: Flag = False
    """Take the traffic back and end. One-way."""

    CEL: ClassVar = (
        ("self.targetRef == oldSelf.targetRef", "targetRef is immutable: create another candidate"),
        ("self.model == oldSelf.model", "model is immutable: create another candidate"),
        ("self.planRef == oldSelf.planRef", "planRef is immutable: create another candidate"),
        ("!oldSelf.abort || self.abort", "abort is one-way: create another candidate"),
    )


class PinnedModel(Record):
    """A model version as it was resolved: these bytes, this origin."""

    registry: ShortText
    """Name of the registry."""
    name: ShortText
    """Name of the registered model."""
    version: ShortText
    """Number of the version."""
    digest: Digest
    """Digest of its artifact."""
    uri: Annotated[str, Field(max_length=1024)]
    """Where evaluation reads the artifact."""
    serving_uri: Annotated[str, Field(max_length=1024)] = ""
    """What a predictor's `modelUri` gets; empty when the version has an image only."""
    image: Annotated[str, Field(max_length=1024)] = ""
    """What a predictor's container gets, for targets served by a custom image."""


class PinnedPlan(Record):
    """The plan as it was when the candidate started: an `apps/v1` ControllerRevision owned by the candidate."""

    revision: ObjectName
    """Name of the ControllerRevision."""
    generation: int
    """Generation of the plan that it holds."""


class GateStatus(Record):
    """What one offline gate or suite said, in numbers and in a sentence."""

    name: LabelName
    """Name of the gate or suite in the plan."""
    verdict: Verdict
    """What it said: only `Pass` passes."""
    message: Message
    """The same in numbers and words."""
    severity: Severity = Severity.BLOCKING
    """What it weighs: `Advisory` stops nothing."""
    estimate: ShortText = ""
    """What was measured: the value, or the change against the champion."""
    bound: ShortText = ""
    """The confidence bound that the verdict rests on."""
    threshold: ShortText = ""
    """What the bound is held against."""
    n: Annotated[int, Field(ge=0)] | None = None
    """How many items counted; for a suite, how many cases."""
    slice: ShortText = ""
    """The slice that these numbers are of, where a slice told; empty for the whole set."""
    slices: Annotated[int, Field(ge=0)] | None = None
    """Into how many slices it looked; none for a gate without slices."""


class DatasetUse(Record):
    """Which use of a data set an evaluation is: later ones are held to a higher confidence."""

    dataset: LabelName
    """Name of the data set in the plan."""
    use: Annotated[int, Field(ge=1, le=1_000_000)]
    """How many models were judged on these bytes, this one included."""


class EvaluationStatus(Record):
    """The evaluation Job and what came of it."""

    job_name: ObjectName
    """Name of the Job of the present attempt."""
    job_uid: ShortText = ""
    """Its UID: a Job of another one is not believed."""
    attempt: Annotated[int, Field(ge=1)] = 1
    """Number of the attempt, from 1."""
    started_at: Timestamp
    """When the attempt began."""
    stuck_since: Timestamp | None = None
    """Since when the container of its pod cannot be created; unset while nothing is in its way."""
    uses: Annotated[tuple[DatasetUse, ...], map_list("dataset", most=16)] = ()
    """Which use of each data set it is, where uses are counted."""
    run_id: ShortText = ""
    """The registry's run that holds the result document."""
    result_digest: ShortText = ""
    """Digest of the result document."""
    decision_digest: ShortText = ""
    """Digest of everything that the decision depends on."""
    verdict: Verdict | None = None
    """What the gates said together."""
    gates: Annotated[tuple[GateStatus, ...], map_list("name", most=64 + MOST_SUITES)] = ()
    """What each gate said, then each suite."""


class Stage(StrEnum):
    """What the traffic machine does inside `Shifting`, `Promoting` and `RollingBack`."""

    ADDING = "Adding"
    """The candidate predictor is written at weight 0; waits until it is ready and in the route."""
    STEPPING = "Stepping"
    """The weight of a step is wanted; capacity, then weight, then judgement."""
    FILLING = "Filling"
    """Promotion: the candidate gets the stable's capacity and all traffic."""
    UPDATING = "Updating"
    """Promotion: the stable predictor gets the new version while it has no traffic."""
    RETURNING = "Returning"
    """Promotion: the updated stable takes all traffic."""
    DRAINING = "Draining"
    """Rollback: the candidate's weight is 0, its requests end."""
    REMOVING = "Removing"
    """The candidate predictor is taken out and its Deployments go."""


class TrafficStatus(Record):
    """Where traffic is meant to be and where it was seen."""

    predictor: LabelName
    """The candidate predictor's name, fresh for each candidate."""
    stable: LabelName
    """The stable predictor's name."""
    stage: Stage
    """What the traffic machine is doing."""
    step: Annotated[int, Field(ge=0)] = 0
    """Index into the plan's steps."""
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    """Share of clients that the new version is meant to serve: recorded before it is written when it rises."""
    written: bool = False
    """Whether the candidate predictor was ever seen in the spec: if it is gone after that, somebody removed it."""
    observed_weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """The weight seen in the route."""
    since: Timestamp
    """When the stage (or the step within it) began."""
    applied_at: Timestamp | None = None
    """When the weight was first seen in the route: samples of a step count from here."""
    no_data_since: Timestamp | None = None
    """Since when the step has had no data to judge by."""
    no_data_seconds: Annotated[int, Field(ge=0)] = 0
    """How long the step had none before, in all: that time does not count against its `maxDurationSeconds`."""
    stable_fingerprint: ShortText = ""
    """Digest of what the stable predictor served when the candidate was added: a change is drift."""
    stable_template: Annotated[str, Field(max_length=64)] = ""
    """Digest of the stable's pod templates before the promotion's template write."""
    outcome: Phase | None = None
    """The terminal phase that a rollback leads to."""
    cause: Reason | None = None
    """Why it is rolled back."""
    detail: Message = ""
    """The same in numbers and words."""


class MetricStatus(Record):
    """The evidence on one live metric in the present step. Numbers are strings: statuses carry no floats."""

    name: LabelName
    """Name of the live metric in the plan."""
    verdict: Verdict
    """What it says now: only `Pass` passes, `Fail` is a breach."""
    finding: ShortText = ""
    """Why, in one CamelCase word."""
    required: bool = True
    """Whether the step needs its `Pass`."""
    candidate: ShortText = ""
    """Failures/requests of the candidate since the step began."""
    stable: ShortText = ""
    """The same of the stable predictor."""
    ratio: ShortText = ""
    """The candidate's rate over the stable's."""
    ratio_interval: ShortText = ""
    """Where the true ratio lies, with 95 % confidence however often one looks."""
    evidence_against: ShortText = ""
    """log10 of the evidence that the candidate is worse, over the whole rollout."""
    evidence_for: ShortText = ""
    """log10 of the evidence that it is no worse than the step allows."""
    samples: ShortText = ""
    """How often its counters are scraped, and how far behind the newest sample is."""
    message: Message = ""
    """The same in words."""


def as_text(state: object) -> str:
    """Return the text of what stands where a text is expected: in memory it may not be written yet."""
    return state if isinstance(state, str) else str(getattr(state, "text", ""))


class Checkpoint(Record):
    """The state of the live analysis at a sample time: with the raw samples since, it gives the same verdict."""

    time: Annotated[str, Field(max_length=32)]
    """Unix time in seconds of the last sample inside."""
    state: Annotated[str, Field(max_length=16_384), PlainSerializer(as_text, return_type=str)]
    """JSON, versioned by the analysis."""


class HistoryEntry(Record):
    """One decision: when, what, why, what follows."""

    time: Timestamp
    """When it was decided."""
    phase: Phase
    """The phase that follows."""
    reason: Reason
    """Which rule decided."""
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    """The candidate's wanted share of traffic in percent."""
    message: Message
    """What was seen and what follows."""


class ModelCandidateStatus(Record):
    """The record of the attempt, written by the operator only."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation of the spec that this status is about."""
    phase: Phase = Phase.PENDING
    """Where the candidate is in its life."""
    conditions: Annotated[tuple[Condition, ...], map_list("type", most=16)] = ()
    """What is true of it, for machines: kstatus-compatible."""
    model: PinnedModel | None = None
    """The version that wants to serve, as resolved."""
    champion: PinnedModel | None = None
    """The version that the stable predictor served when the candidate started."""
    plan: PinnedPlan | None = None
    """The plan as it was when the candidate started."""
    evaluation: EvaluationStatus | None = None
    """The offline evaluation."""
    traffic: TrafficStatus | None = None
    """Where traffic is."""
    metrics: Annotated[tuple[MetricStatus, ...], map_list("name", most=16)] = ()
    """The live metrics in the present step."""
    checkpoint: Checkpoint | None = None
    """Where the live analysis goes on after a restart."""
    registry_noted: bool = False
    """Whether the registry was told the outcome (alias and tags)."""
    history: Annotated[tuple[HistoryEntry, ...], atomic_list(most=HISTORY_LIMIT)] = ()
    """The last decisions, oldest first."""
