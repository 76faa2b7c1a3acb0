"""Killed before or after any single write, or refused by a server in trouble: the end is the same as without."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from typing_extensions import override

from sluice.api.phase import Phase
from sluice.ports import Providers, SluiceError, Unavailable
from sluice.runtime.reconciler import Reconciler
from tests.golden.play import TARGET, Play
from tests.golden.stories import STORIES, errors
from tests.golden.test_timelines import violations

WRITES = {
    "create_revision",
    "write_status",
    "set_finalizers",
    "create_job",
    "delete_job",
    "patch",
    "write_route",
    "delete_workload",
    "tag",
    "set_alias",
}
QUICK = [{"weight": 50, "margin": "3", "floor": "0.05"}]


class Killed(SluiceError):  # noqa: N818 -- it is what happens, not what is wrong
    """The process ends here; what it knew is lost, and the next one starts from what is stored."""


@dataclass
class Fault:
    """What happens at the n-th write of the whole story."""

    at: int = 0
    error: type[SluiceError] = Killed
    committed: bool = False
    seen: list[str] = field(default_factory=list)

    async def write(self, name: str, call: Callable[[], Awaitable[Any]]) -> Any:
        self.seen.append(name)
        struck = len(self.seen) == self.at
        if struck and not self.committed:
            raise self.error(f"before write {self.at}: {name}")
        answer = await call()
        if struck:
            raise self.error(f"after write {self.at}: {name}")
        return answer


class Faulty:
    """A port whose writes pass by the fault."""

    def __init__(self, port: object, fault: Fault) -> None:
        self._port, self._fault = port, fault

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if name not in WRITES:
            return method

        async def write(*arguments: object, **options: object) -> Any:
            return await self._fault.write(name, lambda: method(*arguments, **options))

        return write


class Struck(Play):
    """A play with one fault in it."""

    def __init__(self, fault: Fault, evaluation_seconds: float) -> None:
        self.fault = fault
        super().__init__(evaluation_seconds=evaluation_seconds)

    @override
    def reconciler(self) -> Reconciler:
        made = super().reconciler()
        faulty: Any = {name: Faulty(getattr(made.world, name), self.fault) for name in ("objects", "writer", "jobs")}
        registries: Any = {"default": Faulty(self.registry, self.fault)}
        providers = Providers(registries=registries, metrics=made.world.providers.metrics)
        targets: Any = Faulty(self.targets, self.fault)
        world = replace(made.world, **faulty, targets=targets, providers=providers)
        return replace(made, world=world, applier=replace(made.applier, world=world))


def promoted(play: Play) -> None:
    """Leave everything as it is: the candidate is good."""


def rolled_back(play: Play) -> None:
    """Let the candidate fail."""
    play.clients.rate = errors("43", 0.2)


def deleted(play: Play) -> None:
    """Have a person delete the candidate in flight."""
    play.cue(play.at(Phase.SHIFTING, 50), play.delete)


def tell(setting: Callable[[Play], None], fault: Fault) -> Play:
    """Play one step to the end with a fault in it."""
    play = Struck(fault, evaluation_seconds=1.0)
    play.plan("quick", traffic={"steps": QUICK})
    setting(play)
    play.apply(plan="quick")
    play.run(60)
    return play


def end(play: Play) -> dict[str, Any]:
    """Return everything that must be the same at the end."""
    seldon = play.targets.seldon(TARGET)
    stored = [raw for raw in play.objects._stored.values() if raw["kind"] == "ModelCandidate"]
    return {
        "phase": play.phase(),
        "spec": [(one["name"], one["traffic"], one["graph"]["modelUri"]) for one in seldon.predictors()],
        "route": seldon.weights,
        "deployments": sorted(seldon.deployments),
        "aliases": play.registry.aliases,
        "tags": play.registry.tags["shop", "43"],
        "jobs": len(play.jobs.created),
        "finalizers": [raw["metadata"].get("finalizers") for raw in stored],
    }


@dataclass(frozen=True)
class Case:
    """A story, its end, and the fault that strikes each of its writes in turn."""

    setting: Callable[[Play], None]
    end: Phase
    error: type[SluiceError]
    committed: bool


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Case(promoted, Phase.PROMOTED, Killed, committed=False), id="promotion, killed before it"),
        pytest.param(Case(promoted, Phase.PROMOTED, Killed, committed=True), id="promotion, killed after it"),
        pytest.param(Case(rolled_back, Phase.ROLLED_BACK, Killed, committed=False), id="rollback, killed before it"),
        pytest.param(Case(rolled_back, Phase.ROLLED_BACK, Killed, committed=True), id="rollback, killed after it"),
        pytest.param(Case(rolled_back, Phase.ROLLED_BACK, Unavailable, committed=False), id="rollback, server busy"),
        pytest.param(Case(rolled_back, Phase.ROLLED_BACK, Unavailable, committed=True), id="rollback, answer lost"),
        pytest.param(Case(deleted, Phase.ABORTED, Killed, committed=False), id="deletion, killed before it"),
        pytest.param(Case(deleted, Phase.ABORTED, Unavailable, committed=True), id="deletion, answer lost"),
    ],
)
def test_at_any_write(case: Case) -> None:
    undisturbed = Fault()
    want = end(tell(case.setting, undisturbed))
    assert want["phase"] is case.end
    assert len(undisturbed.seen) > 10
    for at, write in enumerate(undisturbed.seen, start=1):
        play = tell(case.setting, Fault(at, case.error, case.committed))
        assert end(play) == want, f"{write}, write {at} of {len(undisturbed.seen)}"
        violations(play, replace(STORIES["good"], ends={"shop-43": case.end}))
