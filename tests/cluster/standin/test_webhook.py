"""Seldon's facts about admission: what is refused, with which code and words, and what never asks the webhook."""

import pytest

from tests.cluster.standin.kube import Body, Kube
from tests.cluster.standin.world import World
from tests.support.sdeps import predictor, prepackaged

MULTIPLE = "Traffic must sum to 100 for multiple predictors"
SINGLE = "Traffic must sum be 100 for a single predictor when set"


def _without_container(name: str) -> Body:
    return predictor(name, componentSpecs=None)


def _without_model_uri(name: str) -> Body:
    return prepackaged(name, graph={"name": "classifier", "implementation": "MLFLOW_SERVER"})


REFUSED = [
    pytest.param([predictor("a", traffic=80), predictor("b", traffic=10)], MULTIPLE, id="two that sum to 90"),
    pytest.param([predictor("a"), predictor("b")], MULTIPLE, id="two without traffic"),
    pytest.param([predictor("a", traffic=50)], SINGLE, id="a lone one with 50"),
    pytest.param([predictor("a", shadow=True)], "Shadow can not exist as only predictor", id="a lone shadow"),
    pytest.param(
        [predictor("a", traffic=100), *(predictor(name, shadow=True) for name in "bc")],
        "Multiple shadows are not allowed",
        id="two shadows",
    ),
    pytest.param(
        [predictor("a", traffic=50), predictor("a", traffic=50)], "Duplicate predictor name", id="one name twice"
    ),
    pytest.param([_without_container("a")], "Can't find container for Predictive Unit", id="no container"),
    pytest.param([_without_model_uri("a")], "modelUri required when using standalone servers", id="no modelUri"),
    pytest.param(
        [prepackaged("a", graph={"name": "m", "implementation": "UNHEARD_SERVER", "modelUri": "s3://m"})],
        "No entry in predictors map for UNHEARD_SERVER",
        id="an unknown server",
    ),
]

WELCOME = [
    pytest.param([predictor("a", traffic=None)], id="a lone one without traffic"),
    pytest.param([predictor("a", traffic=0)], id="a lone one with 0"),
    pytest.param([predictor("a", traffic=100)], id="a lone one with 100"),
    pytest.param([predictor("a", traffic=150)], id="a lone one with more than 100"),
    pytest.param([predictor("a", traffic=150), predictor("b", traffic=-50)], id="150 and -50: no bound per predictor"),
    pytest.param([predictor("a", traffic=100), predictor("b", traffic=None)], id="100 and nothing"),
    pytest.param([predictor("a", traffic=100), predictor("b", shadow=True)], id="one and a shadow"),
]


@pytest.mark.parametrize(("predictors", "message"), REFUSED)
def test_creation_is_refused_with_422(world: World, predictors: list[Body], message: str) -> None:
    answer = world.kube.send("POST", world.path.rpartition("/")[0], world.written(*predictors), dryRun="All")

    assert answer.code == 422
    assert answer.message.startswith("admission webhook ")
    assert message in answer.message


@pytest.mark.parametrize("predictors", WELCOME)
def test_creation_is_accepted(world: World, predictors: list[Body]) -> None:
    answer = world.kube.send("POST", world.path.rpartition("/")[0], world.written(*predictors), dryRun="All")

    assert answer.code == 201, answer.message


def test_an_update_is_refused_with_422_and_changes_nothing(world: World) -> None:
    before = world.create(predictor("stable", traffic=100), predictor("candidate"))

    answer = world.patch({"op": "replace", "path": "/spec/predictors/1/traffic", "value": 10})

    assert (answer.code, MULTIPLE in answer.message) == (422, True)
    assert world.read()["spec"] == before["spec"]


@pytest.mark.parametrize("version", ["v1", "v1alpha2", "v1alpha3"])
def test_every_version_asks_the_webhook(kube: Kube, world: World, version: str) -> None:
    wish = world.written(predictor("a", traffic=50)) | {"apiVersion": f"machinelearning.seldon.io/{version}"}

    answer = kube.send("POST", world.path.rpartition("/")[0].replace("/v1/", f"/{version}/"), wish, dryRun="All")

    assert (answer.code, SINGLE in answer.message) == (422, True)


def test_the_webhook_is_asked_on_creation_and_update_only_and_failure_refuses(kube: Kube, world: World) -> None:  # noqa: ARG001
    configurations = kube.items("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations")

    (hook,) = (
        hook
        for item in configurations
        for hook in item["webhooks"]
        if hook["rules"][0]["apiGroups"] == ["machinelearning.seldon.io"]
    )
    assert hook["failurePolicy"] == "Fail"
    assert hook["matchPolicy"] == "Equivalent"
    assert [(rule["operations"], rule["resources"]) for rule in hook["rules"]] == [
        (["CREATE", "UPDATE"], ["seldondeployments"])
    ]


def test_there_is_no_mutating_webhook_so_nothing_is_defaulted_into_the_spec(kube: Kube, world: World) -> None:
    stored = world.create(predictor("stable"))

    assert stored["spec"] == world.written(predictor("stable"))["spec"]
    mutating = kube.items("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations")
    groups = [rule["apiGroups"] for item in mutating for hook in item.get("webhooks", []) for rule in hook["rules"]]
    assert ["machinelearning.seldon.io"] not in groups
