"""Which edits of a SeldonDeployment change a pod's template, and so roll its pods."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from lab.seldon_standin.desired import desired
from lab.seldon_standin.settings import Settings
from tests.support.sdeps import predictor, prepackaged, sdep

Body = dict[str, Any]
Edit = Callable[[Body], None]


def _templates(wish: Body) -> dict[str, Body]:
    """Predictor → pod template."""
    return {
        item["metadata"]["labels"]["version"]: item["spec"]["template"]
        for item in desired(wish, Settings()).deployments
    }


def _on(index: int, **fields: Any) -> Edit:
    def edit(wish: Body) -> None:
        wish["spec"]["predictors"][index] |= fields

    return edit


def _on_component(**fields: Any) -> Edit:
    def edit(wish: Body) -> None:
        wish["spec"]["predictors"][1]["componentSpecs"][0] |= fields

    return edit


def _on_graph(**fields: Any) -> Edit:
    def edit(wish: Body) -> None:
        wish["spec"]["predictors"][1]["graph"] |= fields

    return edit


def _on_spec(**fields: Any) -> Edit:
    return lambda wish: wish["spec"].update(fields)


def _on_metadata(**fields: Any) -> Edit:
    return lambda wish: wish["metadata"].update(fields)


def _reorder(wish: Body) -> None:
    wish["spec"]["predictors"].reverse()


def _append(wish: Body) -> None:
    wish["spec"]["predictors"].append(predictor("third"))


def _remove_last(wish: Body) -> None:
    del wish["spec"]["predictors"][1]


def _remove_first(wish: Body) -> None:
    del wish["spec"]["predictors"][0]


def _new_image(wish: Body) -> None:
    wish["spec"]["predictors"][1]["componentSpecs"][0]["spec"]["containers"][0]["image"] = "model:2"


EDITS = [
    pytest.param(_on(0, traffic=40), set(), id="traffic rolls nothing"),
    pytest.param(_on(1, replicas=3), set(), id="a predictor's replicas roll nothing"),
    pytest.param(_append, set(), id="an appended predictor rolls nothing"),
    pytest.param(_remove_last, set(), id="the removal of the last predictor rolls nothing"),
    pytest.param(_on_metadata(annotations={"note": "x"}), set(), id="annotations of the object roll nothing"),
    pytest.param(_on_metadata(labels={"team": "x"}), set(), id="labels of the object roll nothing"),
    pytest.param(_on(1, explainer={"type": "AnchorText"}), set(), id="an explainer rolls nothing"),
    pytest.param(_new_image, {"candidate"}, id="a new image rolls its predictor"),
    pytest.param(_on_graph(modelUri="s3://models/2"), {"candidate"}, id="a new modelUri rolls its predictor"),
    pytest.param(_on(1, annotations={"note": "x"}), {"candidate"}, id="annotations roll their predictor"),
    pytest.param(_on(1, labels={"team": "x"}), {"candidate"}, id="labels roll their predictor"),
    pytest.param(_on(1, shadow=True), {"candidate"}, id="shadow rolls its predictor"),
    pytest.param(_on(1, svcOrchSpec={"env": []}), {"candidate"}, id="svcOrchSpec rolls its predictor"),
    pytest.param(_on_component(replicas=3), {"candidate"}, id="replicas of a component roll its predictor"),
    pytest.param(_on_spec(annotations={"note": "x"}), {"stable", "candidate"}, id="annotations of the spec roll all"),
    pytest.param(_reorder, {"stable", "candidate"}, id="another order rolls all"),
    pytest.param(_remove_first, {"candidate"}, id="the removal of the first predictor rolls the rest"),
]


@pytest.mark.parametrize(("edit", "want"), EDITS)
def test_edits_and_what_they_roll(edit: Edit, want: set[str]) -> None:
    before = sdep(predictor("stable", traffic=60), predictor("candidate", traffic=40))
    after = copy.deepcopy(before)
    edit(after)

    old, new = _templates(before), _templates(after)
    assert {name for name in old.keys() & new.keys() if old[name] != new[name]} == want


@pytest.mark.parametrize("edit", [pytest.param(_reorder, id="reorder"), pytest.param(_remove_first, id="removal")])
def test_a_container_with_its_own_metrics_port_is_not_rolled_by(edit: Edit) -> None:
    ports = [{"name": "metrics", "containerPort": 7000}]
    container = {"name": "classifier", "image": "model:1", "ports": ports}
    wish = sdep(*(predictor(name, componentSpecs=[{"spec": {"containers": [container]}}]) for name in ("a", "b")))
    before = _templates(wish)

    edit(wish)

    assert _templates(wish)["b"] == before["b"]


def test_metrics_ports_count_up_from_6000_over_the_predictors() -> None:
    want = desired(sdep(predictor("a"), predictor("b"), prepackaged("c")), Settings())

    ports = [
        port["containerPort"]
        for item in want.deployments
        for port in item["spec"]["template"]["spec"]["containers"][0]["ports"]
        if port["name"] == "metrics"
    ]
    assert ports == [6000, 6001, 6002]
