"""Conditions of a candidate: their types and reasons, and the one pure way to set them.

Follows the Kubernetes API conventions and kstatus: `Ready` once done, `Reconciling` while in progress, `Stalled` when
it ended badly; `lastTransitionTime` moves only when `status` does.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from sluice.api.schema import Message, Record, Timestamp


class ConditionType(StrEnum):
    """All condition types. The first four are always present; the others only while true."""

    READY = "Ready"
    """The candidate took over (or was superseded and needs nothing more)."""
    RECONCILING = "Reconciling"
    """Work is in progress or waited for."""
    STALLED = "Stalled"
    """It ended without taking over, or needs a person."""
    EVALUATED = "Evaluated"
    """The offline gates gave their verdict: True passed, False refused."""
    SUSPENDED = "Suspended"
    """Held: by a person, by an inconclusive step, or by missing data."""
    TRAFFIC_DRIFTED = "TrafficDrifted"
    """Somebody else changed the traffic of the target while a candidate was on it."""
    CADENCE_MISMATCH = "CadenceMismatch"
    """The plan's tick is not what happens: samples come more seldom, or the operator comes too late."""


class Reason(StrEnum):
    """All reasons of conditions, events and history lines."""

    # Waiting
    ACCEPTED = "Accepted"
    """First sight of the candidate."""
    PLAN_MISSING = "PlanMissing"
    """The RolloutPlan does not exist."""
    PLAN_INVALID = "PlanInvalid"
    """The RolloutPlan (or its pinned revision) cannot be used."""
    SPEC_INVALID = "SpecInvalid"
    """The candidate's spec cannot be used."""
    TARGET_MISSING = "TargetMissing"
    """The target does not exist, or is being deleted."""
    TARGET_UNSUPPORTED = "TargetUnsupported"
    """The target has a shape whose traffic Sluice does not shift."""
    TARGET_UNREADY = "TargetUnready"
    """The target's stable predictor is not ready."""
    REGISTRY_MISSING = "RegistryMissing"
    """No registry of this name is configured."""
    REGISTRY_UNAVAILABLE = "RegistryUnavailable"
    """The registry gives no answer."""
    PROVIDER_MISSING = "ProviderMissing"
    """No metrics provider of this name is configured."""
    STORE_MISSING = "StoreMissing"
    """No store of this name is configured."""
    ENGINE_MISSING = "EngineMissing"
    """No Ray cluster of this name is configured."""
    MODEL_MISSING = "ModelMissing"
    """The registry has no such model, version or alias."""
    MODEL_UNSERVABLE = "ModelUnservable"
    """The version has nothing that the target could serve."""
    MODEL_TOO_LARGE = "ModelTooLarge"
    """The version's artifact has more bytes than the administrator allows."""
    QUEUED = "Queued"
    """Another candidate of the target is in front."""
    PINNED = "Pinned"
    """Model, champion and plan are fixed for this candidate."""
    SERVES_ALREADY = "ServesAlready"
    """The target serves this version already."""
    # Evaluation
    EVALUATION_STARTED = "EvaluationStarted"
    """The evaluation Job was created."""
    EVALUATION_RETRIED = "EvaluationRetried"
    """An attempt ended in an error: another one starts."""
    EVALUATION_ERROR = "EvaluationError"
    """An attempt, or all of them, ended without a usable result."""
    EVALUATION_STUCK = "EvaluationStuck"
    """The container of the evaluation Job's pod could not be created: no such image, or no such configuration."""
    GATES_PASSED = "GatesPassed"
    """Every offline gate passed."""
    GATES_FAILED = "GatesFailed"
    """An offline gate failed."""
    GATES_INCONCLUSIVE = "GatesInconclusive"
    """No offline gate failed, but one could not be decided."""
    EVALUATION_WAITING = "EvaluationWaiting"
    """The evaluation Job is under way."""
    # Traffic
    CANDIDATE_ADDED = "CandidateAdded"
    """The candidate predictor is added at weight 0."""
    CANDIDATE_UNREADY = "CandidateUnready"
    """The candidate's pods do not become, or do not stay, ready."""
    STEP_STARTED = "StepStarted"
    """A step's weight is wanted."""
    STEP_WAITING = "StepWaiting"
    """A step has no verdict yet."""
    STEP_PASSED = "StepPassed"
    """A step's live metrics all passed."""
    STEP_INCONCLUSIVE = "StepInconclusive"
    """A step has no verdict after its longest duration: `onInconclusive` says what follows."""
    STEP_ADVANCED = "StepAdvanced"
    """A step had no verdict in its time, and what the next one may cost stays inside `errorBudget`: it goes on."""
    NO_DATA = "NoData"
    """Live samples are missing: held."""
    NO_DATA_TIMEOUT = "NoDataTimeout"
    """Live samples have been missing for `noDataTimeoutSeconds`: held, and a person should look."""
    TICK_TOO_SHORT = "TickTooShort"
    """Samples come more seldom than `tickSeconds`: most ticks see nothing new."""
    TICK_LATE = "TickLate"
    """The operator began several ticks in a row late by a whole tick or more."""
    ROUTING_MISMATCH = "RoutingMismatch"
    """The predictors' requests do not match the weights in the route: held."""
    BREACHED = "Breached"
    """The evidence says that the candidate is worse."""
    DRIFTED = "Drifted"
    """Somebody else changed the traffic of the target."""
    WRITE_REFUSED = "WriteRefused"
    """The API server refuses a write."""
    # Promotion
    PROMOTING = "Promoting"
    """Every step passed: the candidate takes over."""
    STABLE_UPDATED = "StableUpdated"
    """The stable predictor was given the new version."""
    STABLE_NOT_ROLLED = "StableNotRolled"
    """The updated stable predictor does not become ready."""
    PROMOTED = "Promoted"
    """The stable predictor serves the new version."""
    # Rollback
    ROLLING_BACK = "RollingBack"
    """Traffic is being taken back."""
    ROUTE_WRITTEN = "RouteWritten"
    """The route was written directly, because Seldon's manager is down."""
    ROLLED_BACK = "RolledBack"
    """The candidate has no traffic and its predictor is gone."""
    # People
    PAUSED = "Paused"
    """A person paused it: `spec.paused`."""
    RESUMED = "Resumed"
    """A person resumed it."""
    ABORTED = "Aborted"
    """A person aborted it: `spec.abort`."""
    DELETED = "Deleted"
    """It is being deleted: traffic goes back first."""
    SUPERSEDED = "Superseded"
    """A newer candidate took its place."""


class Condition(Record):
    """A `metav1.Condition`."""

    type: ConditionType
    """Which statement."""
    status: Literal["True", "False", "Unknown"]
    """Whether it holds."""
    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation of the spec that it is about."""
    last_transition_time: Timestamp
    """When `status` last changed."""
    reason: Reason
    """Why, in one CamelCase word."""
    message: Message = ""
    """Why, in a sentence with field and cure."""


Conditions = tuple[Condition, ...]


def find(conditions: Conditions, kind: ConditionType) -> Condition | None:
    """Return the condition of this type, or None."""
    return next((condition for condition in conditions if condition.type is kind), None)


def is_true(conditions: Conditions, kind: ConditionType) -> bool:
    """Return whether the condition of this type is present and True."""
    condition = find(conditions, kind)
    return condition is not None and condition.status == "True"


def put(conditions: Conditions, new: Condition) -> Conditions:
    """Return `conditions` with `new` in the place of its type; an unchanged status keeps its transition time."""
    old = find(conditions, new.type)
    if old is not None and old.status == new.status:
        new = new.model_copy(update={"last_transition_time": old.last_transition_time})
    if old is None:
        return (*conditions, new)
    return tuple(new if condition.type is new.type else condition for condition in conditions)


def drop(conditions: Conditions, kinds: Iterable[ConditionType]) -> Conditions:
    """Return `conditions` without these types."""
    gone = frozenset(kinds)
    return tuple(condition for condition in conditions if condition.type not in gone)
