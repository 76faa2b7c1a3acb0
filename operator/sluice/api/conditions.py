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


class Reason(StrEnum):
    """All reasons of conditions, events and history lines."""

    # Waiting
    ACCEPTED = "Accepted"
    """First sight of the candidate."""
    PLAN_MISSING = "PlanMissing"
    PLAN_INVALID = "PlanInvalid"
    SPEC_INVALID = "SpecInvalid"
    TARGET_MISSING = "TargetMissing"
    TARGET_UNSUPPORTED = "TargetUnsupported"
    TARGET_UNREADY = "TargetUnready"
    REGISTRY_MISSING = "RegistryMissing"
    REGISTRY_UNAVAILABLE = "RegistryUnavailable"
    PROVIDER_MISSING = "ProviderMissing"
    MODEL_MISSING = "ModelMissing"
    MODEL_UNSERVABLE = "ModelUnservable"
    QUEUED = "Queued"
    PINNED = "Pinned"
    # Evaluation
    EVALUATION_STARTED = "EvaluationStarted"
    EVALUATION_RETRIED = "EvaluationRetried"
    EVALUATION_ERROR = "EvaluationError"
    GATES_PASSED = "GatesPassed"
    GATES_FAILED = "GatesFailed"
    GATES_INCONCLUSIVE = "GatesInconclusive"
    EVALUATION_WAITING = "EvaluationWaiting"
    # Traffic
    CANDIDATE_ADDED = "CandidateAdded"
    CANDIDATE_UNREADY = "CandidateUnready"
    STEP_STARTED = "StepStarted"
    STEP_WAITING = "StepWaiting"
    STEP_PASSED = "StepPassed"
    STEP_INCONCLUSIVE = "StepInconclusive"
    NO_DATA = "NoData"
    ROUTING_MISMATCH = "RoutingMismatch"
    BREACHED = "Breached"
    DRIFTED = "Drifted"
    WRITE_REFUSED = "WriteRefused"
    # Promotion
    PROMOTING = "Promoting"
    STABLE_UPDATED = "StableUpdated"
    STABLE_NOT_ROLLED = "StableNotRolled"
    PROMOTED = "Promoted"
    # Rollback
    ROLLING_BACK = "RollingBack"
    ROUTE_WRITTEN = "RouteWritten"
    ROLLED_BACK = "RolledBack"
    # People
    PAUSED = "Paused"
    RESUMED = "Resumed"
    ABORTED = "Aborted"
    DELETED = "Deleted"
    SUPERSEDED = "Superseded"


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
