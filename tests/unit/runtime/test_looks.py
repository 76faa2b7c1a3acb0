"""A running candidate whose world does not change costs one query a tick: what is read and written, and when again."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from sluice.api.phase import Phase
from sluice.ports import Conflict, CounterQuery, Providers, Unavailable
from sluice.runtime import looks
from sluice.runtime.index import Key
from sluice.runtime.lane import Found
from sluice.runtime.reconciler import Reconciler
from sluice.runtime.sampling import NotRead, SharedReads
from tests.golden.play import NAMESPACE, TARGET, Play
from tests.golden.stories import errors

KEY = Key(NAMESPACE, "shop-43")
CANDIDATE = replace(TARGET, name=KEY.name)
TICK = 5.0


def requests(raw: Mapping[str, Any]) -> int:
    """Return how many candidate requests the evidence on record rests on."""
    return int(raw["status"]["metrics"][0]["candidate"].partition("/")[2])


class Counted:
    """A port that counts its calls."""

    def __init__(self, port: object, calls: Counter[str]) -> None:
        self._port, self._calls = port, calls

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._port, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._calls[name] += 1
            return await inner(*args, **kwargs)

        return call


class Counting(Play):
    """A play whose calls to the API server are counted."""

    @override
    def __post_init__(self) -> None:
        self.calls: Counter[str] = Counter()
        super().__post_init__()

    @override
    def reconciler(self) -> Reconciler:
        made = super().reconciler()
        ports: dict[str, Any] = {
            name: Counted(getattr(made.world, name), self.calls) for name in ("objects", "writer", "targets", "events")
        }
        world = replace(made.world, **ports)
        return replace(made, world=world, applier=replace(made.applier, world=world))

    async def tick(self, times: int = 1) -> Counter[str]:
        """Let ticks go by as the worker's timer would; return the calls that they made."""
        self.calls.clear()
        for _ in range(times):
            self.clock.advance(TICK)
            await self.reconciler().reconcile(KEY)
        return Counter(self.calls)


@pytest.fixture
def play() -> Counting:
    """Return a play at its first step, judged for some time: too little traffic for a verdict."""
    made = Counting(rps=5.0)
    made.apply()
    made.run(minutes=5)
    assert made.at(Phase.SHIFTING, 5)()
    assert made.status()["metrics"][0]["verdict"] == "Inconclusive"
    return made


async def test_five_minutes_of_waiting_are_a_query_a_tick_a_write_a_minute_and_a_look_or_two(play: Counting) -> None:
    before = len(play.metrics.reads)
    calls = await play.tick(60)
    assert len(play.metrics.reads) - before == 60
    looked, written = calls["read"], calls["write_status"]
    assert calls == dict.fromkeys(("candidate", "candidates", "revision", "read"), looked) | {"write_status": written}
    assert 1 <= looked <= 2
    assert 4 <= written <= 6


async def test_evidence_on_record_is_never_older_than_a_minute(play: Counting) -> None:
    ages = []
    for _ in range(40):
        await play.tick()
        ages.append(play.clock.seconds() - float(play.status()["checkpoint"]["time"]))
    assert 30 < max(ages) < 60 + 2 * TICK


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda play: play.edit(abort=True), id="abort"),
        pytest.param(lambda play: play.delete(), id="delete"),
        pytest.param(lambda play: play.edit(paused=True), id="pause"),
    ],
)
async def test_a_change_that_is_reported_is_seen_at_once(play: Counting, change: Callable[[Play], None]) -> None:
    await play.tick()
    change(play)
    assert (await play.tick())["candidate"] == 1
    assert play.phase() is Phase.ROLLING_BACK or play.status()["conditions"][-1]["reason"] == "Paused"


async def test_a_change_of_the_target_that_no_watch_reported_is_seen_in_five_minutes(play: Counting) -> None:
    await play.tick(3)
    play.targets.edit(TARGET, [play.route.predictors()[0] | {"traffic": 100}])
    await play.tick(60)
    assert (play.phase(), play.status()["traffic"]["cause"]) == (Phase.ROLLED_BACK, "Drifted")


@pytest.mark.parametrize("problem", [None, Unavailable("refused")], ids=["with samples", "without any"])
async def test_an_abort_that_no_watch_reported_is_seen_in_a_minute_or_so(
    play: Counting, problem: Unavailable | None
) -> None:
    await play.tick(3)
    play.metrics.problem = problem
    await play.tick(2)
    play.objects.edit("ModelCandidate", CANDIDATE, abort=True)
    with contextlib.suppress(Conflict):
        await play.tick(int(looks.SURE_SECONDS // TICK))
    await play.tick()
    assert play.status()["traffic"]["cause"] == "Aborted"


def test_candidates_that_were_looked_at_together_are_not_read_again_together(play: Counting) -> None:
    known = play.looks.last(KEY)
    assert known is not None
    known = replace(known, record=replace(known.record, time=known.taken + timedelta(seconds=150)))
    keys = [Key(NAMESPACE, f"shop-{number}") for number in range(100)]
    for key in keys:
        play.looks.keep(key, known)
    fresh = [
        sum(play.looks.is_current(key, known.taken + timedelta(seconds=age)) for key in keys) for age in (149, 187, 224)
    ]
    assert fresh[0] == len(keys) > fresh[1] > fresh[2] > 0


async def test_a_change_that_is_reported_while_objects_are_read_makes_them_old(play: Counting) -> None:
    kept = looks.Looks()
    known = play.looks.last(KEY)
    assert known is not None
    kept.renew(KEY)
    kept.outdate(KEY)
    kept.keep(KEY, known)
    assert not kept.is_current(KEY, known.taken)
    kept.renew(KEY)
    assert kept.is_current(KEY, known.taken)


async def until_back(play: Counting) -> Counter[str]:
    """Have most candidate requests fail, and return the calls of the pass that takes traffic back for it."""
    play.clients.rate, play.clients.rps = errors("43", 0.9), 200.0
    for _ in range(10):
        queries, calls = len(play.metrics.reads), await play.tick()
        if play.phase() is Phase.ROLLING_BACK:
            assert len(play.metrics.reads) - queries == 1
            break
    assert play.status()["traffic"]["cause"] == "Breached"
    assert play.route.predictors()[0]["traffic"] == 100
    return calls


async def test_a_breach_is_answered_in_the_pass_that_read_it_and_waits_for_no_object(play: Counting) -> None:
    assert await until_back(play) == {"patch": 1, "write_status": 1, "emit": 1}


def scaled(play: Counting) -> None:
    """Give the stable predictor another pod."""
    stable, candidate = play.route.predictors()
    play.targets.edit(TARGET, [stable | {"replicas": stable["replicas"] + 1}, candidate])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda play: play.objects.edit("ModelCandidate", CANDIDATE, paused=True), id="of the candidate"),
        pytest.param(scaled, id="of the target"),
    ],
)
async def test_a_breach_is_answered_on_objects_read_anew_where_a_change_was_not_reported(
    play: Counting, change: Callable[[Counting], None]
) -> None:
    await play.tick()
    change(play)
    calls = await until_back(play)
    assert (calls["candidate"], calls["read"]) == (1, 1)


async def test_a_status_that_somebody_else_wrote_is_gone_on_from(play: Counting) -> None:
    await play.tick(3)
    raw = await play.objects.candidate(CANDIDATE)
    forged = {**raw["status"], "metrics": [], "checkpoint": None}
    await play.objects.write_status(CANDIDATE, raw["metadata"]["resourceVersion"], forged)
    play.looks.outdate(KEY)
    before = requests(raw)
    await play.tick()
    assert 0 < requests(await play.objects.candidate(CANDIDATE)) < before


async def test_a_pass_that_fails_is_followed_by_one_that_reads_everything(play: Counting) -> None:
    await play.tick()
    play.metrics.problem = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await play.tick()
    play.metrics.problem = None
    assert (await play.tick())["candidate"] == 1


async def test_prometheus_away_is_said_once_and_asked_once_a_tick(play: Counting) -> None:
    play.metrics.problem = Unavailable("refused")
    before = len(play.metrics.reads)
    await play.tick(6)
    assert len(play.metrics.reads) - before == 6
    told = [event.reason for _, event in play.events.emitted]
    assert told.count("NoData") == 1
    play.metrics.problem = None
    await play.tick(2)
    assert play.status()["metrics"][0]["verdict"] == "Inconclusive"


@pytest.mark.parametrize(
    ("late", "times", "want"),
    [
        pytest.param(0.0, 5, [], id="ticks in time"),
        pytest.param(4.0, 5, [], id="ticks that are late by less than themselves"),
        pytest.param(6.0, 2, [], id="two that are late by more"),
        pytest.param(6.0, 3, ["TickLate"], id="three that are late by more"),
    ],
)
async def test_ticks_that_are_not_kept_are_said(play: Counting, late: float, times: int, want: list[str]) -> None:
    await play.tick()
    for _ in range(times):
        play.clock.advance(late)
        await play.tick()
    await play.tick()
    assert [event.reason for _, event in play.events.emitted if event.reason == "TickLate"] == want
    conditions = {one["type"]: one["reason"] for one in play.status()["conditions"]}
    assert conditions.get("CadenceMismatch") == (want[0] if want else None)


async def test_a_look_for_another_reason_is_never_late(play: Counting) -> None:
    await play.tick()
    play.poke()
    await play.reconciler().reconcile(KEY)
    assert play.status()["conditions"][-1]["type"] != "CadenceMismatch"


class Hanging:
    """A provider that never answers."""

    async def read(self, queries: Collection[CounterQuery], at: float) -> Mapping[CounterQuery, Found]:
        await asyncio.get_running_loop().create_future()
        raise AssertionError(queries, at)


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param(lambda play: play.edit(abort=True), id="abort"),
        pytest.param(lambda play: play.delete(), id="delete"),
    ],
)
async def test_taking_traffic_back_waits_for_no_provider(play: Counting, leave: Callable[[Play], None]) -> None:
    hung = play.reconciler()
    shared = Providers(registries=hung.world.providers.registries, metrics={"default": SharedReads(Hanging())})
    world = replace(hung.world, providers=shared)
    hung = replace(hung, world=world, applier=replace(hung.applier, world=world))
    play.clock.advance(TICK)
    with pytest.raises(NotRead):
        await hung.reconcile(KEY)
    leave(play)
    await hung.reconcile(KEY)
    assert play.phase() is Phase.ROLLING_BACK


def awaiting(play: Counting) -> Reconciler:
    """Return a reconciler that has to wait for samples."""
    made = play.reconciler()
    metrics = {"default": SharedReads(play.metrics, now=play.clock.seconds)}
    shared = Providers(registries=made.world.providers.registries, metrics=metrics)
    world = replace(made.world, providers=shared)
    return replace(made, world=world, applier=replace(made.applier, world=world))


@pytest.mark.parametrize(
    ("change", "want"),
    [
        pytest.param(lambda _: None, 1, id="what was read before the samples is not read again"),
        pytest.param(lambda play: play.poke(), 2, id="what changed since is"),
    ],
)
async def test_a_look_that_waits_for_samples_reads_once(
    play: Counting, change: Callable[[Play], None], want: int
) -> None:
    made = awaiting(play)
    play.looks.forget(KEY)
    play.clock.advance(TICK)
    play.calls.clear()
    before = requests(await play.objects.candidate(CANDIDATE))
    with pytest.raises(NotRead) as wait:
        await made.reconcile(KEY)
    change(play)
    await wait.value.arrival
    assert await made.reconcile(KEY) == TICK
    assert (play.calls["candidate"], play.calls["read"], play.calls["write_status"]) == (want, want, 1)
    assert requests(await play.objects.candidate(CANDIDATE)) > before
    assert not play.looks.is_outdated(KEY)


async def test_an_abort_that_comes_while_samples_are_awaited_is_seen_at_once(play: Counting) -> None:
    made = awaiting(play)
    play.looks.forget(KEY)
    with pytest.raises(NotRead):
        await made.reconcile(KEY)
    play.edit(abort=True)
    await made.reconcile(KEY)
    assert play.phase() is Phase.ROLLING_BACK


@pytest.mark.parametrize(
    ("first", "again", "want"),
    [
        pytest.param(TICK, TICK, 0.0, id="in time"),
        pytest.param(TICK + 7, TICK + 7, 7.0, id="late"),
        pytest.param(TICK / 2 - 0.1, TICK / 2 - 0.1, None, id="so early that an event called it"),
        pytest.param(TICK, TICK + 7, 0.0, id="a provider that lets it wait does not make it late"),
    ],
)
async def test_how_late_a_pass_begins(play: Counting, first: float, again: float, want: float | None) -> None:
    await play.tick()
    known = play.looks.last(KEY)
    assert known is not None
    play.looks.begin(KEY, known.begun + timedelta(seconds=first))
    assert play.looks.begin(KEY, known.begun + timedelta(seconds=again)).late_seconds == want


def test_of_a_candidate_only_what_a_write_needs_is_remembered() -> None:
    metadata = {"name": "shop-43", "namespace": NAMESPACE, "uid": "u", "resourceVersion": "7", "finalizers": ["f"]}
    whole = {
        "apiVersion": "sluice.dev/v1alpha1",
        "kind": "ModelCandidate",
        "metadata": metadata | {"managedFields": [{"manager": "sluice"}], "annotations": {"applied": "{}"}},
        "spec": {"planRef": {"name": "careful"}},
        "status": {"phase": "Shifting", "checkpoint": {"state": "long"}},
    }
    want = {name: whole[name] for name in ("apiVersion", "kind")}
    assert looks.gist(whole) == want | {"metadata": metadata, "status": {"phase": "Shifting"}}
