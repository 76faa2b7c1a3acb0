"""The frozen snapshot that a decision may look at: everything that was read, and the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sluice.api.candidate import ModelCandidateSpec, ModelCandidateStatus, PinnedModel
from sluice.api.engine import RayCluster
from sluice.api.evaluation_spec import Limits
from sluice.api.phase import Phase
from sluice.api.plan import RolloutPlanSpec
from sluice.api.store import StoreInput
from sluice.core.analysis.samples import Series
from sluice.core.target import Problem, Target


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """The candidate under decision."""

    namespace: str
    name: str
    uid: str
    generation: int
    created: datetime
    deleting: bool
    has_finalizer: bool
    spec: ModelCandidateSpec
    status: ModelCandidateStatus


@dataclass(frozen=True, kw_only=True)
class Rival:
    """Another candidate of the same target."""

    name: str
    uid: str
    created: datetime
    phase: Phase
    deleting: bool = False


@dataclass(frozen=True, kw_only=True)
class LivePlan:
    """The plan in force: the pinned revision once there is one, else the RolloutPlan as it stands."""

    name: str
    generation: int
    spec: RolloutPlanSpec
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class JobReport:
    """What came of the evaluation Job, the result document included when it was fetched and its digest held."""

    uid: str
    active: bool
    succeeded: bool
    failure: str = ""
    """Why there is no usable result: reason and message, ready to show. Empty while active or when all is well."""
    started: datetime | None = None
    """Since when its deadline counts; none until the cluster takes it up."""
    waiting: str = ""
    """Why its pod does not run yet; empty when it runs, or is only slow."""
    stuck: str = ""
    """Why its container cannot be created, with the cure, ready to show; `retryable` says whether time could help."""
    retryable: bool = True
    result: Mapping[str, Any] | None = field(default=None, repr=False)
    """The validated document (`api.evaluation_result`), as JSON."""
    run_id: str = ""
    result_digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the administrator fixed for all candidates."""

    evaluation_image: str
    registry_uris: Mapping[str, str]
    """Tracking URI that the evaluation Job gets, by registry name."""
    metrics_providers: frozenset[str] = frozenset({"default"})
    stores: Mapping[str, StoreInput] = field(default_factory=dict)
    """Stores of data that plans may name, by name."""
    ray_clusters: Mapping[str, RayCluster] = field(default_factory=dict)
    """Ray clusters that plans may name, by name."""
    champion_alias: str = "champion"
    evaluation_attempts: int = 3
    evaluation_resources: Mapping[str, Any] = field(default_factory=dict)
    evaluation_limits: Limits = field(default_factory=Limits)
    pod_ports: tuple[int, ...] = ()
    """Ports of pods behind Services of other ports: what a NetworkPolicy may have to open besides those of the URLs."""
    gateway_seconds: float = 2.0
    """How long gateways get to follow a route: before the first weight, and before the candidate's pods go."""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One consistent look. A field is None when the phase has no need of it (`core.needs`), never when it failed."""

    now: datetime
    settings: Settings
    candidate: Candidate
    rivals: tuple[Rival, ...] = ()
    plan: LivePlan | Problem | None = None
    target: Target | Problem | None = None
    model: PinnedModel | Problem | None = None
    """What `spec.model` resolves to; read only until `status.model` pins it."""
    champion: PinnedModel | Problem | None = None
    """What the stable predictor serves; a Problem of reason ModelMissing means that there is none."""
    uses: Mapping[str, int] | Problem | None = None
    """Which use of each data set the candidate's is, by the set's digest; sets that are not counted yet are missing."""
    job: JobReport | Problem | None = None
    """A Problem of reason EvaluationWaiting means that the Job does not exist (yet)."""
    samples: Mapping[str, tuple[Series, ...] | Problem] | None = None
    """Raw samples since the checkpoint by live metric; None: no step is in force."""
    late_seconds: float | None = None
    """How long after its time this pass of a step in force began; None: it was not awaited (an event, a first pass)."""
    missed_ticks: int = 0
    """How many ticks in a row began late by a whole tick or more, this one included."""
