"""Seldon's facts about the gate: weights move only while every predictor is ready, and then without further ado."""

import pytest

from tests.cluster.standin.kube import APPS, ISTIO
from tests.cluster.standin.world import World
from tests.support.sdeps import predictor


@pytest.fixture
def split(world: World) -> World:
    """Two predictors, 80 to 20, ready and routed."""
    world.create(predictor("stable", traffic=80), predictor("candidate", traffic=20))
    world.become_ready("stable", "candidate")
    world.until_weights(stable=80, candidate=20)
    return world


@pytest.fixture
def stable(world: World) -> World:
    """One ready predictor."""
    world.create(predictor("stable"))
    world.become_ready("stable")
    world.until_weights(stable=-1)
    return world


def test_services_are_made_before_deployments_and_the_route_when_pods_are_ready(world: World) -> None:
    since = world.kube.version()
    world.create(predictor("stable"))
    world.deployment("stable")

    first = world.kube.history(f"{APPS}/namespaces/{world.namespace}/deployments", since)[0]
    services = [int(item["metadata"]["resourceVersion"]) for item in world.services().values()]
    assert len(services) == 2
    assert max(services) < int(first["metadata"]["resourceVersion"])
    assert world.stays(lambda: world.route() is None)
    world.become_ready("stable")
    world.until_weights(stable=-1)


def test_a_weight_of_zero_is_omitted(split: World) -> None:
    split.set_traffic(100, 0)

    split.until_weights(stable=100, candidate=-1)


def test_routes_are_in_the_order_of_the_predictors(resting: World) -> None:
    assert list(resting.weights() or {}) == ["stable", "candidate"]


def test_a_weight_step_rolls_no_pod(split: World) -> None:
    before = {name: item["metadata"]["generation"] for name, item in split.deployments().items()}

    split.set_traffic(60, 40)
    split.until_weights(stable=60, candidate=40)

    assert {name: item["metadata"]["generation"] for name, item in split.deployments().items()} == before


def test_an_appended_candidate_is_routed_when_its_pod_is_ready(stable: World) -> None:
    stable.append(predictor("candidate"))
    stable.deployment("candidate")

    assert stable.stays(lambda: stable.weights() == {"stable": -1})
    stable.become_ready("candidate")
    stable.until_weights(stable=100, candidate=-1)
    stable.until(lambda: stable.rule("candidate"), "its rule")


def test_a_candidate_that_is_not_ready_freezes_the_weights_and_its_removal_does_not_wait(split: World) -> None:
    split.become_unready("candidate")

    split.set_traffic(100, 0)

    assert split.stays(lambda: split.weights() == {"stable": 80, "candidate": 20})
    split.remove_last().checked()
    split.until_weights(stable=100)


def test_when_the_gate_opens_the_weights_then_in_the_spec_apply_without_a_new_write(split: World) -> None:
    split.become_unready("candidate")
    split.set_traffic(70, 30)
    split.set_traffic(60, 40)
    generation = split.read()["metadata"]["generation"]

    split.become_ready("candidate")

    split.until_weights(stable=60, candidate=40)
    assert split.read()["metadata"]["generation"] == generation


def test_a_candidate_ready_for_a_moment_lets_an_old_step_through(split: World) -> None:
    split.become_unready("candidate")
    split.set_traffic(50, 50)
    split.become_ready("candidate")
    split.until_weights(stable=50, candidate=50)

    split.become_unready("candidate")

    assert split.stays(lambda: split.weights() == {"stable": 50, "candidate": 50})


def test_a_lost_pod_of_the_stable_predictor_holds_the_weights_back(split: World) -> None:
    split.become_unready("stable")

    split.set_traffic(50, 50)

    assert split.stays(lambda: split.weights() == {"stable": 80, "candidate": 20})
    split.become_ready("stable")
    split.until_weights(stable=50, candidate=50)


def test_a_scale_up_freezes_the_weights_until_its_pods_are_ready(split: World) -> None:
    split.patch({"op": "replace", "path": "/spec/predictors/0/replicas", "value": 2}).checked()
    split.until(lambda: len(split.pods("stable")) == 2, "a second pod")
    split.until(lambda: split.status().get("state") == "Creating", "the gate to be closed")

    split.set_traffic(50, 50)

    assert split.stays(lambda: split.weights() == {"stable": 80, "candidate": 20})
    split.become_ready("stable")
    split.until_weights(stable=50, candidate=50)


def test_replicas_zero_freeze_the_weights(split: World) -> None:
    split.patch({"op": "replace", "path": "/spec/predictors/1/replicas", "value": 0}).checked()
    split.until(lambda: not split.pods("candidate"), "no pod")
    split.until(lambda: split.status().get("state") == "Creating", "the gate to be closed")

    split.set_traffic(50, 50)

    assert split.stays(lambda: split.weights() == {"stable": 80, "candidate": 20})


def test_of_ten_quick_patches_the_last_value_is_applied(split: World) -> None:
    for weight in range(31, 41):
        split.set_traffic(100 - weight, weight)

    split.until_weights(stable=60, candidate=40)
    assert split.stays(lambda: split.weights() == {"stable": 60, "candidate": 40})


def test_with_the_gate_closed_a_hand_edit_of_the_route_stays(split: World) -> None:
    split.become_unready("candidate")

    split.set_route(100, 0)

    assert split.stays(lambda: split.weights() == {"stable": 100, "candidate": 0})


def test_with_the_gate_open_a_hand_edit_of_the_route_is_repaired(split: World) -> None:
    edited = split.set_route(100, 0)["metadata"]["resourceVersion"]

    split.until_weights(stable=80, candidate=20)

    route = split.route()
    assert route is not None
    assert int(route["metadata"]["resourceVersion"]) > int(edited)


def test_with_the_gate_open_a_deleted_route_comes_back(split: World) -> None:
    before = split.route()
    assert before is not None

    split.kube.delete(f"{ISTIO}/namespaces/{split.namespace}/virtualservices/{split.name}")

    split.until(
        lambda: (route := split.route()) is not None and route["metadata"]["uid"] != before["metadata"]["uid"],
        "a new route",
    )
    split.until_weights(stable=80, candidate=20)


def test_a_missing_destination_rule_is_made_in_the_next_pass(split: World) -> None:
    split.kube.delete(f"{ISTIO}/namespaces/{split.namespace}/destinationrules/{split.name}-candidate")

    split.set_traffic(70, 30)

    split.until(lambda: split.rule("candidate"), "the rule")


def test_a_shadow_is_mirrored_to_and_has_no_weight(stable: World) -> None:
    stable.append(predictor("candidate", shadow=True, traffic=25))
    stable.become_ready("candidate")

    stable.until_weights(stable=100)
    route = stable.route()
    assert route is not None
    assert route["spec"]["http"][0]["mirror"]["subset"] == "candidate"
    assert route["spec"]["http"][0]["mirrorPercentage"] == {"value": 25}
