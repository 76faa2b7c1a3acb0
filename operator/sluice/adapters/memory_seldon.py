"""Seldon's controller and the Deployments it makes, simulated on a fake clock by the measured facts.

One object is simulated at a time: `MemorySeldon` is everything that lives of one SeldonDeployment. Numbers in the
comments are the rules of Seldon's behaviour that a line follows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from sluice.adapters.memory_clock import MemoryClock
from sluice.adapters.memory_json import copied
from sluice.adapters.seldon_parse import APP_LABEL, TARGET_LABEL, VERSION_LABEL

Json = dict[str, Any]
Readiness = Callable[[Mapping[str, Any]], float | None]
"""Seconds until pods of a predictor (given raw) are ready; None: never."""


class Gate(StrEnum):
    """Whether the readiness gate sees a Deployment that it changed in the same pass as still ready (3)."""

    MISSED = "Missed"
    HELD = "Held"


@dataclass
class Timings:
    """How fast things go, in seconds; the defaults were measured on a live controller."""

    reconcile: float = 0.05
    observe: float = 0.02
    listed: float = 0.3
    deleted: float = 0.03
    ready: float = 24.0


@dataclass
class Deployment:
    """A Deployment with the status that its controller last wrote."""

    name: str
    predictor: str
    template: Json
    replicas: int
    generation: int = 1
    observed: int = 0
    total: int = 0
    updated: int = 0
    ready: int = 0
    trouble: str = ""
    restarts: int = 0

    @property
    def unavailable(self) -> int:
        """Pods that are not ready."""
        return self.total - self.ready

    @property
    def open(self) -> bool:
        """What the gate looks at: no generation is compared."""
        return self.ready > 0 and self.unavailable == 0

    def change(self, template: Json, replicas: int) -> bool:
        """Take a new spec in; return whether it differs."""
        if (self.template, self.replicas) == (template, replicas):
            return False
        self.template, self.replicas = template, replicas
        self.generation += 1
        return True


@dataclass
class MemorySeldon:
    """One SeldonDeployment, its Deployments and its route."""

    clock: MemoryClock
    sdep: Json
    timings: Timings
    readiness: Readiness | None = None
    gate: Gate = Gate.HELD
    manager_up: bool = True
    deployments: dict[str, Deployment] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    weights: dict[str, int] | None = None
    """The VirtualService: weights by predictor, in order; None: it does not exist."""
    rules: set[str] = field(default_factory=set)
    """Predictors that have a DestinationRule."""
    route_history: list[tuple[float, dict[str, int]]] = field(default_factory=list)

    def wake(self, seconds: float | None = None) -> None:
        """Have the controller look at the object soon."""
        self.clock.after(self.timings.reconcile if seconds is None else seconds, self.reconcile)

    def reconcile(self) -> None:
        """One pass of the controller: Deployments, gate, route, rules, deletions, in this order."""
        if not self.manager_up:
            return
        changed = self._apply_deployments()
        if not self._gate_open(changed):
            return
        self.set_route({p["name"]: int(p.get("traffic") or 0) for p in self.predictors() if not p.get("shadow")})
        self.rules.update(predictor["name"] for predictor in self.predictors())
        self._delete_unwanted()

    def predictors(self) -> list[Json]:
        """Return the raw predictors of the spec."""
        return list(self.sdep["spec"]["predictors"])

    def set_route(self, weights: Mapping[str, int]) -> None:
        """Write the VirtualService; a lone predictor has everything."""
        new = dict.fromkeys(weights, 100) if len(weights) == 1 else dict(weights)
        if new != self.weights:
            self.weights = new
            self.route_history.append((self.clock.seconds(), dict(new)))

    def _apply_deployments(self) -> set[str]:
        """Create and update Deployments; return the names of those whose template or scale changed."""
        changed: set[str] = set()
        for predictor in self.predictors():
            name = deployment_name(self.sdep, predictor)
            template, replicas = template_of(predictor), replicas_of(self.sdep, predictor)
            found = self.deployments.get(name)
            surge = found is not None and found.template != template and found.ready > 0
            if found is None:
                self.deployments[name] = Deployment(name, predictor["name"], template, replicas)
                self.clock.after(self.timings.listed, partial(self._list, name))
            elif not found.change(template, replicas):
                continue
            changed.add(name)
            self._roll(self.deployments[name], predictor, surge=surge)
        return changed

    def _roll(self, deployment: Deployment, predictor: Json, *, surge: bool) -> None:
        """Have the Deployment's controller notice, and its pods become ready in time: surge, none unavailable."""
        generation = deployment.generation
        seconds = self.timings.ready if self.readiness is None else self.readiness(predictor)
        self.clock.after(self.timings.observe, partial(self._observe, deployment, generation, surge=surge))
        if seconds is not None:
            self.clock.after(self.timings.observe + seconds, partial(self._become_ready, deployment, generation))

    def _observe(self, deployment: Deployment, generation: int, *, surge: bool) -> None:
        if deployment.generation != generation:
            return
        deployment.observed = generation
        if surge:
            deployment.total, deployment.updated = deployment.replicas + 1, 1
        else:
            deployment.total = deployment.updated = deployment.replicas
        deployment.ready = min(deployment.ready, deployment.replicas)
        self.wake(0)

    def _become_ready(self, deployment: Deployment, generation: int) -> None:
        if deployment.generation != generation or deployment.trouble:
            return
        deployment.total = deployment.updated = deployment.ready = deployment.replicas
        self.wake()

    def _gate_open(self, changed: set[str]) -> bool:
        """Every predictor's Deployment ready; one changed just now looks as before when the gate is missed."""
        for predictor in self.predictors():
            deployment = self.deployments[deployment_name(self.sdep, predictor)]
            if not deployment.open or (deployment.name in changed and self.gate is Gate.HELD):
                return False
        return True

    def _list(self, name: str) -> None:
        """Name a Deployment in `status.deploymentStatus`, unless its predictor is gone already or has no pods (6)."""
        wanted = {deployment_name(self.sdep, predictor): predictor for predictor in self.predictors()}
        if name in wanted and replicas_of(self.sdep, wanted[name]) > 0:
            self.listed.add(name)

    def _delete_unwanted(self) -> None:
        """Delete the listed Deployments that the spec lacks; those never listed stay for ever (6)."""
        wanted = {deployment_name(self.sdep, predictor) for predictor in self.predictors()}
        for name in self.listed - wanted:
            self.listed.discard(name)
            self.clock.after(self.timings.deleted, partial(self._delete, name))

    def _delete(self, name: str) -> None:
        self.deployments.pop(name, None)


def deployment_name(sdep: Mapping[str, Any], predictor: Mapping[str, Any]) -> str:
    """Return the name of a predictor's (only) Deployment."""
    return f"{sdep['metadata']['name']}-{predictor['name']}-0-{predictor['graph']['name']}"


def template_of(predictor: Mapping[str, Any]) -> Json:
    """Return what rolls pods when it changes (4): all but name, traffic and replicas."""
    kept = {key: value for key, value in predictor.items() if key not in {"name", "traffic", "replicas"}}
    for component in (kept := copied(kept)).get("componentSpecs") or ():
        component.pop("replicas", None)
    return kept


def replicas_of(sdep: Mapping[str, Any], predictor: Mapping[str, Any]) -> int:
    """Return how many pods a predictor is to have."""
    own = [component["replicas"] for component in predictor.get("componentSpecs") or () if "replicas" in component]
    stated = own or [one for one in (predictor.get("replicas"), sdep["spec"].get("replicas")) if one is not None]
    return int(stated[0]) if stated else 1


def raw_deployment(sdep: Mapping[str, Any], deployment: Deployment) -> Json:
    """Return a Deployment as the API server would."""
    name = sdep["metadata"]["name"]
    labels = {
        TARGET_LABEL: name,
        APP_LABEL: f"{name}-{deployment.predictor}",
        VERSION_LABEL: deployment.predictor,
    }
    return {
        "metadata": {"name": deployment.name, "generation": deployment.generation, "labels": labels},
        "spec": {"replicas": deployment.replicas, "template": deployment.template},
        "status": {
            "observedGeneration": deployment.observed,
            "replicas": deployment.total,
            "updatedReplicas": deployment.updated,
            "readyReplicas": deployment.ready,
            "unavailableReplicas": deployment.unavailable,
        },
    }


def raw_pods(deployment: Deployment) -> list[Json]:
    """Return one pod in trouble, if there is trouble."""
    if not deployment.trouble:
        return []
    container = {
        "name": "model",
        "ready": False,
        "restartCount": deployment.restarts,
        "state": {"waiting": {"reason": deployment.trouble}},
    }
    owner = {"kind": "ReplicaSet", "name": f"{deployment.name}-abcde"}
    metadata = {"name": f"{deployment.name}-abcde-xyz12", "ownerReferences": [owner]}
    return [{"metadata": metadata, "status": {"containerStatuses": [container]}}]
