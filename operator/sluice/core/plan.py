"""What a decision asks for: a closed union of actions, the next status, and when to look again.

Actions are carried out in order, then the status is written once. If an action raises, the rest is dropped, the
status is not written, and the candidate is looked at again: every action is absolute, guarded and idempotent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.api.candidate import HistoryEntry, ModelCandidateStatus, PinnedModel

JsonPatch = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class SetFinalizer:
    """Put our finalizer on the candidate, before the first outside effect."""


@dataclass(frozen=True, kw_only=True)
class ClearFinalizer:
    """Take our finalizer off: weight 0 was observed, or nothing was ever done."""


@dataclass(frozen=True, kw_only=True)
class PinPlan:
    """Create the ControllerRevision that holds the plan in force; one that exists with our owner is fine."""

    manifest: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CountUse:
    """Have the registry count that a model is judged on data sets; a use that is counted stays as it is."""

    model: PinnedModel
    datasets: tuple[str, ...]
    """Their digests."""


@dataclass(frozen=True, kw_only=True)
class StartJob:
    """Create the evaluation Job after its NetworkPolicy and ConfigMap; a Job of that name with our owner is fine."""

    job: Mapping[str, Any]
    config: Mapping[str, Any]
    network: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class StopJob:
    """Delete an evaluation Job of this UID."""

    name: str
    uid: str


@dataclass(frozen=True, kw_only=True)
class PatchTarget:
    """Change the SeldonDeployment by a JSON patch guarded by the generation that the decision saw."""

    generation: int
    operations: JsonPatch
    intent: str
    """One clause for the log: "weight 25", "remove c-1a2b"."""
    route_if_unavailable: Mapping[str, int] | None = None
    """Weights for the VirtualService when Seldon's own webhook is down: only a rollback sets it."""


@dataclass(frozen=True, kw_only=True)
class DeleteOrphan:
    """Delete a Deployment of a removed candidate predictor that Seldon left behind."""

    name: str


@dataclass(frozen=True, kw_only=True)
class NoteInRegistry:
    """Tell the registry the outcome: tags on the version and, after a promotion, the alias."""

    model: PinnedModel
    tags: Mapping[str, str]
    alias: str = ""


Action = (
    SetFinalizer
    | ClearFinalizer
    | PinPlan
    | CountUse
    | StartJob
    | StopJob
    | PatchTarget
    | DeleteOrphan
    | NoteInRegistry
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The outcome of one decision."""

    status: ModelCandidateStatus
    actions: tuple[Action, ...] = ()
    news: tuple[HistoryEntry, ...] = ()
    """History lines that this pass adds (already in `status.history`): one Event and one log line each."""
    requeue: float | None = None
    """Seconds until the next look without an event; 0 at once; None: events only."""
