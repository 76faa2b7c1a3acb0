"""Which targets Sluice will shift, and what it says of the others."""

import pytest

from sluice.api.candidate import ModelRef
from sluice.core.admission import champion_ref, servable_problem, target_problem
from sluice.core.target import Target
from tests.support.observations import a_model, a_predictor, a_target, a_workload


@pytest.mark.parametrize(
    ("target", "message"),
    [
        pytest.param(a_target(), None, id="one ready predictor in the route"),
        pytest.param(a_target(a_predictor(), a_predictor("shadow", 0, shadow=True)), None, id="a shadow beside it"),
        pytest.param(
            a_target(a_predictor("a", 50), a_predictor("b", 50)),
            "SeldonDeployment shop needs exactly one predictor without shadow in spec.predictors, has a, b",
            id="two serving predictors",
        ),
        pytest.param(
            a_target(a_predictor("shadow", 0, shadow=True), a_predictor()),
            "SeldonDeployment shop: spec.predictors[0] must be the serving predictor main: move it first",
            id="a shadow before it",
        ),
        pytest.param(
            a_target(a_predictor(replicas=0)),
            "SeldonDeployment shop: predictor main has replicas 0: Seldon freezes weights, set 1 or more",
            id="scaled to nothing",
        ),
        pytest.param(
            a_target(annotations={"seldon.io/ambassador-config": "x"}),
            "SeldonDeployment shop is routed by Ambassador, which turns 100/0 into 50/50: use Istio",
            id="Ambassador",
        ),
        pytest.param(
            a_target(a_predictor(graph={"name": "a", "children": [{}]})),
            "SeldonDeployment shop: predictor main needs graph.modelUri, or a container named as graph.name with an"
            " image, and no graph.children",
            id="an inference graph",
        ),
        pytest.param(
            a_target(workloads=[a_workload(unavailable_replicas=1)]),
            "predictor main of shop is not ready: waiting, no traffic moves until it is",
            id="not ready",
        ),
        pytest.param(
            a_target(workloads=[]),
            "predictor main of shop is not ready: waiting, no traffic moves until it is",
            id="no Deployment yet",
        ),
        pytest.param(
            a_target(route=None),
            "VirtualService shop does not exist: Seldon must run with Istio enabled",
            id="no VirtualService",
        ),
        pytest.param(
            a_target(deleting=True), "SeldonDeployment shop is being deleted: create it again", id="being deleted"
        ),
    ],
)
def test_a_target(target: Target, message: str | None) -> None:
    problem = target_problem(target)
    assert (problem.message if problem else None) == message


@pytest.mark.parametrize(
    ("predictor", "model", "servable"),
    [
        pytest.param(a_predictor(), a_model(image=""), True, id="by modelUri"),
        pytest.param(a_predictor(), a_model(serving_uri=""), False, id="by modelUri, without one"),
        pytest.param(
            a_predictor(
                graph={"name": "c"}, componentSpecs=[{"spec": {"containers": [{"name": "c", "image": "x:1"}]}}]
            ),
            a_model(image=""),
            False,
            id="by image, without the tag",
        ),
    ],
)
def test_a_version_must_fit_the_stables_shape(predictor: object, model: object, *, servable: bool) -> None:
    assert (servable_problem(a_target(predictor), model) is None) is servable  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("annotation", "want"),
    [
        pytest.param(None, {"alias": "champion", "version": None}, id="never promoted by Sluice: the alias"),
        pytest.param("default/shop/42", {"alias": None, "version": "42"}, id="the annotation of the last promotion"),
        pytest.param("nonsense", {"alias": "champion", "version": None}, id="an unreadable annotation: the alias"),
    ],
)
def test_where_the_champion_is_found(annotation: str | None, want: dict[str, str | None]) -> None:
    annotations = {} if annotation is None else {"sluice.dev/model": annotation}
    target = a_target(a_predictor(annotations=annotations))
    got = champion_ref(target, ModelRef(name="shop", version="43"), "champion")
    assert {"alias": got.alias, "version": got.version} == want
