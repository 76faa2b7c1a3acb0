"""`ModelCandidate`: one attempt to replace what a target serves by one model version, and the record of it."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sluice.api.conditions import Condition, Reason
from sluice.api.phase import Phase
from sluice.api.schema import (
    Digest,
    FreeName,
    LabelName,
    Message,
    Model,
    ObjectName,
    Record,
    Timestamp,
    atomic_list,
    map_list,
)
from sluice.api.verdict import Verdict

HISTORY_LIMIT = 50


class TargetRef(Model):
    """The SeldonDeployment, in the candidate's namespace, whose traffic is shifted."""

    api_version: Literal["machinelearning.seldon.io/v1"] = "machinelearning.seldon.io/v1"
    kind: Literal["SeldonDeployment"] = "SeldonDeployment"
    name: LabelName


class ModelRef(Model):
    """A version in a named registry, by number or by alias (resolved once, then pinned)."""

    registry: LabelName = "default"
    name: FreeName
    version: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,9}$", max_length=10)] | None = None
    alias: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$", max_length=128)] | None = None

    CEL: ClassVar = (("has(self.version) != has(self.alias)", "set exactly one of version and alias"),)

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.version is None) == (self.alias is None):
            raise ValueError("set exactly one of version and alias")
        return self


class PlanRef(Model):
    """The RolloutPlan in the candidate's namespace."""

    name: ObjectName


class ModelCandidateSpec(Model):
    """What is wanted. Immutable but for `paused` and `abort`."""

    target_ref: TargetRef
    model: ModelRef
    plan_ref: PlanRef
    paused: bool = False
    abort: bool = False

    CEL: ClassVar = (
        ("self.targetRef == oldSelf.targetRef", "targetRef is immutable: create another candidate"),
        ("self.model == oldSelf.model", "model is immutable: create another candidate"),
        ("self.planRef == oldSelf.planRef", "planRef is immutable: create another candidate"),
        ("!oldSelf.abort || self.abort", "abort is one-way: create another candidate"),
    )


class PinnedModel(Record):
    """A model version as it was resolved: these bytes, this origin."""

    registry: str
    name: str
    version: str
    digest: Digest
    uri: Annotated[str, Field(max_length=1024)]
    """Where evaluation reads the artifact."""
    serving_uri: Annotated[str, Field(max_length=1024)] = ""
    """What a predictor's `modelUri` gets; empty when the version has an image only."""
    image: Annotated[str, Field(max_length=1024)] = ""
    """What a predictor's container gets, for targets served by a custom image."""


class PinnedPlan(Record):
    """The plan as it was when the candidate started: an `apps/v1` ControllerRevision owned by the candidate."""

    revision: ObjectName
    generation: int


class GateStatus(Record):
    """What one offline gate said, in numbers and in a sentence."""

    name: LabelName
    verdict: Verdict
    message: Message


class EvaluationStatus(Record):
    """The evaluation Job and what came of it."""

    job_name: ObjectName
    job_uid: str = ""
    attempt: Annotated[int, Field(ge=1)] = 1
    started_at: Timestamp
    run_id: str = ""
    result_digest: str = ""
    decision_digest: str = ""
    verdict: Verdict | None = None
    gates: Annotated[tuple[GateStatus, ...], map_list("name", most=64)] = ()


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
    step: Annotated[int, Field(ge=0)] = 0
    """Index into the plan's steps."""
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    """The wanted weight of the candidate: recorded before it is written when it rises."""
    observed_weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """The weight seen in the route."""
    since: Timestamp
    """When the stage (or the step within it) began."""
    applied_at: Timestamp | None = None
    """When the step's weight was first seen in the route: samples count from here."""
    stable_fingerprint: str = ""
    """Digest of what the stable predictor served when the candidate was added: a change is drift."""
    stable_generation: int = 0
    """Generation of the stable Deployment before the promotion's template write."""
    outcome: Phase | None = None
    """The terminal phase that a rollback leads to."""
    cause: Reason | None = None
    detail: Message = ""


class MetricStatus(Record):
    """The evidence on one live metric in the present step. Numbers are strings: statuses carry no floats."""

    name: LabelName
    verdict: Verdict
    candidate: str = ""
    """"failures/requests" of the candidate since the step began."""
    stable: str = ""
    ratio: str = ""
    evidence_against: str = ""
    """log10 of the evidence that the candidate is worse, over the whole rollout."""
    evidence_for: str = ""
    """log10 of the evidence that it is no worse than the step allows."""
    message: Message = ""


class Checkpoint(Record):
    """The state of the live analysis at a sample time: with the raw samples since, it gives the same verdict."""

    time: Annotated[str, Field(max_length=32)]
    """Unix time in seconds of the last sample inside."""
    state: Annotated[str, Field(max_length=16_384)]
    """JSON, versioned by the analysis."""


class HistoryEntry(Record):
    """One decision: when, what, why, what follows."""

    time: Timestamp
    phase: Phase
    reason: Reason
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    message: Message


class ModelCandidateStatus(Record):
    """The record of the attempt, written by the operator only."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    phase: Phase = Phase.PENDING
    conditions: Annotated[tuple[Condition, ...], map_list("type", most=16)] = ()
    model: PinnedModel | None = None
    champion: PinnedModel | None = None
    plan: PinnedPlan | None = None
    evaluation: EvaluationStatus | None = None
    traffic: TrafficStatus | None = None
    metrics: Annotated[tuple[MetricStatus, ...], map_list("name", most=16)] = ()
    checkpoint: Checkpoint | None = None
    registry_noted: bool = False
    """Whether the registry was told the outcome (alias and tags)."""
    history: Annotated[tuple[HistoryEntry, ...], atomic_list(most=HISTORY_LIMIT)] = ()
