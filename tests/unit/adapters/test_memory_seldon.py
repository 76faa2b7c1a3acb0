"""The simulated Seldon on its fake clock: timings, the missed gate, orphans. Numbers are the rules it follows."""

from typing import Any

import pytest

from sluice.adapters.memory_clock import MemoryClock
from sluice.adapters.memory_patch import patched
from sluice.adapters.memory_seldon import Gate
from sluice.adapters.memory_targets import MemoryTargets
from sluice.core.target import Target
from sluice.ports import Ref, Rejected
from tests.support.memory_world import predictor

REF = Ref(namespace="models", name="shop")


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def targets(clock: MemoryClock) -> MemoryTargets:
    made = MemoryTargets(clock)
    made.create(REF, [predictor()])
    clock.advance(60)
    return made


async def patch(targets: MemoryTargets, *operations: dict[str, Any]) -> None:
    await targets.patch(REF, (await targets.read(REF)).generation, operations)


async def add(targets: MemoryTargets) -> None:
    await patch(targets, {"op": "add", "path": "/spec/predictors/-", "value": predictor("c-1", 0)})


async def split(targets: MemoryTargets, clock: MemoryClock, weight: int = 20) -> Target:
    """Bring a candidate to a weight."""
    await add(targets)
    clock.advance(60)
    targets.edit(REF, [predictor(traffic=100 - weight), predictor("c-1", weight)])
    clock.advance(1)
    return await targets.read(REF)


async def test_a_pod_takes_its_time_and_the_route_follows(targets: MemoryTargets, clock: MemoryClock) -> None:
    await add(targets)
    clock.advance(20)
    assert (await targets.read(REF)).weight("c-1") is None
    clock.advance(10)
    assert (await targets.read(REF)).weight("c-1") == 0


async def test_4_a_weight_rolls_nothing_and_is_seen_within_a_tenth_of_a_second(
    targets: MemoryTargets, clock: MemoryClock
) -> None:
    before = await split(targets, clock)
    targets.edit(REF, [predictor(traffic=50), predictor("c-1", 50)])
    clock.advance(0.1)
    after = await targets.read(REF)
    assert after.weight("c-1") == 50
    assert after.workloads == before.workloads


@pytest.mark.parametrize(
    ("gate", "want"),
    [
        pytest.param(Gate.MISSED, 100, id="missed: the old model gets traffic back at once"),
        pytest.param(Gate.HELD, 1, id="held: the route waits for the new pods"),
    ],
)
async def test_3_a_promotion_in_one_write(targets: MemoryTargets, clock: MemoryClock, gate: Gate, want: int) -> None:
    await split(targets, clock, weight=99)
    targets.seldon(REF).gate = gate
    new = predictor(traffic=100, graph={"name": "classifier", "modelUri": "mlflow-artifacts:/1/new"})
    targets.edit(REF, [new, predictor("c-1", 0)])
    clock.advance(1)
    during = await targets.read(REF)
    assert not during.ready("main")
    assert during.weight("main") == want
    clock.advance(30)
    after = await targets.read(REF)
    assert (after.ready("main"), after.weight("main")) == (True, 100)


async def test_8_a_lost_pod_of_the_stable_holds_weights_back(targets: MemoryTargets, clock: MemoryClock) -> None:
    await split(targets, clock)
    targets.lose_pod(REF, "main", 21)
    targets.edit(REF, [predictor(traffic=50), predictor("c-1", 50)])
    clock.advance(20)
    assert (await targets.read(REF)).weight("c-1") == 20
    clock.advance(2)
    assert (await targets.read(REF)).weight("c-1") == 50


async def test_8_the_weights_then_in_the_spec_apply_when_the_gate_opens(
    targets: MemoryTargets, clock: MemoryClock
) -> None:
    await split(targets, clock)
    targets.break_pods(REF, "c-1", "CrashLoopBackOff", restarts=3)
    for weight in (30, 40, 50):
        targets.edit(REF, [predictor(traffic=100 - weight), predictor("c-1", weight)])
        clock.advance(1)
    assert [weights["c-1"] for _, weights in targets.seldon(REF).route_history if "c-1" in weights] == [0, 20]
    targets.mend(REF, "c-1")
    clock.advance(1)
    assert (await targets.read(REF)).weight("c-1") == 50


async def test_2_removing_an_unready_candidate_frees_the_route_at_once(
    targets: MemoryTargets, clock: MemoryClock
) -> None:
    await split(targets, clock)
    targets.break_pods(REF, "c-1", "CrashLoopBackOff", restarts=3)
    target = await targets.read(REF)
    assert [(one.reason, one.restarts) for one in target.of("c-1")[0].troubles] == [("CrashLoopBackOff", 3)]
    targets.edit(REF, [predictor()])
    clock.advance(0.2)
    target = await targets.read(REF)
    assert (target.weight("main"), target.of("c-1")) == (100, ())


@pytest.mark.parametrize(
    ("waited", "want"),
    [
        pytest.param(0.1, ["shop-c-1-0-classifier"], id="removed before it was listed, it stays for ever"),
        pytest.param(1.0, [], id="removed after, it goes"),
    ],
)
async def test_6_orphans(targets: MemoryTargets, clock: MemoryClock, waited: float, want: list[str]) -> None:
    await add(targets)
    clock.advance(waited)
    targets.edit(REF, [predictor()])
    clock.advance(3600)
    assert [one.name for one in (await targets.read(REF)).of("c-1")] == want
    for name in want:
        await targets.delete_workload(REF, name)
    assert (await targets.read(REF)).of("c-1") == ()


async def test_7_a_route_written_by_hand_holds_until_the_manager_is_back(
    targets: MemoryTargets, clock: MemoryClock
) -> None:
    await split(targets, clock)
    targets.stop_manager(REF)
    await targets.write_route(REF, {"main": 100, "c-1": 0})
    clock.advance(600)
    assert (await targets.read(REF)).weight("c-1") == 0
    targets.start_manager(REF)
    clock.advance(1)
    assert (await targets.read(REF)).weight("c-1") == 20


async def test_scaling_down_takes_pods_away_at_once(targets: MemoryTargets, clock: MemoryClock) -> None:
    targets.edit(REF, [predictor(replicas=3)])
    clock.advance(60)
    targets.edit(REF, [predictor(replicas=1)])
    clock.advance(1)
    target = await targets.read(REF)
    assert (target.ready("main"), target.workloads[0].total_replicas) == (True, 1)


async def test_every_version_is_on_record(targets: MemoryTargets, clock: MemoryClock) -> None:
    await split(targets, clock)
    assert [raw["metadata"]["generation"] for _, raw in targets.history] == [1, 2, 3]


@pytest.mark.parametrize(
    "predictors",
    [
        pytest.param([predictor("a", 50), predictor("b", 40)], id="a sum below 100"),
        pytest.param([predictor("a", 50)], id="half for a lone one"),
        pytest.param([predictor("a", 50), predictor("a", 50)], id="two of a name"),
        pytest.param([predictor("a", shadow=True)], id="a lone shadow"),
        pytest.param(
            [predictor("a"), predictor("b", 0, shadow=True), predictor("c", 0, shadow=True)], id="two shadows"
        ),
    ],
)
async def test_what_the_webhook_refuses(targets: MemoryTargets, predictors: list[dict[str, Any]]) -> None:
    with pytest.raises(Rejected, match="admission webhook"):
        targets.edit(REF, predictors)


def test_traffic_without_a_bound_passes_the_webhook_as_it_does_in_production(targets: MemoryTargets) -> None:
    targets.edit(REF, [predictor("a", 150), predictor("b", -50)])


DOCUMENT = {"a": {"b/c": 1, "list": [1, 2]}}


@pytest.mark.parametrize(
    ("operation", "want"),
    [
        pytest.param({"op": "add", "path": "/a/list/-", "value": 3}, {"b/c": 1, "list": [1, 2, 3]}, id="append"),
        pytest.param({"op": "add", "path": "/a/list/0", "value": 0}, {"b/c": 1, "list": [0, 1, 2]}, id="insert"),
        pytest.param({"op": "add", "path": "/a/new", "value": 3}, {"b/c": 1, "list": [1, 2], "new": 3}, id="add"),
        pytest.param({"op": "replace", "path": "/a/b~1c", "value": 3}, {"b/c": 3, "list": [1, 2]}, id="escaped"),
        pytest.param({"op": "remove", "path": "/a/list/1"}, {"b/c": 1, "list": [1]}, id="remove"),
        pytest.param({"op": "test", "path": "/a/list/1", "value": 2}, DOCUMENT["a"], id="a test that holds"),
    ],
)
def test_json_patch(operation: dict[str, Any], want: dict[str, Any]) -> None:
    assert patched(DOCUMENT, [operation]) == {"a": want}


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param({"op": "test", "path": "/a/b~1c", "value": 2}, id="a test that fails"),
        pytest.param({"op": "remove", "path": "/a/nothing"}, id="nothing to remove"),
        pytest.param({"op": "replace", "path": "/a/list/9", "value": 1}, id="beyond the list"),
        pytest.param({"op": "add", "path": "/nothing/x", "value": 1}, id="no parent"),
        pytest.param({"op": "move", "path": "/a", "from": "/b"}, id="an operation that is not used"),
    ],
)
def test_json_patch_that_cannot_be_applied(operation: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        patched(DOCUMENT, [operation])
