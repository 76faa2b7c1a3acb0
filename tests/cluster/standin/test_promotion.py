"""Seldon's facts about a template change: which edits roll pods, and what a missed gate does to the route."""

import pytest

from lab.seldon_standin.settings import MISSED_GATE_ANNOTATION
from tests.cluster.standin.kube import Body
from tests.cluster.standin.world import World, traffic_of
from tests.support.sdeps import predictor

NEW = "localhost/sluice-lab/sentiment-custom:2"
OLD = "localhost/sluice-lab/sentiment-custom:1"


def _all_on_the_candidate(world: World, gate: str) -> None:
    world.create(
        predictor("stable", traffic=0),
        predictor("candidate", traffic=100),
        annotations={MISSED_GATE_ANNOTATION: gate},
    )
    world.become_ready("stable", "candidate")
    world.until_weights(stable=-1, candidate=100)


def _promote_in_one_write(world: World) -> Body:
    return world.set_image(0, NEW, traffic_of(0, 100), traffic_of(1, 0))


def _images_of_ready_pods(world: World, name: str) -> set[str]:
    return {
        pod["spec"]["containers"][0]["image"]
        for pod in world.pods(name)
        if any(item["type"] == "Ready" and item["status"] == "True" for item in pod["status"].get("conditions", []))
    }


def test_with_the_gate_missed_a_promotion_in_one_write_sends_clients_to_the_old_model(world: World) -> None:
    _all_on_the_candidate(world, "miss")

    _promote_in_one_write(world)

    world.until_weights(stable=100, candidate=-1)
    assert _images_of_ready_pods(world, "stable") == {OLD}


def test_with_the_gate_held_a_promotion_in_one_write_waits_for_the_new_model(world: World) -> None:
    _all_on_the_candidate(world, "hold")

    _promote_in_one_write(world)

    assert world.stays(lambda: world.weights() == {"stable": -1, "candidate": 100})
    world.become_ready("stable")
    world.until_weights(stable=100, candidate=-1)
    assert _images_of_ready_pods(world, "stable") == {NEW}


@pytest.mark.parametrize("gate", ["miss", "hold"])
def test_a_promotion_in_three_writes_never_sends_clients_to_the_old_model(world: World, gate: str) -> None:
    _all_on_the_candidate(world, gate)
    since = world.kube.version()

    world.set_image(0, NEW)
    world.until(lambda: len(world.pods("stable")) == 2, "the new pod")
    assert world.stays(lambda: world.weights() == {"stable": -1, "candidate": 100})
    world.become_ready("stable")
    world.set_traffic(100, 0)
    world.until_weights(stable=100, candidate=-1)
    world.remove_last().checked()
    world.until_weights(stable=100)

    assert world.versions_of_weights(since) == [{"stable": 100, "candidate": -1}, {"stable": 100}]


def test_a_missed_gate_closes_again_once_the_deployment_was_observed(world: World) -> None:
    _all_on_the_candidate(world, "miss")
    _promote_in_one_write(world)
    world.until_weights(stable=100, candidate=-1)
    world.until(lambda: world.status().get("state") == "Creating", "the gate to be closed")

    world.set_traffic(0, 100)

    assert world.stays(lambda: world.weights() == {"stable": 100, "candidate": -1})
    world.become_ready("stable")
    world.until_weights(stable=-1, candidate=100)


ROLLS = [
    pytest.param("componentSpecs/0/spec/containers/0/image", NEW, id="its template"),
    pytest.param("annotations", {"note": "new"}, id="its annotations"),
    pytest.param("labels", {"team": "reviews"}, id="its labels"),
    pytest.param("svcOrchSpec", {"env": [{"name": "SELDON_LOG_LEVEL", "value": "DEBUG"}]}, id="its svcOrchSpec"),
]


@pytest.mark.parametrize(("field", "value"), ROLLS)
def test_a_predictors_pods_are_rolled_by(world: World, field: str, value: object) -> None:
    world.create(predictor("stable", traffic=100), predictor("candidate"))
    world.become_ready("stable", "candidate")
    world.until_weights(stable=100, candidate=-1)
    before = {name: item["metadata"]["generation"] for name, item in world.deployments().items()}

    world.patch({"op": "add", "path": f"/spec/predictors/1/{field}", "value": value}).checked()

    world.until(lambda: world.deployment("candidate")["metadata"]["generation"] > before["candidate"], "a new template")
    world.until(lambda: len(world.pods("candidate")) == 2, "a pod more, none less")
    assert world.deployment("stable")["metadata"]["generation"] == before["stable"]


def test_removing_the_first_predictor_rolls_the_rest(world: World) -> None:
    world.create(predictor("stable", traffic=0), predictor("candidate", traffic=100))
    world.become_ready("stable", "candidate")
    world.until_weights(stable=-1, candidate=100)
    before = world.deployment("candidate")["metadata"]["generation"]

    world.patch({"op": "remove", "path": "/spec/predictors/0"}).checked()

    world.until(lambda: world.deployment("candidate")["metadata"]["generation"] > before, "a new template")
