"""One reconcile and what the worker makes of each way it can end."""

import pytest

from sluice.core.observed import Observed
from sluice.core.plan import Plan
from sluice.ports import Conflict, NotFound, Rejected, SluiceError, Unavailable
from sluice.runtime.index import Key
from sluice.runtime.reconciler import INVALID_AGAIN, CandidateGone, Worker
from sluice.runtime.telemetry import OUTCOMES, outcome_of
from sluice.runtime.workqueue import WorkQueue
from tests.support import objects
from tests.support.memory_world import NAMESPACE, MemoryWorld, in_namespace, ref

NAME = "review-sentiment-43"
KEY = Key(NAMESPACE, NAME)


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.stage()
    return made


async def after_one(world: MemoryWorld) -> tuple[str, float | None]:
    """Have a worker do one reconcile; return the outcome's word and in how many seconds the key is due again."""
    queue: WorkQueue[Key] = WorkQueue(world.clock.seconds)
    queue.add(KEY)
    await Worker(0, queue, world.reconciler, world.telemetry).step(patience=0)
    due = queue._due.get(KEY)
    return counted(world), None if due is None else due - world.clock.seconds()


def counted(world: MemoryWorld) -> str:
    """Return the outcome that was counted, or ""."""
    samples = [one for metric in world.telemetry.registry.collect() for one in metric.samples]
    found = [one.labels["outcome"] for one in samples if one.name == "sluice_reconcile_total" and one.value]
    return found[0] if found else ""


async def test_a_pass_ends_with_the_time_of_the_next(world: MemoryWorld) -> None:
    assert await after_one(world) == ("ok", 0)
    assert (await world.status(NAME))["phase"] == "Queued"


@pytest.mark.parametrize(
    ("took", "rest"),
    [
        pytest.param(0.0, 5.0, id="at once"),
        pytest.param(2.0, 3.0, id="the time of the pass is part of the wait: the tick is kept"),
        pytest.param(9.0, 2.5, id="a pass longer than the tick: half of it is waited, for the sake of what is slow"),
    ],
)
async def test_a_tick_is_not_stretched_by_what_a_pass_takes(world: MemoryWorld, took: float, rest: float) -> None:
    def slow(observed: Observed) -> Plan:
        world.clock.advance(took)
        return Plan(status=observed.candidate.status, requeue=5.0)

    world.decide = slow
    assert await after_one(world) == ("ok", rest)


async def test_a_candidate_that_is_gone_is_dropped(world: MemoryWorld) -> None:
    world.objects.delete("ModelCandidate", ref(NAME))
    assert await after_one(world) == ("gone", None)


@pytest.mark.parametrize(
    ("error", "want"),
    [
        pytest.param(Conflict("moved"), ("conflict", 0), id="a conflict is looked at again at once"),
        pytest.param(Unavailable("down"), ("unavailable", 0.5), id="no answer waits"),
        pytest.param(NotFound("target"), ("notfound", 0.5), id="something else that went is looked at again"),
        pytest.param(Rejected("no"), ("rejected", 0.5), id="a refused read waits"),
        pytest.param(TimeoutError(), ("unavailable", 0.5), id="a pass that takes too long is given up"),
        pytest.param(ZeroDivisionError(), ("error", 0.5), id="a bug in a decision does not end the worker"),
    ],
)
async def test_errors_by_kind(world: MemoryWorld, error: Exception, want: tuple[str, float]) -> None:
    def broken(_: Observed) -> Plan:
        raise error

    world.decide = broken
    assert await after_one(world) == want


async def test_the_candidate_itself_missing_is_told_apart(world: MemoryWorld) -> None:
    world.objects.delete("ModelCandidate", ref(NAME))
    with pytest.raises(CandidateGone):
        await world.pass_over(NAME)


async def test_an_invalid_spec_gets_a_condition_and_an_event_once_and_stops_nobody(world: MemoryWorld) -> None:
    bad = objects.candidate("bad", model={"name": objects.HOSTILE, "version": "1"})
    world.objects.create(in_namespace(bad))
    for _ in range(3):
        assert await world.pass_over("bad") == INVALID_AGAIN
    conditions = {one["type"]: (one["status"], one["reason"]) for one in (await world.status("bad"))["conditions"]}
    assert conditions == {
        "Ready": ("False", "SpecInvalid"),
        "Reconciling": ("False", "SpecInvalid"),
        "Stalled": ("True", "SpecInvalid"),
    }
    assert [(name, event.reason) for name, event in world.events.emitted] == [("bad", "SpecInvalid")]
    assert "spec.model.name" in world.events.emitted[0][1].message
    await world.pass_over(NAME)
    assert (await world.status(NAME))["phase"] == "Queued"


async def test_a_status_that_cannot_be_read_is_left_as_it_is(world: MemoryWorld) -> None:
    raw = await world.objects.candidate(ref(NAME))
    forged = {"phase": objects.HOSTILE}
    await world.objects.write_status(ref(NAME), raw["metadata"]["resourceVersion"], forged)
    assert await world.pass_over(NAME) == INVALID_AGAIN
    assert await world.status(NAME) == forged


async def test_a_restart_at_any_pass_goes_on_where_it_was(world: MemoryWorld) -> None:
    pinned, uses_counted, intended, job_made = "Queued", "Queued", "Evaluating", "Evaluating"
    for want in (pinned, uses_counted, intended, job_made):
        await world.pass_over(NAME)
        assert (await world.status(NAME))["phase"] == want
    assert len(world.jobs.created) == 1


def test_every_error_of_the_ports_has_a_word() -> None:
    kinds = (NotFound("x"), Conflict("x"), Unavailable("x"), Rejected("x"), SluiceError("x"), TimeoutError())
    assert {outcome_of(kind) for kind in kinds} <= set(OUTCOMES)
