"""What one look at the world reads, and what it makes of what is missing or broken."""

from collections.abc import Callable
from typing import Any

import pytest
from typing_extensions import override

from sluice.adapters.memory_registry import MemoryRegistry
from sluice.api.candidate import ModelRef, PinnedModel
from sluice.api.conditions import Reason
from sluice.core.analysis.samples import Series
from sluice.core.observed import JobReport, LivePlan, Observed
from sluice.core.target import Problem, Target
from sluice.ports import Providers, Ref, Rejected, Unavailable
from sluice.runtime.observe import observe, resample
from sluice.runtime.parsing import parse_candidate
from tests.support import objects
from tests.support.candidates import pinned, status, traffic
from tests.support.memory_world import MemoryWorld, in_namespace, predictor, ref

NAME = "review-sentiment-43"
TARGET = ref("review-sentiment")
EVALUATION = {"jobName": "job", "startedAt": "2026-11-24T06:00:00Z"}


@pytest.fixture
def world() -> MemoryWorld:
    made = MemoryWorld()
    made.stage()
    return made


async def look(world: MemoryWorld, written: dict[str, Any] | None = None, **spec: Any) -> Observed:
    """Look on behalf of the staged candidate, with this status and these fields of its spec."""
    raw = dict(await world.objects.candidate(ref(NAME)))
    raw |= {"spec": raw["spec"] | spec, "status": written or {}}
    seen = await observe(world.world, parse_candidate(raw), world.clock.now)
    return await resample(world.world, seen, seen.now)


async def test_pending_sees_rivals_plan_target_and_model(world: MemoryWorld) -> None:
    seen = await look(world)
    assert isinstance(seen.plan, LivePlan)
    assert isinstance(seen.target, Target)
    assert isinstance(seen.model, PinnedModel)
    assert (seen.plan.name, seen.target.name, seen.model.version) == ("careful", "review-sentiment", "43")
    assert (seen.rivals, seen.champion, seen.job, seen.samples) == ((), None, None, None)
    assert seen.now == world.clock.now


async def test_the_champion_is_looked_up_when_the_turn_comes_and_not_before(world: MemoryWorld) -> None:
    assert (await look(world, status("Queued"))).champion == await world.registry.resolve(
        ModelRef(name="review-sentiment", version="42")
    )
    rival = world.objects.create(in_namespace(objects.candidate("rival")))
    await world.objects.write_status(ref("rival"), rival["metadata"]["resourceVersion"], {"phase": "Shifting"})
    assert (await look(world, status("Queued"))).champion is None


async def test_an_ended_candidate_reads_nothing(world: MemoryWorld) -> None:
    world.targets.delete(TARGET)
    world.registry.down = True
    seen = await look(world, status("Promoted"))
    assert (seen.plan, seen.target, seen.model, seen.champion, seen.job) == (None, None, None, None, None)


async def test_a_pinned_plan_is_read_from_its_revision_whatever_became_of_the_plan(world: MemoryWorld) -> None:
    pinned_spec = objects.plan()["spec"] | {"concurrency": "Supersede"}
    await pin(world, pinned_spec)
    world.objects.delete("RolloutPlan", ref("careful"))
    seen = await look(world, status("Queued", plan={"revision": "rev", "generation": 9}))
    assert isinstance(seen.plan, LivePlan)
    assert (seen.plan.generation, seen.plan.spec.concurrency) == (9, "Supersede")


async def pin(world: MemoryWorld, spec: dict[str, Any], owner: str = "") -> None:
    """Create the revision `rev` with this plan, owned by the staged candidate unless said otherwise."""
    uid = owner or (await world.objects.candidate(ref(NAME)))["metadata"]["uid"]
    metadata = {"name": "rev", "ownerReferences": [{"uid": uid, "controller": True}]}
    manifest = {"kind": "ControllerRevision", "metadata": metadata, "revision": 9, "data": {"spec": spec}}
    world.objects.create(in_namespace(manifest))


async def test_a_revision_that_somebody_else_made_is_not_the_plan(world: MemoryWorld) -> None:
    await pin(world, objects.plan()["spec"], owner="stranger")
    seen = await look(world, status("Queued", plan={"revision": "rev", "generation": 9}))
    assert isinstance(seen.plan, Problem)
    assert (seen.plan.reason, "not this candidate's" in seen.plan.message) == (Reason.PLAN_INVALID, True)


async def test_rivals_are_the_others_of_the_same_target(world: MemoryWorld) -> None:
    elsewhere = {"targetRef": {"name": "another"}}
    world.objects.create(in_namespace(objects.candidate("rival")))
    world.objects.create(in_namespace(objects.candidate("stranger", **elsewhere)))
    seen = await look(world, status("Queued"))
    assert [rival.name for rival in seen.rivals] == ["rival"]


def _no_plan(world: MemoryWorld) -> None:
    world.objects.delete("RolloutPlan", ref("careful"))


def _bad_plan(world: MemoryWorld) -> None:
    world.objects.edit("RolloutPlan", ref("careful"), traffic={"steps": objects.HOSTILE})


def _no_target(world: MemoryWorld) -> None:
    world.targets.delete(TARGET)


def _bad_target(world: MemoryWorld) -> None:
    world.targets.seldon(TARGET).sdep["spec"]["predictors"][0]["graph"] = objects.HOSTILE


def _registry_down(world: MemoryWorld) -> None:
    world.registry.down = True


def _no_version(world: MemoryWorld) -> None:
    world.registry._files.pop(("review-sentiment", "43"))


def _no_champion(world: MemoryWorld) -> None:
    world.registry.aliases.clear()


def _hostile_annotation(world: MemoryWorld) -> None:
    raw = world.targets.seldon(TARGET).sdep["spec"]["predictors"][0]
    raw["annotations"] = {"sluice.dev/model": f"{objects.HOSTILE}/x/1"}


@pytest.mark.parametrize(
    ("harm", "field", "reason", "want"),
    [
        pytest.param(_no_plan, "plan", Reason.PLAN_MISSING, "spec.planRef.name: RolloutPlan careful", id="no plan"),
        pytest.param(_bad_plan, "plan", Reason.PLAN_INVALID, "spec.traffic", id="an invalid plan"),
        pytest.param(_no_target, "target", Reason.TARGET_MISSING, "spec.targetRef.name", id="no target"),
        pytest.param(_bad_target, "target", Reason.TARGET_UNSUPPORTED, "spec.predictors[0].graph", id="a bad target"),
        pytest.param(_registry_down, "model", Reason.REGISTRY_UNAVAILABLE, "waiting", id="a registry that is down"),
        pytest.param(_no_version, "model", Reason.MODEL_MISSING, "register it", id="no such version"),
        pytest.param(_no_champion, "champion", Reason.MODEL_MISSING, "champion", id="no champion"),
        pytest.param(
            _hostile_annotation, "champion", Reason.TARGET_UNSUPPORTED, "sluice.dev/model", id="a hostile annotation"
        ),
    ],
)
async def test_what_is_missing_or_broken_is_a_problem_with_field_and_cure(
    world: MemoryWorld, harm: Callable[[MemoryWorld], None], field: str, reason: Reason, want: str
) -> None:
    harm(world)
    problem = getattr(await look(world, status("Queued") if field == "champion" else None), field)
    assert isinstance(problem, Problem)
    assert problem.reason is reason
    assert want in problem.message
    assert objects.HOSTILE not in problem.message


async def test_uses_of_the_plans_sets_are_read_when_its_turn_has_come(world: MemoryWorld) -> None:
    pinned = await world.registry.resolve(ModelRef(name="review-sentiment", version="43"))
    mine = status("Queued", model=pinned.model_dump(by_alias=True))
    assert (await look(world, mine)).uses == {}
    (dataset,) = objects.plan()["spec"]["evaluation"]["datasets"]
    await world.registry.count_use(pinned, [dataset["digest"]])
    assert (await look(world, mine)).uses == {dataset["digest"]: 1}
    world.registry.down = True
    problem = (await look(world, mine)).uses
    assert isinstance(problem, Problem)
    assert (problem.reason, "uses of data sets" in problem.message) == (Reason.REGISTRY_UNAVAILABLE, True)


async def test_a_registry_that_is_not_configured_is_named_with_those_that_are(world: MemoryWorld) -> None:
    seen = await look(world, model={"registry": "other", "name": "review-sentiment", "version": "43"})
    assert isinstance(seen.model, Problem)
    assert seen.model.reason is Reason.REGISTRY_MISSING
    assert "use one of default" in seen.model.message


async def test_a_version_that_cannot_be_served_is_a_problem(world: MemoryWorld) -> None:
    class Refusing(MemoryRegistry):
        @override
        async def resolve(self, model: ModelRef) -> PinnedModel:
            assert model.name == "review-sentiment"
            raise Rejected("the artifacts are not served by the registry's proxy")

    world.world = type(world.world)(**{**vars(world.world), "providers": Providers(registries={"default": Refusing()})})
    seen = await look(world)
    assert isinstance(seen.model, Problem)
    assert seen.model.reason is Reason.MODEL_UNSERVABLE


async def test_a_version_that_is_too_large_is_a_problem_of_its_own(world: MemoryWorld) -> None:
    world.registry.model_bytes = 1
    seen = await look(world)
    assert isinstance(seen.model, Problem)
    assert (seen.model.reason, "allowed" in seen.model.message) == (Reason.MODEL_TOO_LARGE, True)


async def test_the_serving_predictors_annotation_names_the_champion(world: MemoryWorld) -> None:
    world.registry.register("review-sentiment", "7", {"model.pkl": b"seven"})
    raw = predictor(annotations={"sluice.dev/model": "default/review-sentiment/7"})
    world.targets.edit(TARGET, [raw])
    seen = await look(world, status("Queued"))
    assert isinstance(seen.champion, PinnedModel)
    assert seen.champion.version == "7"


async def test_a_job_that_is_not_there_yet_is_waited_for(world: MemoryWorld) -> None:
    seen = await look(world, status("Evaluating", evaluation=EVALUATION))
    assert isinstance(seen.job, Problem)
    assert seen.job.reason is Reason.EVALUATION_WAITING


async def test_a_running_job_is_reported(world: MemoryWorld) -> None:
    uid = (await world.objects.candidate(ref(NAME)))["metadata"]["uid"]
    owner = {"uid": uid, "controller": True}
    await world.jobs.create_job(
        in_namespace({"metadata": {"name": "job", "ownerReferences": [owner]}}),
        in_namespace({"metadata": {"name": "c"}}),
        in_namespace({"metadata": {"name": "n"}}),
    )
    seen = await look(world, status("Evaluating", evaluation=EVALUATION))
    assert seen.job == JobReport(uid="job-0001", active=True, succeeded=False)


SHIFTING = status("Shifting", model=pinned("43"), traffic=traffic(5, appliedAt="2026-03-02T09:00:10Z"))


async def test_samples_are_read_for_the_target_alone(world: MemoryWorld) -> None:
    metric = "seldon_api_executor_server_requests_seconds_count"
    own = {"namespace": "default", "deployment_name": "review-sentiment"}
    labels = {"__name__": metric, "service": "predictions", **own}
    mine = Series(labels, ((world.clock.seconds() - 5, 1.0),))
    world.metrics.series += [mine, Series(labels | {"namespace": "other"}, mine.samples)]
    assert (await look(world, SHIFTING)).samples == {"errors": (mine,)}
    assert [read.target for read in world.metrics.reads] == ["review-sentiment"]


async def test_no_samples_are_asked_for_while_the_candidate_has_no_traffic(world: MemoryWorld) -> None:
    seen = await look(world, status("Shifting", traffic=traffic(0, stage="Adding")))
    assert (seen.samples, world.metrics.reads) == (None, [])


async def test_metrics_out_of_reach_are_no_data(world: MemoryWorld) -> None:
    world.metrics.problem = Unavailable("it does not answer in time")
    seen = await look(world, SHIFTING)
    assert seen.samples is not None
    (problem,) = seen.samples.values()
    assert isinstance(problem, Problem)
    assert (problem.reason, problem.message) == (
        Reason.NO_DATA,
        "metrics provider default: it does not answer in time",
    )


async def test_a_metrics_provider_that_is_not_configured_is_named(world: MemoryWorld) -> None:
    world.objects.edit("RolloutPlan", ref("careful"), traffic=objects.traffic(metricsProvider="other"))
    seen = await look(world, SHIFTING)
    assert seen.samples is not None
    (problem,) = seen.samples.values()
    assert isinstance(problem, Problem)
    assert problem.reason is Reason.PROVIDER_MISSING


async def test_an_api_server_without_an_answer_ends_the_look(world: MemoryWorld) -> None:
    class Silent(type(world.targets)):  # type: ignore[misc]
        async def read(self, ref: Ref) -> Target:  # noqa: ARG002
            raise Unavailable("the API server gave no answer")

    world.world = type(world.world)(**{**vars(world.world), "targets": Silent(world.clock)})
    with pytest.raises(Unavailable):
        await look(world)
