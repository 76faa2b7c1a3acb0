"""`ports.Targets` over the simulated Seldon, and what a test can do to it: break pods, stop the manager, meddle."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sluice.adapters import seldon_parse as parse
from sluice.adapters.memory_clock import MemoryClock
from sluice.adapters.memory_json import copied
from sluice.adapters.memory_patch import patched
from sluice.adapters.memory_seldon import (
    Deployment,
    Gate,
    MemorySeldon,
    Readiness,
    Timings,
    deployment_name,
    raw_deployment,
    raw_pods,
)
from sluice.core.target import Route, Target
from sluice.ports import Conflict, NotFound, Ref, Rejected, Unavailable

Json = dict[str, Any]
_Key = tuple[str, str]
_WHOLE = 100


@dataclass
class MemoryTargets:
    """Many SeldonDeployments. `history` holds every version of each of them with its time, for invariants."""

    clock: MemoryClock
    timings: Timings = field(default_factory=Timings)
    readiness: Readiness | None = None
    gate: Gate = Gate.HELD
    history: list[tuple[float, Json]] = field(default_factory=list)
    _live: dict[_Key, MemorySeldon] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def read(self, ref: Ref) -> Target:
        """Return the target with its Deployments, pods' troubles and route. Raises NotFound, Rejected (unreadable)."""
        self.clock.settle()
        seldon = self.seldon(ref)
        sdep = self._with_status(seldon)
        names = {parse.predictor_key(ref.name, predictor): predictor.name for predictor in parse.predictors(sdep)}
        workloads = tuple(
            parse.workload(raw_deployment(sdep, one), ref.name, names, raw_pods(one))
            for one in seldon.deployments.values()
        )
        route = Route(weights=dict(seldon.weights), subsets=frozenset(seldon.rules)) if seldon.weights else None
        return parse.target_of(sdep, workloads, route)

    async def patch(self, ref: Ref, generation: int, operations: Sequence[Mapping[str, Any]]) -> None:
        """Apply a JSON patch to the SeldonDeployment if its generation is still this one.

        Raises Conflict (generation moved), Rejected (webhook refusal), Unavailable (its webhook is down).
        """
        seldon = self.seldon(ref)
        if seldon.sdep["metadata"]["generation"] != generation:
            raise Conflict(f"SeldonDeployment {ref.name} changed since it was read")
        self._update(seldon, patched(seldon.sdep, operations)["spec"])

    async def write_route(self, ref: Ref, weights: Mapping[str, int]) -> None:
        """Set the VirtualService's weights directly; with Seldon's manager alive it repairs that at once."""
        seldon = self.seldon(ref)
        if seldon.weights is None:
            raise NotFound(f"VirtualService {ref.name} not found")
        wanted = {name: weights.get(name, 0) for name in seldon.weights}
        if sum(wanted.values()) != _WHOLE:
            raise Rejected(f"VirtualService {ref.name}: weights would sum to {sum(wanted.values())}, not 100")
        seldon.set_route(wanted)
        seldon.wake()

    async def delete_workload(self, ref: Ref, name: str) -> None:
        """Delete a Deployment that the target left behind; absent is fine."""
        self.seldon(ref).deployments.pop(name, None)

    def create(self, ref: Ref, predictors: Sequence[Mapping[str, Any]], **metadata: Any) -> MemorySeldon:  # noqa: ANN401
        """Create a SeldonDeployment as a person would."""
        made = {"uid": f"sdep-{ref.name}-{next(self._numbers):04d}", "generation": 1, **metadata}
        sdep = {
            "metadata": {"name": ref.name, "namespace": ref.namespace, **made},
            "spec": {"predictors": copied(list(predictors))},
        }
        refuse(sdep["spec"]["predictors"])
        seldon = MemorySeldon(self.clock, sdep, self.timings, self.readiness, self.gate)
        self._live[ref.namespace, ref.name] = seldon
        self._note(seldon)
        seldon.wake()
        return seldon

    def seldon(self, ref: Ref) -> MemorySeldon:
        """Return the simulation of one target. Raises NotFound."""
        found = self._live.get((ref.namespace, ref.name))
        if found is None or ref.uid not in ("", found.sdep["metadata"]["uid"]):
            raise NotFound(f"SeldonDeployment {ref.name} not found")
        return found

    def edit(self, ref: Ref, predictors: Sequence[Mapping[str, Any]]) -> None:
        """Replace the predictors as another writer would."""
        self._update(self.seldon(ref), {"predictors": copied(list(predictors))})

    def delete(self, ref: Ref) -> None:
        """Delete a SeldonDeployment with everything that lives of it."""
        del self._live[ref.namespace, ref.name]

    def stop_manager(self, ref: Ref) -> None:
        """Take Seldon's manager away: its webhook too."""
        self.seldon(ref).manager_up = False

    def start_manager(self, ref: Ref) -> None:
        """Bring Seldon's manager back: it looks at everything."""
        seldon = self.seldon(ref)
        seldon.manager_up = True
        seldon.wake()

    def edit_route(self, ref: Ref, weights: Mapping[str, int]) -> None:
        """Edit the VirtualService by hand; an open gate repairs it."""
        seldon = self.seldon(ref)
        seldon.set_route(weights)
        seldon.wake()

    def break_pods(self, ref: Ref, predictor: str, reason: str, *, restarts: int = 0) -> None:
        """Have every pod of a predictor fail for a reason."""
        deployment = self._deployment(ref, predictor)
        deployment.ready, deployment.trouble, deployment.restarts = 0, reason, restarts
        self.seldon(ref).wake()

    def lose_pod(self, ref: Ref, predictor: str, seconds: float) -> None:
        """Evict one pod of a predictor: its replacement is ready after some seconds."""
        deployment, seldon = self._deployment(ref, predictor), self.seldon(ref)
        deployment.ready -= 1
        seldon.wake()

        def back() -> None:
            deployment.ready = deployment.total
            seldon.wake()

        self.clock.after(seconds, back)

    def mend(self, ref: Ref, predictor: str) -> None:
        """Have the pods of a predictor be ready again."""
        deployment = self._deployment(ref, predictor)
        deployment.trouble, deployment.observed = "", deployment.generation
        deployment.ready = deployment.total = deployment.updated = deployment.replicas
        self.seldon(ref).wake()

    def _deployment(self, ref: Ref, predictor: str) -> Deployment:
        seldon = self.seldon(ref)
        raw = next(one for one in seldon.predictors() if one["name"] == predictor)
        return seldon.deployments[deployment_name(seldon.sdep, raw)]

    def _update(self, seldon: MemorySeldon, spec: Json) -> None:
        """Take a new spec in, past the webhook."""
        if not seldon.manager_up:
            raise Unavailable("failed calling webhook: connection refused", reason="InternalError")
        refuse(spec["predictors"])
        if spec != seldon.sdep["spec"]:
            seldon.sdep["spec"] = spec
            seldon.sdep["metadata"]["generation"] += 1
            self._note(seldon)
            seldon.wake()

    def _note(self, seldon: MemorySeldon) -> None:
        self.history.append((self.clock.seconds(), copied(seldon.sdep)))

    def _with_status(self, seldon: MemorySeldon) -> Json:
        status: Json = {"deploymentStatus": {name: {} for name in seldon.listed}}
        return {**copied(seldon.sdep), "status": status}


def refuse(predictors: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what Seldon's webhook refuses. Raises Rejected with its wording."""
    names = [predictor["name"] for predictor in predictors]
    serving = [predictor for predictor in predictors if not predictor.get("shadow")]
    total = sum(int(predictor.get("traffic") or 0) for predictor in serving)
    if len(set(names)) < len(names):
        _denied("Duplicate predictor name")
    if len(predictors) - len(serving) > 1 or not serving:
        _denied("Multiple shadows are not allowed" if serving else "Shadow can not exist as only predictor")
    if len(serving) > 1 and total != _WHOLE:
        _denied("Traffic must sum to 100 for multiple predictors")
    if len(predictors) == 1 and 0 < total < _WHOLE:
        _denied("Traffic must sum be 100 for a single predictor when set")


def _denied(why: str) -> None:
    webhook = "v1.mseldondeployment.kb.io"
    raise Rejected(f'admission webhook "{webhook}" denied the request: spec: Invalid value: {why}', reason="Invalid")
