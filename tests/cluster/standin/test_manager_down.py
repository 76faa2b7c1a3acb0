"""Seldon's facts about its manager being down: updates fail, the route can be written, deletion works."""

from collections.abc import Iterator

import pytest

from tests.cluster.standin.manager import Manager
from tests.cluster.standin.world import World
from tests.support.sdeps import predictor


@pytest.fixture
def orphaned(world: World, seldon: Manager) -> Iterator[World]:
    """Two predictors, 80 to 20, and no manager any more."""
    world.create(predictor("stable", traffic=80), predictor("candidate", traffic=20))
    world.become_ready("stable", "candidate")
    world.until_weights(stable=80, candidate=20)
    seldon.stop()
    try:
        yield world
    finally:
        seldon.start()


def test_updates_fail_with_500_and_the_route_can_be_written_until_the_manager_is_back(
    orphaned: World, seldon: Manager
) -> None:
    removal: list[dict[str, str | int]] = [
        {"op": "remove", "path": "/spec/predictors/1"},
        {"op": "add", "path": "/spec/predictors/0/traffic", "value": 100},
    ]
    annotation = {"op": "add", "path": "/metadata/annotations", "value": {"note": "x"}}
    answers = {
        "a removal": orphaned.patch(*removal),
        "even an annotation": orphaned.patch(annotation),
    }
    assert {name: answer.code for name, answer in answers.items()} == {"a removal": 500, "even an annotation": 500}
    assert all("failed calling webhook" in answer.message for answer in answers.values())

    orphaned.set_route(100, 0)
    assert orphaned.stays(lambda: orphaned.weights() == {"stable": 100, "candidate": 0})

    seldon.start()
    orphaned.until_weights(stable=80, candidate=20)
    assert orphaned.remove_last().code == 200
    orphaned.until_weights(stable=100)
