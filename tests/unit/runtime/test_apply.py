"""Carrying plans out: order, fence, conflicts, refusals, the way round Seldon's manager, and the one status write."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sluice.api.candidate import HistoryEntry, MetricStatus, PinnedModel
from sluice.api.conditions import ConditionType, Reason, find
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.core.naming import FINALIZER
from sluice.core.observed import Observed
from sluice.core.plan import (
    Action,
    ClearFinalizer,
    DeleteOrphan,
    NoteInRegistry,
    PatchTarget,
    PinPlan,
    Plan,
    SetFinalizer,
    StartJob,
    StopJob,
)
from sluice.core.record import Record
from sluice.core.target import Problem
from sluice.ports import Conflict, NotFound, Rejected, Unavailable
from sluice.runtime.apply import Applied, Applier
from sluice.runtime.leadership import LeadershipLost
from sluice.runtime.parsing import parse_candidate
from tests.support.memory_world import MemoryWorld, in_namespace, predictor, ref

NAME = "review-sentiment-43"
TARGET = ref("review-sentiment")
WEIGHTS = {"main": 100, "c-1": 0}


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.stage()
    return made


async def seen(world: MemoryWorld, **fields: Any) -> tuple[Mapping[str, Any], Observed]:
    """Return the staged candidate as it is stored, and a look at it."""
    raw = await world.objects.candidate(ref(NAME))
    return raw, Observed(now=world.clock.now, settings=world.world.settings, candidate=parse_candidate(raw), **fields)


def known(observed: Observed) -> Record:
    """Return what a process that has just begun knows to be on record."""
    return Record(observed.candidate.status)


async def carry_out(world: MemoryWorld, *actions: Action, **plan: Any) -> Applied:
    """Apply a plan of these actions; its status is Queued unless said otherwise."""
    raw, observed = await seen(world)
    status = observed.candidate.status.model_copy(update={"phase": Phase.QUEUED})
    parts: dict[str, Any] = {"status": status, "actions": actions, "requeue": 5.0}
    return await world.applier.apply(raw, observed, Plan(**(parts | plan)), known(observed))


async def phase(world: MemoryWorld) -> str:
    """Return the stored phase; empty before the first status write."""
    return str((await world.status(NAME)).get("phase", ""))


def owned(world_uid: str, name: str) -> dict[str, Any]:
    """Return a manifest that the candidate of this UID owns."""
    return in_namespace({"metadata": {"name": name, "ownerReferences": [{"uid": world_uid, "controller": True}]}})


def children(world_uid: str) -> tuple[dict[str, Any], ...]:
    """Return a Job with what is made beside it."""
    return owned(world_uid, "job"), owned(world_uid, "config"), owned(world_uid, "network")


def a_start(world_uid: str) -> StartJob:
    """Return the action that creates them."""
    job, config, network = children(world_uid)
    return StartJob(job=job, config=config, network=network)


async def uid(world: MemoryWorld) -> str:
    return str((await world.objects.candidate(ref(NAME)))["metadata"]["uid"])


def a_patch(world: MemoryWorld, **fields: Any) -> PatchTarget:
    """Return the patch that adds a candidate predictor at weight 0."""
    known: dict[str, Any] = {
        "generation": world.targets.seldon(TARGET).sdep["metadata"]["generation"],
        "operations": ({"op": "add", "path": "/spec/predictors/-", "value": predictor("c-1", 0)},),
        "intent": "add c-1",
    }
    return PatchTarget(**(known | fields))


async def test_actions_come_first_then_one_status_write(world: MemoryWorld) -> None:
    before = len(world.objects.history)
    assert (await carry_out(world, SetFinalizer(), a_patch(world))).plan.requeue == 5.0
    kinds = [(one["kind"], "status" in one) for one in world.objects.history[before:]]
    assert kinds == [("ModelCandidate", False), ("ModelCandidate", True)]
    assert [one["name"] for one in world.targets.seldon(TARGET).predictors()] == ["main", "c-1"]


async def test_the_finalizer_is_put_once_and_taken_off_beside_others(world: MemoryWorld) -> None:
    await world.objects.set_finalizers(ref(NAME), await version(world), ["other/one"])
    await carry_out(world, SetFinalizer())
    await carry_out(world, SetFinalizer())
    assert (await world.objects.candidate(ref(NAME)))["metadata"]["finalizers"] == ["other/one", FINALIZER]
    await carry_out(world, ClearFinalizer())
    assert (await world.objects.candidate(ref(NAME)))["metadata"]["finalizers"] == ["other/one"]


async def version(world: MemoryWorld) -> str:
    return str((await world.objects.candidate(ref(NAME)))["metadata"]["resourceVersion"])


async def test_a_deleted_candidate_goes_with_the_finalizer_and_its_last_status_is_no_error(world: MemoryWorld) -> None:
    await carry_out(world, SetFinalizer())
    world.objects.delete("ModelCandidate", ref(NAME))
    await carry_out(world, ClearFinalizer())
    with pytest.raises(NotFound):
        await world.objects.candidate(ref(NAME))


async def test_an_unchanged_status_is_not_written(world: MemoryWorld) -> None:
    await carry_out(world)
    before = await version(world)
    await carry_out(world)
    assert await version(world) == before


async def test_children_that_exist_with_our_owner_are_fine(world: MemoryWorld) -> None:
    me = await uid(world)
    revision = owned(me, "rev") | {"kind": "ControllerRevision"}
    actions = (PinPlan(manifest=revision), a_start(me))
    await carry_out(world, *actions)
    await carry_out(world, *actions)
    assert [one["metadata"]["name"] for one in world.jobs.created] == ["job"]
    assert [name for _, name in (*world.jobs.networks, *world.jobs.configs)] == ["network", "config"]


async def test_children_of_somebody_else_are_refused_with_the_cure(world: MemoryWorld) -> None:
    world.objects.create(owned("stranger", "rev") | {"kind": "ControllerRevision"})
    await carry_out(world, PinPlan(manifest=owned(await uid(world), "rev") | {"kind": "ControllerRevision"}))
    assert await refusal(world) == "ControllerRevision rev exists and is not ours: delete it"


async def test_a_job_of_somebody_else_is_refused_with_the_cure(world: MemoryWorld) -> None:
    await world.jobs.create_job(*children("stranger"))
    await carry_out(world, a_start(await uid(world)))
    assert await refusal(world) == "Job job exists and is not ours: delete it"


async def refusal(world: MemoryWorld) -> str:
    """Return what the candidate says about the write that was refused; its phase must not have moved."""
    candidate = parse_candidate(await world.objects.candidate(ref(NAME)))
    condition = find(candidate.status.conditions, ConditionType.RECONCILING)
    assert condition is not None
    assert (condition.reason, candidate.status.phase) == (Reason.WRITE_REFUSED, Phase.PENDING)
    return condition.message


async def test_a_refused_write_moves_nothing_else_and_says_so_once(world: MemoryWorld) -> None:
    bad = a_patch(world, operations=({"op": "add", "path": "/spec/predictors/-", "value": predictor("c-1", 50)},))
    for _ in range(3):
        assert (await carry_out(world, bad, DeleteOrphan(name="x"))).plan.requeue == 15.0
    assert "Traffic must sum to 100" in await refusal(world)
    assert [(event.type, event.reason) for _, event in world.events.emitted] == [("Warning", "WriteRefused")]
    assert [one["name"] for one in world.targets.seldon(TARGET).predictors()] == ["main"]


async def test_a_job_is_stopped_by_its_uid_only(world: MemoryWorld) -> None:
    await world.jobs.create_job(*children("x"))
    await carry_out(world, StopJob(name="job", uid="another"))
    assert len(world.jobs.running()) == 1
    await carry_out(world, StopJob(name="job", uid="job-0001"))
    assert world.jobs.running() == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        pytest.param(Conflict("moved"), "conflict", id="a conflict"),
        pytest.param(Unavailable("down"), "unavailable", id="no answer"),
        pytest.param(NotFound("gone"), "notfound", id="a target that went"),
    ],
)
async def test_an_action_that_fails_ends_the_pass_without_a_status_write(
    world: MemoryWorld, error: Exception, outcome: str
) -> None:
    class Failing(type(world.targets)):  # type: ignore[misc]
        async def patch(self, *_: object) -> None:
            raise error

    failing = replace(world.world, targets=Failing(world.clock))
    raw, observed = await seen(world)
    plan = Plan(status=observed.candidate.status, actions=(a_patch(world), SetFinalizer()))
    with pytest.raises(type(error)):
        await Applier(failing, world.telemetry, world.fence).apply(raw, observed, plan, known(observed))
    assert await phase(world) == ""
    assert "finalizers" not in (await world.objects.candidate(ref(NAME)))["metadata"]
    counted = world.telemetry.registry.get_sample_value(
        "sluice_writes_total", {"action": "PatchTarget", "outcome": outcome}
    )
    assert counted == 1


async def test_a_candidate_that_changed_meanwhile_is_a_conflict(world: MemoryWorld) -> None:
    raw, observed = await seen(world)
    world.objects.edit("ModelCandidate", ref(NAME), abort=True)
    plan = Plan(status=observed.candidate.status.model_copy(update={"phase": Phase.QUEUED}))
    with pytest.raises(Conflict):
        await world.applier.apply(raw, observed, plan, known(observed))


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(SetFinalizer(), id="no finalizer"),
        pytest.param(PatchTarget(generation=1, operations=(), intent="nothing"), id="no traffic"),
        pytest.param(DeleteOrphan(name="x"), id="no deletion"),
        pytest.param(StopJob(name="job", uid=""), id="no Job"),
        pytest.param(None, id="no status"),
    ],
)
async def test_a_replica_that_does_not_lead_writes_nothing(world: MemoryWorld, action: Action | None) -> None:
    def lost() -> None:
        raise LeadershipLost("another leads")

    world.fence = lost
    before = (len(world.objects.history), len(world.targets.history))
    with pytest.raises(LeadershipLost):
        await carry_out(world, *([action] if action else []))
    assert (len(world.objects.history), len(world.targets.history)) == before
    assert world.events.emitted == []


async def with_candidate_at(world: MemoryWorld, weight: int) -> None:
    """Bring a second predictor to a weight that the route shows."""
    world.targets.edit(TARGET, [predictor(traffic=100 - weight), predictor("c-1", weight)])
    world.clock.advance(60)
    assert world.targets.seldon(TARGET).weights == {"main": 100 - weight, "c-1": weight}


async def test_with_seldons_manager_down_a_rollback_writes_the_route(world: MemoryWorld) -> None:
    await with_candidate_at(world, 25)
    world.targets.stop_manager(TARGET)
    patch = a_patch(world, operations=(), route_if_unavailable=WEIGHTS)
    await carry_out(world, patch)
    assert world.targets.seldon(TARGET).weights == WEIGHTS
    assert await phase(world) == "Queued"


async def test_with_seldons_manager_down_nothing_else_goes_round_it(world: MemoryWorld) -> None:
    await with_candidate_at(world, 25)
    world.targets.stop_manager(TARGET)
    with pytest.raises(Unavailable):
        await carry_out(world, a_patch(world, operations=()))
    assert world.targets.seldon(TARGET).weights == {"main": 75, "c-1": 25}


async def test_the_outcome_is_noted_in_the_registry(world: MemoryWorld) -> None:
    model = PinnedModel(
        registry="default",
        name="review-sentiment",
        version="43",
        digest="sha256:" + "a" * 64,
        uri="mlflow-artifacts:/1",
    )
    await carry_out(world, NoteInRegistry(model=model, tags={"sluice.verdict": "Promoted"}, alias="champion"))
    assert world.registry.tags["review-sentiment", "43"] == {"sluice.verdict": "Promoted"}
    assert world.registry.aliases["review-sentiment", "champion"] == "43"


async def test_news_become_events_of_their_kind(world: MemoryWorld) -> None:
    news = tuple(
        HistoryEntry(time="2026-03-02T09:00:00Z", phase=Phase.SHIFTING, reason=reason, message=reason)
        for reason in (Reason.STEP_PASSED, Reason.BREACHED, Reason.PLAN_MISSING)
    )
    await carry_out(world, news=news)
    assert [(name, event.type, event.reason) for name, event in world.events.emitted] == [
        (NAME, "Normal", "StepPassed"),
        (NAME, "Warning", "Breached"),
        (NAME, "Warning", "PlanMissing"),
    ]


async def test_transitions_and_missing_data_are_counted(world: MemoryWorld) -> None:
    raw, observed = await seen(world, samples={"errors": Problem(reason=Reason.NO_DATA, message="down")})
    unread = MetricStatus(name="errors", verdict=Verdict.NO_DATA, finding="Unread")
    status = observed.candidate.status.model_copy(update={"phase": Phase.ROLLED_BACK, "metrics": (unread,)})
    await world.applier.apply(raw, observed, Plan(status=status), known(observed))
    value = world.telemetry.registry.get_sample_value
    assert value("sluice_transitions_total", {"phase": "RolledBack"}) == 1
    assert value("sluice_no_data_total", {"reason": "Unread"}) == 1


async def test_a_registry_that_is_gone_from_the_configuration_is_waited_for(world: MemoryWorld) -> None:
    model = PinnedModel(registry="old", name="m", version="1", digest="sha256:" + "a" * 64, uri="mlflow-artifacts:/1")
    with pytest.raises(Unavailable, match="no longer configured"):
        await carry_out(world, NoteInRegistry(model=model, tags={}))


async def test_a_rejected_registry_note_does_not_stop_the_candidate_from_saying_so(world: MemoryWorld) -> None:
    class Refusing(type(world.registry)):  # type: ignore[misc]
        async def tag(self, *_: object) -> None:
            raise Rejected("permission denied")

    providers = replace(world.world.providers, registries={"default": Refusing()})
    world.world = replace(world.world, providers=providers)
    model = PinnedModel(
        registry="default", name="m", version="1", digest="sha256:" + "a" * 64, uri="mlflow-artifacts:/1"
    )
    await carry_out(world, NoteInRegistry(model=model, tags={"a": "b"}))
    assert await refusal(world) == "permission denied"
