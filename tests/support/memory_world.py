"""A whole world in memory: every port's fake over one fake clock, and the operator's own loop over it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice.adapters.memory import MemoryEvents, MemoryObjects
from sluice.adapters.memory_clock import MemoryClock
from sluice.adapters.memory_jobs import MemoryJobs
from sluice.adapters.memory_metrics import MemoryMetrics
from sluice.adapters.memory_registry import MemoryRegistry
from sluice.adapters.memory_targets import MemoryTargets
from sluice.core.observed import Observed, Settings
from sluice.core.plan import Plan
from sluice.core.reconcile import reconcile
from sluice.ports import Providers, Ref
from sluice.runtime.apply import Applier
from sluice.runtime.index import Key
from sluice.runtime.reconciler import Reconciler
from sluice.runtime.telemetry import Telemetry
from sluice.runtime.world import World
from tests.support import objects

NAMESPACE = "default"


def ref(name: str, **fields: str) -> Ref:
    """Return a reference in the namespace of all cases."""
    return Ref(namespace=NAMESPACE, name=name, **fields)


def predictor(name: str = "main", traffic: int = 100, **fields: Any) -> dict[str, Any]:
    """Return a raw predictor served by modelUri."""
    graph = {"name": "classifier", "implementation": "MLFLOW_SERVER", "modelUri": "mlflow-artifacts:/1/old"}
    return {"name": name, "replicas": 1, "traffic": traffic, "graph": graph, **fields}


def passed() -> None:
    """Let every write pass."""


@dataclass
class MemoryWorld:
    """The fakes, by their own types, so that a test can drive them."""

    clock: MemoryClock = field(default_factory=MemoryClock)
    fence: Callable[[], None] = passed
    decide: Callable[[Observed], Plan] = reconcile

    def __post_init__(self) -> None:
        self.objects = MemoryObjects(self.clock)
        self.jobs = MemoryJobs()
        self.targets = MemoryTargets(self.clock)
        self.events = MemoryEvents()
        self.registry = MemoryRegistry()
        self.metrics = MemoryMetrics()
        self.telemetry = Telemetry(clock=self.clock.seconds, heartbeat_seconds=60)
        self.world = World(
            settings=Settings(evaluation_image="evaluation", registry_uris={"default": "http://mlflow.mlflow:5000"}),
            objects=self.objects,
            writer=self.objects,
            jobs=self.jobs,
            targets=self.targets,
            events=self.events,
            providers=Providers(registries={"default": self.registry}, metrics={"default": self.metrics}),
        )

    @property
    def applier(self) -> Applier:
        """What carries plans out."""
        return Applier(self.world, self.telemetry, self.fence)

    @property
    def reconciler(self) -> Reconciler:
        """The one way in."""
        return Reconciler(self.world, self.applier, self.clock, self.decide)

    async def pass_over(self, name: str) -> float | None:
        """Reconcile one candidate once; return in how many seconds it wants to be looked at again."""
        return await self.reconciler.reconcile(Key(NAMESPACE, name))

    async def run(self, name: str, seconds: float) -> None:
        """Reconcile one candidate as often as it asks for, for so many seconds of the fake clock."""
        until = self.clock.seconds() + seconds
        while self.clock.seconds() < until:
            requeue = await self.pass_over(name)
            if requeue is None:
                break
            self.clock.advance(max(requeue, 0.01))

    async def status(self, name: str) -> Mapping[str, Any]:
        """Return a candidate's stored status."""
        found: Mapping[str, Any] = (await self.objects.candidate(ref(name))).get("status") or {}
        return found

    def stage(self, *, target: str = "review-sentiment") -> None:
        """Put a served target, two versions, a plan and a candidate into the world."""
        self.targets.create(ref(target), [predictor()])
        self.clock.advance(60)
        for version in ("42", "43"):
            self.registry.register("review-sentiment", version, {"model.pkl": version.encode()})
        self.registry.aliases["review-sentiment", "champion"] = "42"
        self.objects.create(in_namespace(objects.plan()))
        self.objects.create(in_namespace(objects.candidate()))


def in_namespace(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest with the namespace of all cases."""
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": NAMESPACE}}
