"""Every patch on `spec.predictors`, applied to the spec and held against the rules of Seldon's webhook."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.manifests.predictor import (
    add_candidate,
    candidate_predictor,
    capacity,
    remove_candidate,
    serving,
    set_replicas,
    set_template,
    set_weights,
    shape_of,
)
from sluice.core.plan import JsonPatch
from sluice.core.target import Shape, Target
from tests.support.observations import CANDIDATE, a_model, a_predictor, a_target, with_candidate


def apply(target: Target, patch: JsonPatch) -> list[dict[str, Any]]:
    """Return the predictors after the patch: only what JSON patch does, for the operations that are used."""
    document: dict[str, Any] = {"spec": {"predictors": [copy.deepcopy(dict(p.raw)) for p in target.predictors]}}
    for operation in patch:
        *way, last = str(operation["path"]).strip("/").split("/")
        place: Any = document
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place[part]
        key: Any = int(last) if isinstance(place, list) and last != "-" else last
        match operation["op"]:
            case "test":
                assert place[key] == operation["value"]
            case "remove":
                del place[key]
            case "add" if key == "-":
                place.append(operation["value"])
            case "add":
                place[key] = operation["value"]
            case other:
                raise AssertionError(other)
    predictors: list[dict[str, Any]] = document["spec"]["predictors"]
    return predictors


def traffic(predictors: list[dict[str, Any]]) -> Mapping[str, int]:
    return {predictor["name"]: predictor["traffic"] for predictor in predictors}


def test_the_candidate_is_appended_at_weight_0_and_the_stable_holds_everything() -> None:
    stable = a_predictor(traffic=0)
    raw = candidate_predictor(stable, a_model(), CANDIDATE, 1)
    assert traffic(apply(a_target(stable), add_candidate(a_target(stable), "main", raw))) == {"main": 100, CANDIDATE: 0}


def test_the_candidate_keeps_everything_but_name_model_traffic_and_replicas() -> None:
    stable = a_predictor(explainer={"type": "AnchorText"}, svcOrchSpec={"env": []})
    raw = candidate_predictor(stable, a_model(), CANDIDATE, 1)
    assert raw == {
        "name": CANDIDATE,
        "graph": {**stable.raw["graph"], "modelUri": a_model().serving_uri},
        "componentSpecs": stable.raw["componentSpecs"],
        "svcOrchSpec": {"env": []},
        "annotations": {"sluice.dev/model": "default/shop/43"},
        "traffic": 0,
        "replicas": 1,
    }


def test_an_image_shaped_predictor_gets_the_image_of_the_version() -> None:
    container = {"name": "classifier", "image": "shop:42", "env": [{"name": "A", "value": "b"}]}
    stable = a_predictor(
        graph={"name": "classifier"}, componentSpecs=[{"spec": {"containers": [{"name": "x"}, container]}}]
    )
    assert shape_of(stable) is Shape.IMAGE
    got = serving(stable, a_model())["componentSpecs"][0]["spec"]["containers"]
    assert got == [{"name": "x"}, {**container, "image": "shop:43"}]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"graph": {"name": "a", "children": [{"name": "b"}], "modelUri": "gs://x"}}, id="a graph"),
        pytest.param({"graph": {"name": "other"}}, id="no container of the graph's name"),
        pytest.param({"graph": {}}, id="an empty graph"),
        pytest.param({"graph": {"name": "classifier"}, "componentSpecs": None}, id="no componentSpecs"),
    ],
)
def test_other_shapes_are_none_of_ours(raw: Mapping[str, Any]) -> None:
    assert shape_of(a_predictor(**raw)) is None


@given(weight=st.integers(0, 100))
def test_weights_always_sum_to_100(weight: int) -> None:
    target = with_candidate(25)
    got = traffic(apply(target, set_weights(target, "main", CANDIDATE, weight)))
    assert got == {"main": 100 - weight, CANDIDATE: weight}


@pytest.mark.parametrize("weight", [0, 5, 99, 100])
def test_removal_gives_the_stable_everything_in_the_same_write(weight: int) -> None:
    target = with_candidate(weight)
    assert traffic(apply(target, remove_candidate(target, "main", CANDIDATE))) == {"main": 100}


def test_removal_leaves_a_strangers_traffic_alone() -> None:
    predictors = (a_predictor(traffic=60), a_predictor(CANDIDATE, 10), a_predictor("stranger", 30))
    target = a_target(*predictors)
    assert traffic(apply(target, remove_candidate(target, "main", CANDIDATE))) == {"main": 70, "stranger": 30}


@given(weight=st.integers(1, 100), replicas=st.integers(1, 200))
def test_capacity_is_never_below_the_share_nor_above_the_stables(weight: int, replicas: int) -> None:
    got = capacity(replicas, weight)
    assert got * 100 >= replicas * weight
    assert 1 <= got <= replicas


def test_scaling_also_sets_replicas_that_a_component_states_itself() -> None:
    component = {"replicas": 1, "spec": {"containers": []}}
    target = a_target(a_predictor(), a_predictor(CANDIDATE, 0, 1, componentSpecs=[component]))
    got = apply(target, set_replicas(target, CANDIDATE, 3))[1]
    assert (got["replicas"], got["componentSpecs"]) == (3, [{**component, "replicas": 3}])


def test_the_template_write_changes_what_is_served_and_no_traffic() -> None:
    target = with_candidate(100)
    got = apply(target, set_template(target, target.predictors[0], a_model()))
    assert traffic(got) == {"main": 0, CANDIDATE: 100}
    assert got[0]["graph"]["modelUri"] == a_model().serving_uri


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({"traffic": 3, "replicas": 9}, True, id="traffic and replicas are not what it serves"),
        pytest.param({"graph": {"name": "classifier", "modelUri": "gs://other"}}, False, id="another model"),
        pytest.param({"annotations": {"a": "b"}}, False, id="an annotation"),
    ],
)
def test_the_fingerprint_is_of_what_is_served(change: Mapping[str, Any], *, same: bool) -> None:
    before = a_predictor()
    after = a_predictor(**dict(change))
    assert (before.fingerprint == after.fingerprint) is same
