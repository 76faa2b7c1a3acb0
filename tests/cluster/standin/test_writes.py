"""Seldon's facts about writing: guards, their codes, and what moves with whom."""

import pytest

from tests.cluster.standin.world import World
from tests.support.sdeps import predictor


@pytest.fixture
def split(world: World) -> World:
    """Two predictors, 80 to 20, ready and routed, the status at rest."""
    world.create(predictor("stable", traffic=80), predictor("candidate", traffic=20))
    world.become_ready("stable", "candidate")
    world.until_weights(stable=80, candidate=20)
    world.until(lambda: world.rule("candidate"), "the last object")
    return world


@pytest.mark.parametrize("guard", ["/metadata/resourceVersion", "/metadata/generation"])
def test_a_failed_guard_is_422_without_the_words_of_a_webhook(split: World, guard: str) -> None:
    stale: object = 77 if guard.endswith("generation") else "77"

    answer = split.patch(
        {"op": "test", "path": guard, "value": stale},
        {"op": "replace", "path": "/spec/predictors/0/traffic", "value": 100},
        {"op": "replace", "path": "/spec/predictors/1/traffic", "value": 0},
    )

    assert answer.code == 422
    assert not answer.message.startswith("admission webhook")


def test_a_refusal_of_the_webhook_is_422_and_says_so_first(split: World) -> None:
    answer = split.patch({"op": "replace", "path": "/spec/predictors/0/traffic", "value": 100})

    assert answer.code == 422
    assert answer.message.startswith("admission webhook")


def test_a_guard_on_the_generation_holds_while_the_status_moves_the_resource_version(split: World) -> None:
    written = split.set_traffic(50, 50)["metadata"]
    split.until_weights(stable=50, candidate=50)
    split.become_unready("candidate")
    split.until(lambda: split.status()["state"] == "Creating", "the status to move")

    now = split.read()["metadata"]
    guarded = split.patch(
        {"op": "test", "path": "/metadata/generation", "value": written["generation"]},
        {"op": "replace", "path": "/spec/predictors/0/traffic", "value": 60},
        {"op": "replace", "path": "/spec/predictors/1/traffic", "value": 40},
    )

    assert int(now["resourceVersion"]) > int(written["resourceVersion"])
    assert now["generation"] == written["generation"]
    assert guarded.code == 200


def test_a_replacement_with_a_stale_resource_version_is_409(split: World) -> None:
    stale = split.read()
    split.set_traffic(50, 50)

    assert split.kube.send("PUT", split.path, stale).code == 409


def test_a_shorter_merge_patch_drops_the_candidate_without_a_word(split: World) -> None:
    answer = split.kube.merge(split.path, {"spec": {"predictors": [predictor("stable", traffic=100)]}})

    assert answer.code == 200
    split.until_weights(stable=100)
