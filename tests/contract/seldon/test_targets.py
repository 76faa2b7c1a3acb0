"""`ports.Targets`: the same cases against the adapter and its fake. Numbers are the rules of Seldon's behaviour."""

import pytest

from sluice.core.target import PodTrouble
from sluice.ports import Conflict, NotFound, Ref, Rejected, Unavailable
from tests.contract.seldon.conftest import OnApiServer, Stage, append, remove, stable, weights

pytestmark = pytest.mark.asyncio


async def test_a_served_target_is_read_whole(served: Stage) -> None:
    target = await served.read()
    assert (target.name, target.namespace, target.deleting) == (served.ref.name, served.ref.namespace, False)
    assert [(one.name, one.traffic, one.replicas, one.shadow) for one in target.predictors] == [
        ("stable", 100, 1, False)
    ]
    assert [(one.predictor, one.rolled, one.troubles) for one in target.workloads] == [("stable", True, ())]
    assert target.listed == {target.workloads[0].name}
    assert target.route is not None
    assert (dict(target.route.weights), set(target.route.subsets)) == ({"stable": 100}, {"stable"})


async def test_a_target_that_is_not_there_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFound):
        await stage.read()


async def test_a_target_made_anew_under_the_same_name_is_not_the_one_that_was_meant(served: Stage) -> None:
    another = Ref(namespace=served.ref.namespace, name=served.ref.name, uid="another")
    with pytest.raises(NotFound):
        await served.world.targets.read(another)


async def test_a_target_that_never_became_ready_has_no_route(stage: Stage) -> None:
    stage.world.create(stable())
    target = await stage.until(lambda target: bool(target.workloads))
    assert (target.route, target.ready("stable")) == (None, False)


async def test_5_a_write_after_another_ones_is_a_conflict_and_changes_nothing(served: Stage) -> None:
    seen = await served.read()
    await served.patch({"op": "add", "path": "/spec/predictors/0/replicas", "value": 2})
    with pytest.raises(Conflict):
        await served.world.targets.patch(served.ref, seen.generation, append())
    assert [one.name for one in (await served.read()).predictors] == ["stable"]


async def test_5_the_webhooks_refusal_is_told_apart_from_a_conflict(served: Stage) -> None:
    with pytest.raises(Rejected, match="sum to 100"):
        await served.patch(*append(traffic=5))
    assert [one.name for one in (await served.read()).predictors] == ["stable"]


async def test_5_a_patch_that_does_not_fit_is_refused_when_nobody_else_wrote(served: Stage) -> None:
    with pytest.raises(Rejected):
        await served.patch({"op": "test", "path": "/spec/predictors/0/name", "value": "other"})
    with pytest.raises(Rejected):
        await served.patch({"op": "remove", "path": "/spec/predictors/7"})


async def test_1_a_step_is_applied_when_the_route_says_so(split: Stage) -> None:
    await split.patch(*weights(40, 60))
    target = await split.until(lambda target: target.weight("candidate") == 60)
    assert target.weight("stable") == 40


async def test_1_a_weight_of_zero_is_seen_though_it_is_omitted(split: Stage) -> None:
    await split.patch(*weights(100, 0))
    target = await split.until(lambda target: target.weight("candidate") == 0)
    assert target.weight("stable") == 100


async def test_12_a_candidate_enters_the_route_at_zero_with_its_subset_once_ready(served: Stage) -> None:
    await served.patch(*append())
    target = await served.until(lambda target: bool(target.of("candidate")))
    assert (target.weight("candidate"), target.ready("candidate")) == (None, False)
    served.world.become_ready("candidate")
    target = await served.until(lambda target: target.weight("candidate") is not None)
    assert target.route is not None
    assert (target.weight("candidate"), target.weight("stable")) == (0, 100)
    assert (await served.until(lambda target: "candidate" in (target.route.subsets if target.route else ()))).route


async def test_2_weights_do_not_move_while_a_predictor_is_not_ready(served: Stage) -> None:
    await served.patch(*append())
    await served.until(lambda target: bool(target.of("candidate")))
    await served.patch(*weights(50, 50))
    for _ in range(10):
        await served.world.rest()
    target = await served.read()
    assert ([one.traffic for one in target.predictors], target.weight("stable")) == ([50, 50], 100)


async def test_2_removal_frees_the_stable_at_once_and_needs_its_traffic_in_the_same_write(split: Stage) -> None:
    with pytest.raises(Rejected, match="sum be 100"):
        await split.patch(*remove(stable_takes_all=False))
    await split.patch(*remove())
    target = await split.until(lambda target: not target.of("candidate"))
    assert (target.weight("stable"), target.weight("candidate")) == (100, None)


async def test_3_a_new_template_is_not_rolled_until_the_new_pods_are_ready(split: Stage) -> None:
    await split.patch(*weights(0, 100))
    before = await split.until(lambda target: target.weight("candidate") == 100)
    image = "/spec/predictors/0/componentSpecs/0/spec/containers/0/image"
    await split.patch({"op": "replace", "path": image, "value": "localhost/model:2"})
    during = await split.until(lambda target: target.templates("stable") != before.templates("stable"))
    assert (during.ready("stable"), during.weight("candidate")) == (False, 100)
    split.world.become_ready("stable")
    after = await split.until(lambda target: target.ready("stable"))
    assert after.templates("stable") == during.templates("stable")


async def test_3_scaling_changes_no_template(served: Stage) -> None:
    before = await served.read()
    await served.patch({"op": "add", "path": "/spec/predictors/0/replicas", "value": 2})
    await served.until(lambda target: target.workloads[0].replicas == 2)
    served.world.become_ready("stable")
    after = await served.until(lambda target: target.ready("stable"))
    assert after.templates("stable") == before.templates("stable")
    assert after.workloads[0].generation > before.workloads[0].generation


async def test_6_an_orphan_is_seen_and_deleted(split: Stage) -> None:
    orphan = (await split.read()).of("candidate")[0].name
    await split.patch(*remove())
    await split.until(lambda target: not target.of("candidate"))
    await split.world.targets.delete_workload(split.ref, orphan)
    assert not (await split.read()).of("candidate"), "what is absent already is fine"


async def test_6_a_candidate_removed_before_it_is_listed_leaves_its_deployment(served: Stage) -> None:
    await served.patch(*append())
    await served.patch(*remove())
    for _ in range(10):
        await served.world.rest()
    left = (await served.read()).of("candidate")
    for workload in left:
        await served.world.targets.delete_workload(served.ref, workload.name)
    await served.until(lambda target: not target.of("candidate"))


async def test_7_with_the_manager_down_the_spec_cannot_be_written_but_the_route_can(split: Stage) -> None:
    split.world.stop_manager()
    with pytest.raises(Unavailable):
        await split.patch(*weights(100, 0))
    await split.world.targets.write_route(split.ref, {"stable": 100, "candidate": 0})
    for _ in range(10):
        await split.world.rest()
    target = await split.read()
    assert (target.weight("stable"), target.weight("candidate")) == (100, 0)
    assert [one.traffic for one in target.predictors] == [80, 20]
    split.world.start_manager()
    await split.until(lambda target: target.weight("candidate") == 20)


async def test_7_the_same_route_twice_is_fine(split: Stage) -> None:
    split.world.stop_manager()
    for _ in range(2):
        await split.world.targets.write_route(split.ref, {"stable": 100, "candidate": 0})
    assert (await split.read()).weight("candidate") == 0
    assert split.world.entries() == [[100, 0]] * len(split.world.entries()), "for REST and for gRPC"


async def test_a_route_that_does_not_sum_to_100_is_never_written(split: Stage) -> None:
    with pytest.raises(Rejected, match="not 100"):
        await split.world.targets.write_route(split.ref, {"candidate": 0})
    assert (await split.read()).weight("candidate") == 20


async def test_10_an_edit_of_the_route_by_hand_is_repaired_while_the_gate_is_open(split: Stage) -> None:
    split.world.edit_route(stable=50, candidate=50)
    await split.until(lambda target: target.weight("candidate") == 20)


async def test_a_deployment_of_somebody_else_is_not_deleted(on_api_server: OnApiServer) -> None:
    stage = Stage(on_api_server)
    on_api_server.create(stable())
    await stage.until(lambda target: bool(target.workloads))
    other = Ref(namespace=stage.ref.namespace, name="other")
    name = (await stage.read()).workloads[0].name
    with pytest.raises(Rejected, match="does not belong"):
        await on_api_server.targets.delete_workload(other, name)
    assert (await stage.read()).workloads


async def test_11_pods_in_trouble_say_why(on_api_server: OnApiServer) -> None:
    stage = Stage(on_api_server)
    on_api_server.create(stable())
    on_api_server._world.until(lambda: on_api_server._world.pods("stable"), "a pod")
    pod = on_api_server._world.pods("stable")[0]["metadata"]["name"]
    waiting = {"waiting": {"reason": "ImagePullBackOff"}}
    container = {"name": "classifier", "image": "x", "imageID": "", "ready": False, "restartCount": 2, "state": waiting}
    path = f"/api/v1/namespaces/{stage.ref.namespace}/pods/{pod}/status"
    on_api_server._world.kube.merge(path, {"status": {"containerStatuses": [container]}})
    target = await stage.until(lambda target: bool(target.workloads[0].troubles))
    assert target.workloads[0].troubles == (PodTrouble(pod=pod, reason="ImagePullBackOff", restarts=2),)
