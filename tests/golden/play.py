"""A rollout as a play: the real runtime over in-memory ports, a fake clock and a scripted world, in milliseconds."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from sluice.adapters.memory import MemoryEvents, MemoryObjects
from sluice.adapters.memory_clock import MemoryClock
from sluice.adapters.memory_jobs import MemoryJobs
from sluice.adapters.memory_metrics import MemoryMetrics
from sluice.adapters.memory_registry import MemoryRegistry
from sluice.adapters.memory_targets import MemoryTargets
from sluice.api.phase import TERMINAL, Phase
from sluice.core.observed import Settings
from sluice.ports import Conflict, NotFound, Providers, Ref, SluiceError
from sluice.runtime.apply import Applier
from sluice.runtime.index import Key
from sluice.runtime.looks import Looks
from sluice.runtime.reconciler import CandidateGone, Reconciler
from sluice.runtime.telemetry import Telemetry
from sluice.runtime.world import World
from tests.golden.clients import Clients
from tests.golden.evaluation import document, last_words

NAMESPACE = "models"
TARGET = Ref(namespace=NAMESPACE, name="shop")
CHAMPION, CANDIDATE, NEXT = "42", "43", "44"
PLAN: Mapping[str, Any] = {
    "evaluation": {
        "datasets": [{"name": "holdout", "uri": "mlflow-artifacts:/1/holdout.parquet", "digest": "sha256:" + "d" * 64}],
        "gates": [{"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "vsChampion": {"maxDrop": "0.01"}}],
    },
    "traffic": {
        "tickSeconds": 5,
        "metrics": [{"name": "errors", "signal": "ErrorRate"}],
        "steps": [
            {"weight": 5, "margin": "3", "floor": "0.02"},
            {"weight": 25, "margin": "2", "floor": "0.01"},
            {"weight": 50, "margin": "1.5", "floor": "0.005"},
        ],
    },
}
BACKOFF_SECONDS = 1.0
INSTANT = 1e-3
"""The clock counts microseconds, floats do not: what is due this soon is due."""
EYE_SECONDS = 0.1
"""How often a script looks whether its cue has come."""


@dataclass
class Play:
    """One world with one target that serves version 42, and a script."""

    rps: float = 100.0
    evaluation_seconds: float | None = 30.0
    """How long a Job runs; None: the script ends it."""
    difference: float = 0.0
    """Accuracy of the candidate minus the champion's, as the evaluation measures it."""
    clock: MemoryClock = field(default_factory=MemoryClock)
    memory: ClassVar[type[Looks]] = Looks

    def __post_init__(self) -> None:
        self.objects = MemoryObjects(clock=self.clock)
        self.jobs, self.events, self.metrics = MemoryJobs(), MemoryEvents(), MemoryMetrics()
        self.targets = MemoryTargets(clock=self.clock)
        self.registry = MemoryRegistry()
        self.telemetry = Telemetry(clock=self.clock.seconds, heartbeat_seconds=60)
        self.due: dict[Key, float] = {}
        self.looks = self.memory()
        self._seen: object = None
        self.remarks: list[tuple[float, str]] = []
        self._started: set[str] = set()
        for version in (CHAMPION, CANDIDATE, NEXT):
            self.registry.register("shop", version, {"MLmodel": version.encode()}, image=f"shop:{version}")
        self.registry.aliases["shop", "champion"] = CHAMPION
        graph = {"name": "classifier", "implementation": "MLFLOW_SERVER", "modelUri": "s3://models/42"}
        self.route = self.targets.create(TARGET, [{"name": "main", "graph": graph, "replicas": 4, "traffic": 100}])
        self.plan("careful")
        self.clients = Clients(self.clock, self.route, self.metrics, self.rps)
        self.clock.advance(60)
        self.opened = self.clock.now

    def plan(self, name: str, **parts: Any) -> None:
        """Create a plan; `evaluation=` and `traffic=` override fields of those parts, others the spec's."""
        spec = {key: {**value, **parts.pop(key, {})} for key, value in PLAN.items()} | parts
        self._create("RolloutPlan", name, spec)

    def apply(self, version: str = CANDIDATE, plan: str = "careful", **spec: Any) -> str:
        """Create a candidate for a version; return its name."""
        name = f"shop-{version}"
        body = {"targetRef": {"name": "shop"}, "model": {"name": "shop", "version": version}, "planRef": {"name": plan}}
        self._create("ModelCandidate", name, body | spec)
        self.poke(name)
        return name

    def _create(self, kind: str, name: str, spec: Mapping[str, Any]) -> None:
        metadata = {"name": name, "namespace": NAMESPACE}
        self.objects.create({"apiVersion": "sluice.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec})

    def edit(self, name: str = "shop-43", **spec: Any) -> None:
        """Change a candidate's spec, as `kubectl patch` would."""
        self.objects.edit("ModelCandidate", Ref(namespace=NAMESPACE, name=name), **spec)
        self.poke(name)

    def delete(self, name: str = "shop-43") -> None:
        """Delete a candidate, as `kubectl delete` would."""
        self.objects.delete("ModelCandidate", Ref(namespace=NAMESPACE, name=name))
        self.poke(name)

    def cue(self, seen: Callable[[], bool], what: Callable[[], object], remark: str = "") -> None:
        """Have something happen as soon as something is seen."""

        def look() -> None:
            if not seen():
                self.clock.after(EYE_SECONDS, look)
                return
            self._happen(what, remark)

        self.clock.after(EYE_SECONDS, look)

    def later(self, seconds: float, what: Callable[[], object], remark: str = "") -> None:
        """Have something happen in so many seconds."""
        self.clock.after(seconds, partial(self._happen, what, remark))

    def _happen(self, what: Callable[[], object], remark: str) -> None:
        if remark:
            self.remarks.append((self.clock.seconds(), remark))
        what()

    def poke(self, name: str = "shop-43") -> None:
        """Have a candidate looked at now, as its watch would."""
        self.looks.outdate(Key(NAMESPACE, name))
        self.due[Key(NAMESPACE, name)] = self.clock.seconds()

    def reconciler(self) -> Reconciler:
        """Return the operator's reconciler."""
        world = World(
            settings=Settings(evaluation_image="evaluation:1", registry_uris={"default": "http://mlflow:5000"}),
            objects=self.objects,
            writer=self.objects,
            jobs=self.jobs,
            targets=self.targets,
            events=self.events,
            providers=Providers(registries={"default": self.registry}, metrics={"default": self.metrics}),
        )
        applier = Applier(world, self.telemetry, fence=lambda: None)
        return Reconciler(world=world, applier=applier, now=self.clock, looks=self.looks)

    def run(self, minutes: float = 60) -> None:
        """Play until nothing is due any more, or until so many minutes have passed."""
        asyncio.run(self._run(self.clock.seconds() + minutes * 60))

    async def _run(self, until: float) -> None:
        while self.due and self.clock.seconds() < until:
            key = min(self.due, key=lambda one: (self.due[one], one))
            wait = min(self.due[key], until) - self.clock.seconds()
            self.clock.advance(max(0.0, min(wait, EYE_SECONDS)))
            if self.due[key] <= self.clock.seconds() + INSTANT:
                await self._look(key)
                self._start_jobs()

    async def _look(self, key: Key) -> None:
        del self.due[key]
        await self._watch()
        before = self.phase(key.name)
        try:
            again = await self.reconciler().reconcile(key)
        except CandidateGone:
            self.remarks.append((self.clock.seconds(), f"candidate {key.name} is gone"))
        except SluiceError as error:
            again = 0.0 if isinstance(error, Conflict) else BACKOFF_SECONDS
            self.due[key] = self.clock.seconds() + again
        else:
            if again is not None:
                self.due.setdefault(key, self.clock.seconds() + again)
        if self.phase(key.name) is not before:
            await self._poke_rivals(key)

    async def _watch(self) -> None:
        """Take note of changes of the target, as its watches would."""
        try:
            now = await self.targets.read(TARGET)
        except NotFound:
            now = None
        if now != self._seen:
            for raw in await self.objects.candidates(NAMESPACE):
                self.looks.outdate(Key(NAMESPACE, raw["metadata"]["name"]))
        self._seen = now

    async def _poke_rivals(self, me: Key) -> None:
        for raw in await self.objects.candidates(NAMESPACE):
            name = raw["metadata"]["name"]
            if name != me.name and not self.ended(name):
                self.poke(name)

    def _start_jobs(self) -> None:
        for ref in self.jobs.running():
            if ref.uid in self._started:
                continue
            self._started.add(ref.uid)
            self.jobs.begin(ref, self.clock.now)
            if self.evaluation_seconds is not None:
                self.clock.after(self.evaluation_seconds, partial(self.finish_job, ref))

    def finish_job(self, ref: Ref) -> None:
        """Have a Job end well, with its document in the registry."""
        if ref not in self.jobs.running():
            return
        order, run = self.jobs.configs[ref.namespace, ref.name]["data"]["spec.json"], ref.uid.replace("-", "")
        content = document(order, self.difference)
        self.registry.artifacts[run, "result.json"] = content
        self.jobs.finish(ref, last_words(order, run, f"sha256:{hashlib.sha256(content).hexdigest()}"))

    def status(self, name: str = "shop-43") -> Mapping[str, Any]:
        """Return the newest status that was ever written for a candidate."""
        mine = (raw.get("status") for raw in reversed(self.objects.history) if raw["metadata"]["name"] == name)
        return next((status for status in mine if status), {})

    def phase(self, name: str = "shop-43") -> Phase:
        """Return a candidate's phase."""
        return Phase(self.status(name).get("phase", "Pending"))

    def at(self, phase: Phase, weight: int = 0, name: str = "shop-43") -> Callable[[], bool]:
        """Return the cue "this phase is reached, and this weight is in the route"."""

        def seen() -> bool:
            traffic = self.status(name).get("traffic") or {}
            routed = (self.route.weights or {}).get(traffic.get("predictor", ""), 0)
            return self.phase(name) is phase and routed >= weight

        return seen

    def ended(self, name: str = "shop-43") -> bool:
        """Return whether a candidate's life is over."""
        return self.phase(name) in TERMINAL
