"""What the product needs of the outside world, in its own words: small protocols, and the tree of their errors.

SluiceError
├── NotFound      it is not there (now)
├── Conflict      it changed since it was read, or exists already: read again
├── Unavailable   no answer, or a server error: unknown, so hold and try later
└── Rejected      the answer is no: invalid, forbidden, too big, forged
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sluice.api.candidate import ModelRef, PinnedModel
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.core.target import Target


class SluiceError(Exception):
    """Base of all errors that cross a port. `reason` is a short CamelCase word, safe to show and to count."""

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or type(self).__name__


class NotFound(SluiceError):  # noqa: N818 -- these are outcomes in our words
    """It is not there."""


class Conflict(SluiceError):  # noqa: N818
    """It changed since it was read, or exists already."""


class Unavailable(SluiceError):  # noqa: N818
    """No answer, or a server error: nothing is known."""


class Rejected(SluiceError):  # noqa: N818
    """The answer is no, and asking again will not change it."""


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A namespaced name with the identity that was read (empty: any)."""

    namespace: str
    name: str
    uid: str = ""


@dataclass(frozen=True, kw_only=True)
class JobView:
    """An evaluation Job: is it ours, has it ended, and what did its pod say last."""

    name: str
    uid: str
    owner_uid: str
    active: bool
    succeeded: bool
    failed: bool
    failure: str = ""
    """Short reason: DeadlineExceeded, PodLost, BackoffLimitExceeded, OOMKilled, Evicted, ImagePullBackOff…"""
    started: datetime | None = None
    """Since when its deadline counts; none until the cluster takes it up."""
    waiting: str = ""
    """Why its pod does not run yet, in the cluster's words: no such claim, no such image."""
    stuck: str = ""
    """The kubelet's word for why its container cannot be created: ImagePullBackOff, CreateContainerConfigError…"""
    termination_message: str = ""
    """Of the newest pod that this Job owns (checked by UID); at most 4 KiB."""


class Objects(Protocol):
    """Sluice's own objects. All are raw API dictionaries; parsing is the core's affair."""

    async def candidate(self, ref: Ref) -> Mapping[str, Any]:
        """Return a ModelCandidate. Raises NotFound."""

    async def candidates(self, namespace: str, target: str = "", *, fresh: bool = True) -> Sequence[Mapping[str, Any]]:
        """Return the ModelCandidates of a namespace, or of one target in it; not `fresh`: as last watched."""

    async def plan(self, ref: Ref) -> Mapping[str, Any]:
        """Return a RolloutPlan. Raises NotFound."""

    async def revision(self, ref: Ref) -> Mapping[str, Any]:
        """Return a ControllerRevision. Raises NotFound."""

    async def create_revision(self, manifest: Mapping[str, Any]) -> None:
        """Create a ControllerRevision. Raises Conflict when the name is taken."""


class CandidateWriter(Protocol):
    """The only writes to a ModelCandidate, each guarded by resourceVersion; each returns the new object."""

    async def write_status(self, ref: Ref, resource_version: str, status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Replace the status. Raises Conflict when the object changed, NotFound."""

    async def set_finalizers(self, ref: Ref, resource_version: str, finalizers: Sequence[str]) -> Mapping[str, Any]:
        """Replace the finalizers. Raises Conflict, NotFound."""


class Jobs(Protocol):
    """Evaluation Jobs, with the ConfigMap that carries their input and the NetworkPolicy around their pods."""

    async def job(self, ref: Ref) -> JobView:
        """Return a Job and its newest pod's last words. Raises NotFound."""

    async def create_job(self, job: Mapping[str, Any], config: Mapping[str, Any], network: Mapping[str, Any]) -> None:
        """Create the NetworkPolicy, the ConfigMap, then the Job.

        Raises Conflict when a Job of that name exists, Rejected when the others do and are not ours or say otherwise.
        """

    async def delete_job(self, ref: Ref) -> None:
        """Delete the Job (if its UID is `ref.uid`) with its pods; absent is fine."""


class Leases(Protocol):
    """The Lease that two replicas contend for."""

    async def read(self, ref: Ref) -> Mapping[str, Any]:
        """Return a Lease. Raises NotFound, Unavailable."""

    async def create(self, ref: Ref, spec: Mapping[str, Any]) -> None:
        """Create a Lease. Raises Conflict when another was faster."""

    async def replace(self, ref: Ref, resource_version: str, spec: Mapping[str, Any]) -> None:
        """Replace the Lease that was read. Raises Conflict when another was faster."""


class Targets(Protocol):
    """The traffic of a target. Every write is absolute and guarded by the generation that was read."""

    async def read(self, ref: Ref) -> Target:
        """Return the target with its Deployments, pods' troubles and route. Raises NotFound, Rejected (unreadable)."""

    async def patch(self, ref: Ref, generation: int, operations: Sequence[Mapping[str, Any]]) -> None:
        """Apply a JSON patch to the SeldonDeployment if its generation is still this one.

        Raises Conflict (generation moved), Rejected (webhook refusal, forbidden), Unavailable (its webhook is down).
        """

    async def write_route(self, ref: Ref, weights: Mapping[str, int]) -> None:
        """Set the VirtualService's weights directly: the way out when Seldon's manager is down."""

    async def delete_workload(self, ref: Ref, name: str) -> None:
        """Delete a Deployment that the target left behind; absent is fine."""


class Registry(Protocol):
    """The model registry of one name. Versions are pinned by the digest of their bytes."""

    async def resolve(self, model: ModelRef) -> PinnedModel:
        """Return the version with its digest and origins. Raises NotFound, Unavailable, Rejected."""

    async def tag(self, model: PinnedModel, tags: Mapping[str, str]) -> None:
        """Set tags on the version (idempotent)."""

    async def set_alias(self, model: PinnedModel, alias: str) -> None:
        """Point an alias at the version (idempotent)."""

    async def uses(self, model: PinnedModel, datasets: Collection[str]) -> Mapping[str, int]:
        """Return which use of each data set this model's is, from 1, by digest; uncounted sets are missing.

        All versions of the registered model count together, each model digest once. Raises NotFound, Unavailable.
        """

    async def count_use(self, model: PinnedModel, datasets: Collection[str]) -> None:
        """Count that this model is judged on the data sets; a use that is counted keeps its number (idempotent)."""

    async def artifact(self, run_id: str, path: str, *, limit: int) -> bytes:
        """Return a run's artifact. Raises NotFound, Unavailable, Rejected (larger than `limit` bytes)."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A Kubernetes Event to emit about a candidate."""

    type: str
    """Normal or Warning."""
    reason: str
    message: str


class Events(Protocol):
    """Where people see what happened."""

    async def emit(self, regarding: Mapping[str, Any], event: Event) -> None:
        """Record an event about an object; losing one is not an error."""


@dataclass(frozen=True, kw_only=True)
class Providers:
    """The endpoints that the administrator named. Objects name them; they never hold a URL."""

    registries: Mapping[str, Registry] = field(default_factory=dict)
    metrics: Mapping[str, "MetricsProvider"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterQuery:
    """The raw samples of one counter of one target over the last `seconds`."""

    namespace: str
    target: str
    spec: CounterSpec
    seconds: int


class MetricsProvider(Protocol):
    """A Prometheus. It never raises: each query has its own series, or its own error with a reason."""

    async def read(
        self, queries: Collection[CounterQuery], at: float
    ) -> Mapping[CounterQuery, tuple[Series, ...] | SluiceError]:
        """Return the samples up to Unix time `at`: one request for each counter, however many targets there are."""
