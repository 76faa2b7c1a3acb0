"""The target of a rollout as values: the predictors of a SeldonDeployment and what is really running and routed.

Adapters read it; decisions look at it. See Seldon Core v1's `SeldonDeployment`; only what Sluice needs is kept,
`raw` predictors carry the rest through unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sluice.api.conditions import Reason
from sluice.core.naming import digest

_NOT_SERVED = ("traffic", "replicas", "name")


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """One entry of `spec.predictors`, at its index, with its raw form."""

    name: str
    traffic: int
    replicas: int
    shadow: bool
    raw: Mapping[str, Any] = field(repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """The digest of what it serves: all of it but its name, traffic and replicas."""
        return digest({key: value for key, value in self.raw.items() if key not in _NOT_SERVED})


@dataclass(frozen=True, kw_only=True)
class PodTrouble:
    """Why a pod of a predictor will not become ready by waiting: image, crash loop, configuration."""

    pod: str
    reason: str
    restarts: int = 0


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One Deployment of a predictor, as its controller last saw it."""

    name: str
    predictor: str
    generation: int
    observed_generation: int
    replicas: int
    """spec.replicas"""
    total_replicas: int
    """status.replicas: old and new pods"""
    updated_replicas: int
    ready_replicas: int
    unavailable_replicas: int
    template: str = ""
    """Digest of the pod template: it tells a new version from a mere scaling, which also raises the generation."""
    troubles: tuple[PodTrouble, ...] = ()

    @property
    def rolled(self) -> bool:
        """Whether every pod is of the present template and available (rule 3 of Seldon's behaviour)."""
        return (
            self.observed_generation == self.generation
            and self.updated_replicas == self.total_replicas == self.replicas
            and self.unavailable_replicas == 0
            and self.ready_replicas == self.replicas
        )


@dataclass(frozen=True, kw_only=True)
class Route:
    """The VirtualService of the target: weights by predictor (a missing weight is 0)."""

    weights: Mapping[str, int]
    subsets: frozenset[str]
    """Predictors whose DestinationRule exists, as those must that get traffic."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A SeldonDeployment that Sluice can shift, with everything live that belongs to it."""

    name: str
    namespace: str
    uid: str
    generation: int
    deleting: bool
    annotations: Mapping[str, str] = field(default_factory=dict)
    predictors: tuple[Predictor, ...]
    workloads: tuple[Workload, ...]
    """Deployments labelled as this target's, listed in the spec or not (orphans)."""
    listed: frozenset[str]
    """Names of Deployments in `status.deploymentStatus`."""
    route: Route | None

    def predictor(self, name: str) -> Predictor | None:
        """Return the predictor of this name, or None."""
        return next((predictor for predictor in self.predictors if predictor.name == name), None)

    def of(self, predictor: str) -> tuple[Workload, ...]:
        """Return the Deployments of a predictor."""
        return tuple(workload for workload in self.workloads if workload.predictor == predictor)

    def ready(self, predictor: str) -> bool:
        """Return whether a predictor has Deployments and all are rolled out with at least one pod."""
        mine = self.of(predictor)
        return bool(mine) and all(workload.rolled and workload.replicas > 0 for workload in mine)

    def replicas(self, predictor: str) -> int:
        """Return how many pods a predictor is meant to have: an autoscaler changes Deployments, not the spec."""
        live = [workload.replicas for workload in self.of(predictor)]
        stated = self.predictor(predictor)
        return max(live) if live else 0 if stated is None else stated.replicas

    def templates(self, predictor: str) -> str:
        """Return one digest of the pod templates of a predictor."""
        return digest({workload.name: workload.template for workload in self.of(predictor)})

    def weight(self, predictor: str) -> int | None:
        """Return the routed weight of a predictor; None while it is not in the route."""
        return None if self.route is None else self.route.weights.get(predictor)


class Shape(StrEnum):
    """How the stable predictor gets its model."""

    MODEL_URI = "ModelUri"
    IMAGE = "Image"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that is missing, invalid or out of reach: which field, what is wrong, what cures it."""

    reason: Reason
    message: str
    retryable: bool = True
    """Whether waiting may cure it (missing objects appear, servers return)."""
