"""Targets twice: the adapter over a real API server with the Seldon stand-in, and the simulated Seldon in memory."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration

from sluice.adapters.kubernetes_api import Api
from sluice.adapters.memory_clock import MemoryClock
from sluice.adapters.memory_targets import MemoryTargets
from sluice.adapters.seldon import SeldonTargets
from sluice.core.target import Target
from sluice.ports import Ref, Targets
from tests.cluster.standin.conftest import NAMESPACE, kube, kubeconfig, seldon
from tests.cluster.standin.kube import Kube
from tests.cluster.standin.manager import Manager
from tests.cluster.standin.world import World

__all__ = ["kube", "kubeconfig", "seldon"]

_numbers = itertools.count(1)
_GIVE_UP_SECONDS = 30.0


class Pods(Protocol):
    """What a test can do to a target from outside."""

    @property
    def ref(self) -> Ref: ...
    @property
    def targets(self) -> Targets: ...
    def create(self, *predictors: dict[str, Any]) -> None: ...
    def become_ready(self, *predictors: str) -> None: ...
    def edit_route(self, **weights: int) -> None: ...
    def entries(self) -> list[list[int]]: ...
    def stop_manager(self) -> None: ...
    def start_manager(self) -> None: ...
    async def rest(self) -> None: ...


@dataclass
class Stage:
    """One target of either kind."""

    world: Pods

    @property
    def ref(self) -> Ref:
        """The target's name."""
        return self.world.ref

    async def read(self) -> Target:
        """Return the target as it is now."""
        return await self.world.targets.read(self.ref)

    async def patch(self, *operations: dict[str, Any]) -> None:
        """Patch the target as it is now."""
        await self.world.targets.patch(self.ref, (await self.read()).generation, operations)

    async def until(self, seen: Callable[[Target], bool]) -> Target:
        """Return the first look at which something is seen."""
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            while not seen(found := await self.read()):
                await self.world.rest()
            return found


class InMemory:
    """The simulated Seldon; pods become ready when the test says so."""

    def __init__(self) -> None:
        self.clock = MemoryClock()
        self.targets = MemoryTargets(self.clock, readiness=lambda _: None)
        self.ref = Ref(namespace="models", name="sentiment")

    def create(self, *predictors: dict[str, Any]) -> None:
        self.targets.create(self.ref, predictors)
        self.clock.advance(1)

    def become_ready(self, *predictors: str) -> None:
        for predictor in predictors:
            self.targets.mend(self.ref, predictor)
        self.clock.advance(1)

    def edit_route(self, **weights: int) -> None:
        self.targets.edit_route(self.ref, weights)

    def entries(self) -> list[list[int]]:
        return [list((self.targets.seldon(self.ref).weights or {}).values())]

    def stop_manager(self) -> None:
        self.targets.stop_manager(self.ref)

    def start_manager(self) -> None:
        self.targets.start_manager(self.ref)

    async def rest(self) -> None:
        self.clock.advance(0.1)


class OnApiServer:
    """The stand-in's controller and webhook on a real API server; the test plays the kubelet."""

    def __init__(self, api: Api, world: World, manager: Manager) -> None:
        self.targets = SeldonTargets(api)
        self.ref = Ref(namespace=world.namespace, name=world.name)
        self._world = world
        self._manager = manager

    def create(self, *predictors: dict[str, Any]) -> None:
        self._world.create(*predictors)

    def become_ready(self, *predictors: str) -> None:
        self._world.become_ready(*predictors)

    def edit_route(self, **weights: int) -> None:
        self._world.set_route(*weights.values())

    def entries(self) -> list[list[int]]:
        route = self._world.route() or {}
        return [[one["weight"] for one in entry["route"]] for entry in route["spec"]["http"]]

    def stop_manager(self) -> None:
        self._manager.stop()

    def start_manager(self) -> None:
        self._manager.start()

    async def rest(self) -> None:
        await asyncio.sleep(0.02)


@pytest.fixture
async def api(kubeconfig: Path) -> AsyncIterator[Api]:
    configuration = Configuration()
    await config.load_kube_config(config_file=str(kubeconfig), client_configuration=configuration)
    async with ApiClient(configuration) as client:
        yield Api(client)


@pytest.fixture
def on_api_server(kube: Kube, seldon: Manager, api: Api) -> Iterator[OnApiServer]:
    world = World(kube, NAMESPACE, f"target-{next(_numbers)}")
    yield OnApiServer(api, world, seldon)
    seldon.start()
    kube.delete(world.path)


@pytest.fixture(params=["api server", "memory"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """Return an empty stage: no target yet."""
    return Stage(InMemory() if request.param == "memory" else request.getfixturevalue("on_api_server"))


@pytest.fixture
async def served(stage: Stage) -> Stage:
    """Return a target with one predictor, ready and in the route."""
    stage.world.create(stable())
    stage.world.become_ready("stable")
    await stage.until(lambda target: target.weight("stable") == 100 and bool(target.listed))
    return stage


@pytest.fixture
async def split(served: Stage) -> Stage:
    """Return a target with a candidate at 20."""
    await served.patch(*append())
    await served.until(lambda target: bool(target.of("candidate")))
    served.world.become_ready("candidate")
    await served.until(lambda target: target.weight("candidate") == 0 and len(target.listed) == 2)
    await served.patch(*weights(80, 20))
    await served.until(lambda target: target.weight("candidate") == 20)
    return served


def stable(**fields: Any) -> dict[str, Any]:
    """Return the serving predictor."""
    return a_predictor("stable", 100, **fields)


def a_predictor(name: str, traffic: int, image: str = "localhost/model:1", **fields: Any) -> dict[str, Any]:
    """Return a predictor with a container of its own, whose pods no scheduler takes."""
    spec = {"schedulerName": "played-by-the-test", "containers": [{"name": "classifier", "image": image}]}
    graph = {"name": "classifier"}
    return {
        "name": name,
        "graph": graph,
        "componentSpecs": [{"spec": spec}],
        "replicas": 1,
        "traffic": traffic,
    } | fields


def append(traffic: int = 0) -> tuple[dict[str, Any], ...]:
    """Return the operations that append a candidate."""
    return (
        {"op": "add", "path": "/spec/predictors/0/traffic", "value": 100},
        {"op": "add", "path": "/spec/predictors/-", "value": a_predictor("candidate", traffic)},
    )


def weights(*values: int) -> tuple[dict[str, Any], ...]:
    """Return the operations that set the predictors' traffic."""
    return tuple(
        {"op": "add", "path": f"/spec/predictors/{index}/traffic", "value": value} for index, value in enumerate(values)
    )


def remove(*, stable_takes_all: bool = True) -> tuple[dict[str, Any], ...]:
    """Return the operations that remove the candidate."""
    return (*(weights(100) if stable_takes_all else ()), {"op": "remove", "path": "/spec/predictors/1"})
