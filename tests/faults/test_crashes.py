"""Wherever the operator dies, the rollout ends as it would have, with one Job, and no invariant is broken meanwhile."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from typing_extensions import override

from sluice.adapters.memory_seldon import Gate
from sluice.api.phase import TERMINAL, Phase
from sluice.runtime.index import Key
from sluice.runtime.looks import Looks
from tests.faults.crashing import Died, Fault, Mode, spoiled
from tests.golden.live_stories import away
from tests.golden.play import Play
from tests.golden.stories import errors
from tests.golden.timeline import timeline

SHORT: Mapping[str, Any] = {"steps": [{"weight": 25, "margin": "3", "floor": "0.03"}], "tickSeconds": 10}
MOST_WRITES = 45
RESTART_SECONDS = 3.0
ABORT_SECONDS = 5.0


class Faulted(Play):
    """A short play whose writes pass through a fault."""

    fault = Fault()

    @override
    def reconciler(self) -> Any:
        made = super().reconciler()
        world = spoiled(made.world, self.fault)
        applier = type(made.applier)(world, self.telemetry, fence=lambda: None)
        return type(made)(world=world, applier=applier, now=self.clock, looks=self.looks)

    @override
    async def _look(self, key: Key) -> None:
        try:
            await super()._look(key)
        except Died:
            self.looks = Looks()
            self.due[key] = self.clock.seconds() + RESTART_SECONDS


def good() -> Faulted:
    return Faulted(evaluation_seconds=5.0)


def missed() -> Faulted:
    play = good()
    play.route.gate = Gate.MISSED
    return play


def worse() -> Faulted:
    play = good()
    play.clients.rate = errors("43", 0.1)
    return play


def refused() -> Faulted:
    return Faulted(evaluation_seconds=5.0, difference=-0.05)


def aborted() -> Faulted:
    play = good()
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.edit(abort=True))
    return play


def deleted() -> Faulted:
    play = good()
    play.cue(play.at(Phase.SHIFTING, 25), play.delete)
    return play


def unseen() -> Faulted:
    play = good()
    away(play, 600)
    return play


def undecided() -> Faulted:
    return Faulted(evaluation_seconds=5.0, rps=1.0)


STORIES = {
    "promoted": (good, Phase.PROMOTED),
    "promoted, gate missed": (missed, Phase.PROMOTED),
    "rolled back": (worse, Phase.ROLLED_BACK),
    "rejected": (refused, Phase.REJECTED),
    "aborted": (aborted, Phase.ABORTED),
    "deleted": (deleted, Phase.ABORTED),
    "unseen": (unseen, Phase.ROLLED_BACK),
    "undecided": (undecided, Phase.ROLLED_BACK),
}
RULES: Mapping[str, Mapping[str, Any]] = {
    "unseen": {"onNoData": "Rollback", "noDataTimeoutSeconds": 30},
    "undecided": {"onInconclusive": "Rollback", "steps": [{**SHORT["steps"][0], "maxDurationSeconds": 30}]},
}
"""Rules of traffic that a story needs beside the short plan's."""
CASES = [
    ("promoted", Mode.BEFORE),
    ("promoted", Mode.AFTER),
    ("promoted", Mode.CONFLICT),
    ("promoted, gate missed", Mode.AFTER),
    ("rolled back", Mode.BEFORE),
    ("rolled back", Mode.AFTER),
    ("rolled back", Mode.CONFLICT),
    ("rolled back", Mode.NO_ANSWER),
    ("rejected", Mode.AFTER),
    ("aborted", Mode.BEFORE),
    ("aborted", Mode.NO_ANSWER),
    ("deleted", Mode.BEFORE),
    ("deleted", Mode.AFTER),
    ("unseen", Mode.BEFORE),
    ("unseen", Mode.AFTER),
    ("undecided", Mode.AFTER),
    ("undecided", Mode.CONFLICT),
]


def played(name: str, fault: Fault) -> Faulted:
    """Play a story under a fault."""
    play = STORIES[name][0]()
    play.fault = fault
    play.plan("short", traffic={**SHORT, **RULES.get(name, {})})
    play.apply(plan="short")
    play.run(minutes=20)
    return play


@pytest.mark.parametrize(("name", "mode"), [pytest.param(*case, id=", ".join(case)) for case in CASES])
def test_a_death_at_any_write_changes_nothing_but_time(name: str, mode: Mode) -> None:
    whole = Fault()
    undisturbed = played(name, whole)
    assert undisturbed.phase() is STORIES[name][1]
    assert 8 <= whole.seen <= MOST_WRITES
    for at in range(1, whole.seen + 1):
        play = played(name, Fault(at=at, mode=mode))
        where = f"write {at} ({whole.log[at - 1]}, {mode})"
        assert play.phase() is STORIES[name][1], f"{where}\n{timeline(play, where)}"
        assert [job["metadata"]["name"] for job in play.jobs.created] == [
            job["metadata"]["name"] for job in undisturbed.jobs.created
        ], f"S6, {where}"
        assert play.registry.tags == undisturbed.registry.tags, where
        assert play.registry.model_tags == undisturbed.registry.model_tags, where
        assert play.registry.aliases == undisturbed.registry.aliases, where
        assert violations(play) == [], f"{where}\n{timeline(play, where)}"


def violations(play: Play) -> list[str]:
    """Return every broken invariant, over all versions of all objects."""
    return [*_sums(play), *_rises(play), *_returns(play), *_reverts(play), *_old_model(play), *_left(play)]


def _sums(play: Play) -> Iterator[str]:
    for _, sdep in play.targets.history:
        traffic = [predictor.get("traffic", 0) for predictor in sdep["spec"]["predictors"]]
        if sum(traffic) != 100 or not all(0 <= one <= 100 for one in traffic):
            yield f"S1: traffic {traffic}"


def _rises(play: Play) -> Iterator[str]:
    """S2: the weight that the spec gives was recorded in a status before."""
    for time, sdep in play.targets.history:
        weight = sum(p.get("traffic", 0) for p in sdep["spec"]["predictors"] if p["name"].startswith("c-"))
        recorded = max((w for at, w in _recorded(play) if at <= time), default=0)
        if weight > recorded:
            yield f"S2: weight {weight} in the spec, {recorded} on record"


def _recorded(play: Play) -> Iterator[tuple[float, int]]:
    for raw in play.objects.history:
        traffic = (raw.get("status") or {}).get("traffic")
        if raw["kind"] == "ModelCandidate" and traffic:
            for entry in raw["status"].get("history", ())[-1:]:
                yield _seconds(entry["time"]), traffic.get("weight", 0)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _returns(play: Play) -> Iterator[str]:
    """S4: once a rollback is on record nothing raises the weight."""
    begun = next(
        (
            _seconds(raw["status"]["history"][-1]["time"])
            for raw in play.objects.history
            if (raw.get("status") or {}).get("phase") == Phase.ROLLING_BACK
        ),
        None,
    )
    if begun is None:
        return
    before = 100
    for time, sdep in play.targets.history:
        weight = sum(p.get("traffic", 0) for p in sdep["spec"]["predictors"] if p["name"].startswith("c-"))
        if time > begun and weight > before:
            yield f"S4: weight {weight} in the spec after the rollback began"
        before = weight if time > begun else before
    if any(time > begun + ABORT_SECONDS and _carried(route) for time, route in play.route.route_history):
        yield "S4: the candidate had traffic past the abort's deadline"


def _carried(route: Mapping[str, int]) -> int:
    return sum(share for name, share in route.items() if name.startswith("c-"))


def _reverts(play: Play) -> Iterator[str]:
    phases = [
        Phase(raw["status"]["phase"])
        for raw in play.objects.history
        if raw["kind"] == "ModelCandidate" and raw.get("status")
    ]
    for before, after in pairwise(phases):
        if before in TERMINAL and after is not before:
            yield f"S7: {before} became {after}"


def _old_model(play: Play) -> Iterator[str]:
    carried = [time for time, route in play.route.route_history if route.get("main") == 0]
    if carried and play.phase() is Phase.PROMOTED and play.clients.last["42"] > carried[0]:
        yield "S5: a client met the old model after the candidate carried everything"


def _left(play: Play) -> Iterator[str]:
    names = [predictor["name"] for predictor in play.targets.history[-1][1]["spec"]["predictors"]]
    workloads = [one.predictor for one in play.route.deployments.values()]
    stored = [raw for raw in play.objects.history if raw["kind"] == "ModelCandidate"]
    if stored[-1]["metadata"].get("finalizers"):
        yield f"left behind: finalizers {stored[-1]['metadata']['finalizers']}"
    if names != ["main"] or workloads != ["main"]:
        yield f"left behind: predictors {names}, Deployments of {workloads}"
