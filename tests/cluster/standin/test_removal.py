"""Seldon's facts about taking a predictor out: in which order things go, and what is left behind."""

import pytest

from tests.cluster.standin.kube import APPS
from tests.cluster.standin.world import World
from tests.support.sdeps import predictor


@pytest.fixture
def split(world: World) -> World:
    """Two predictors, 80 to 20, ready, routed, and both in the status."""
    world.create(predictor("stable", traffic=80), predictor("candidate", traffic=20))
    world.become_ready("stable", "candidate")
    world.until_weights(stable=80, candidate=20)
    world.until(lambda: world.listed("candidate"), "the candidate in the status")
    return world


def test_removal_without_all_traffic_on_the_stable_predictor_is_refused_with_422(split: World) -> None:
    answer = split.remove_last(stable_takes_all=False)

    assert answer.code == 422
    assert "Traffic must sum be 100 for a single predictor when set" in answer.message


@pytest.mark.parametrize("traffic", [100, None], ids=["traffic was set", "traffic was not set"])
def test_adding_traffic_100_works_in_either_case(world: World, traffic: int | None) -> None:
    world.create(predictor("stable", traffic=traffic))

    written = world.patch({"op": "add", "path": "/spec/predictors/0/traffic", "value": 100}).checked()

    assert written["spec"]["predictors"][0]["traffic"] == 100


def test_the_route_changes_first_and_the_deployment_goes_after_it_without_a_drain(split: World) -> None:
    since = split.kube.version()

    split.remove_last().checked()
    split.until(lambda: set(split.deployments()) == {"stable"}, "the Deployment to be gone")

    route = split.route()
    assert route is not None
    versions = split.kube.history(f"{APPS}/namespaces/{split.namespace}/deployments", since)
    leaving = next(item for item in versions if "deletionTimestamp" in item["metadata"])
    assert leaving["metadata"]["labels"]["version"] == "candidate"
    assert int(route["metadata"]["resourceVersion"]) < int(leaving["metadata"]["resourceVersion"])
    # No drain: it was deleted with its pods ready, and nothing was scaled down before.
    assert leaving["status"]["readyReplicas"] == leaving["spec"]["replicas"] == 1


def test_a_removed_predictor_takes_its_services_with_it_and_leaves_its_destination_rule(split: World) -> None:
    split.remove_last().checked()

    split.until(lambda: not any("candidate" in name for name in split.services()), "its Services to be gone")
    split.until(lambda: not split.listed("candidate"), "its status to be gone")
    assert split.stays(lambda: split.rule("candidate") is not None)


def test_removal_of_a_candidate_that_was_never_ready_is_applied_and_deletes_its_deployment(world: World) -> None:
    world.create(predictor("stable", traffic=100), predictor("candidate"))
    world.become_ready("stable")
    world.until(lambda: world.listed("candidate"), "the candidate in the status")

    world.remove_last().checked()

    world.until_weights(stable=100)
    world.until(lambda: set(world.deployments()) == {"stable"}, "its Deployment to be gone")


def test_a_candidate_with_replicas_0_leaves_its_deployment_for_ever(world: World) -> None:
    world.create(predictor("stable", traffic=100), predictor("candidate", replicas=0))
    world.become_ready("stable")
    world.deployment("candidate")
    world.until(lambda: world.listed("stable"), "the stable predictor in the status")
    assert not world.listed("candidate")

    world.remove_last().checked()

    world.until_weights(stable=100)
    assert world.stays(lambda: set(world.deployments()) == {"stable", "candidate"})


def test_a_candidate_removed_before_it_had_pods_leaves_its_deployment_for_ever(world: World) -> None:
    spec = predictor("candidate")["componentSpecs"][0]["spec"] | {"priorityClassName": "no-pod-can-have-this"}
    world.create(predictor("stable", traffic=100), predictor("candidate", componentSpecs=[{"spec": spec}]))
    world.become_ready("stable")
    world.deployment("candidate")
    world.until(lambda: world.listed("stable"), "the stable predictor in the status")
    assert not world.listed("candidate")

    world.remove_last().checked()

    world.until_weights(stable=100)
    assert world.stays(lambda: set(world.deployments()) == {"stable", "candidate"})


def test_a_name_used_again_finds_the_old_deployment_ready_at_once(world: World) -> None:
    world.create(predictor("stable", traffic=100), predictor("candidate", replicas=0))
    world.become_ready("stable")
    orphan = world.deployment("candidate")
    world.remove_last().checked()
    world.until_weights(stable=100)
    path = f"{APPS}/namespaces/{world.namespace}/deployments/{orphan['metadata']['name']}"
    world.kube.merge(path, {"spec": {"replicas": 1}}).checked()
    world.until(lambda: world.pods("candidate"), "the orphan's pod")
    world.become_ready("candidate")

    world.append(predictor("candidate"))

    world.until_weights(stable=100, candidate=-1)
    assert world.deployment("candidate")["metadata"]["uid"] == orphan["metadata"]["uid"]


def test_while_it_is_being_deleted_edits_of_the_spec_are_ignored(world: World) -> None:
    world.create(predictor("stable", traffic=80), predictor("candidate", traffic=20), finalizers=["sluice.dev/test"])
    world.become_ready("stable", "candidate")
    world.until_weights(stable=80, candidate=20)
    world.kube.delete(world.path)

    world.set_traffic(50, 50)

    assert world.stays(lambda: world.weights() == {"stable": 80, "candidate": 20})
    world.patch({"op": "remove", "path": "/metadata/finalizers"}).checked()
