"""What the admission webhook refuses and welcomes."""

from typing import Any

import pytest

from lab.seldon_standin.validate import refusal
from lab.seldon_standin.webhook import Endpoint, answer, configuration
from tests.support.sdeps import predictor, prepackaged, sdep

SERVERS = {"MLFLOW_SERVER"}
PREFIX = 'SeldonDeployment.machinelearning.seldon.io "" is invalid: '
MULTIPLE = 'spec: Invalid value: "a": Traffic must sum to 100 for multiple predictors'
SINGLE = 'spec: Invalid value: "a": Traffic must sum be 100 for a single predictor when set'
SHADOW_RANGE = "shadow traffic is illegal, the traffic number should be between [0, 100]"
NO_ENTRY = "No entry in predictors map for TRITON_SERVER"
NO_URI = "Predictive unit modelUri required when using standalone servers"
NO_METHODS = (
    "Predictive Unit has no implementation methods defined. Change to a known type or add what methods it defines"
)


def _graph(index: int, detail: str) -> str:
    return f'spec.predictors[{index}].graph: Invalid value: "classifier": {detail}'


def _server(kind: str, **overrides: Any) -> dict[str, Any]:
    graph = {"name": "classifier", "implementation": kind, "modelUri": "s3://models/1"} | overrides
    return prepackaged("a", graph=graph)


WELCOME = [
    pytest.param([predictor("a", traffic=None)], id="a lone predictor may leave traffic out"),
    pytest.param([predictor("a", traffic=0)], id="a lone predictor may have 0"),
    pytest.param([predictor("a", traffic=100)], id="a lone predictor may have 100"),
    pytest.param([predictor("a", traffic=101)], id="a lone predictor may have more than 100"),
    pytest.param([predictor("a", traffic=90), predictor("b", traffic=10)], id="two may share 100"),
    pytest.param([predictor("a", traffic=100), predictor("b", traffic=None)], id="one of two may leave it out"),
    pytest.param([predictor("a", traffic=150), predictor("b", traffic=-50)], id="a predictor has no bound of its own"),
    pytest.param([predictor("a", traffic=100), predictor("b", shadow=True)], id="a shadow does not count"),
    pytest.param([predictor("a", traffic=0), predictor("b", shadow=True)], id="beside a shadow, 0 is enough"),
    pytest.param([predictor("a", traffic=50), predictor("b", shadow=True)], id="beside a shadow, 50 is let through"),
    pytest.param([prepackaged("a")], id="a prepackaged server needs no container"),
    pytest.param([_server("HUGGINGFACE_SERVER", modelUri="")], id="only that server needs no modelUri"),
    pytest.param(
        [predictor("a", graph={"name": "classifier", "implementation": "TRITON_SERVER", "modelUri": "s3://m"})],
        id="a server without an entry may bring its image",
    ),
]

REFUSED = [
    pytest.param([], 'spec: Invalid value: "": Graph contains no predictors', id="no predictor"),
    pytest.param([predictor("a", traffic=1)], SINGLE, id="a lone predictor with 1"),
    pytest.param([predictor("a", traffic=99)], SINGLE, id="a lone predictor with 99"),
    pytest.param([predictor("a"), predictor("b")], MULTIPLE, id="two with nothing"),
    pytest.param([predictor("a", traffic=99), predictor("b")], MULTIPLE, id="two with 99"),
    pytest.param([predictor("a", traffic=100), predictor("b", traffic=1)], MULTIPLE, id="two with 101"),
    pytest.param(
        [predictor("a", shadow=True)],
        'spec.predictors[0]: Invalid value: "a": Shadow can not exist as only predictor',
        id="a shadow alone",
    ),
    pytest.param(
        [predictor("a", traffic=100), predictor("b", shadow=True), predictor("c", shadow=True)],
        'spec: Invalid value: "c": Multiple shadows are not allowed',
        id="two shadows",
    ),
    pytest.param(
        [predictor("a", traffic=100), predictor("b", shadow=True, traffic=101)],
        f'spec: Invalid value: "b": {SHADOW_RANGE}',
        id="a shadow with more than 100",
    ),
    pytest.param(
        [predictor("a", traffic=50), predictor("a", traffic=50)],
        'spec.predictors[1]: Invalid value: "a": Duplicate predictor name',
        id="a name twice",
    ),
    pytest.param(
        [predictor("a", componentSpecs=None)], _graph(0, "Can't find container for Predictive Unit"), id="no container"
    ),
    pytest.param([_server("MLFLOW_SERVER", modelUri="")], _graph(0, NO_URI), id="a server without modelUri"),
    pytest.param([_server("TRITON_SERVER")], _graph(0, NO_ENTRY), id="a server without an entry"),
    pytest.param(
        [_server("MLFLOW_SERVER", logger={})], 'graph: Invalid value: "": No logger mode specified', id="logger"
    ),
    pytest.param(
        [predictor("a", graph={"name": "classifier", "type": "UNKNOWN_TYPE"})], _graph(0, NO_METHODS), id="unknown type"
    ),
    pytest.param(
        [predictor("a", graph={"name": "classifier", "children": [{"name": "child"}]})],
        """spec.predictors[0].graph[0]: Invalid value: "child": Can't find container for Predictive Unit""",
        id="a child without a container",
    ),
]


@pytest.mark.parametrize("predictors", WELCOME)
def test_it_welcomes(predictors: list[dict[str, Any]]) -> None:
    known = {*SERVERS, "HUGGINGFACE_SERVER"}

    assert refusal(sdep(*predictors), known) is None


@pytest.mark.parametrize(("predictors", "want"), REFUSED)
def test_it_refuses(predictors: list[dict[str, Any]], want: str) -> None:
    message = refusal(sdep(*predictors), SERVERS)

    assert message is not None
    assert message.startswith(PREFIX)
    assert message.endswith(want)


@pytest.mark.parametrize(
    ("field", "detail"),
    [
        pytest.param("protocol", "Invalid protocol", id="a protocol that is none"),
        pytest.param("transport", "Invalid transport", id="a transport that is none"),
        pytest.param("serverType", "Invalid serverType", id="a server type that is none"),
    ],
)
def test_it_refuses_unknown_values(field: str, detail: str) -> None:
    wish = sdep(predictor("a"))
    wish["spec"][field] = "pigeon"

    assert refusal(wish, SERVERS) == f'{PREFIX}spec: Invalid value: "pigeon": {detail}'


def test_it_lists_all_reasons_at_once() -> None:
    message = refusal(sdep(predictor("a", traffic=1), predictor("a", traffic=1)), SERVERS)

    duplicate = 'spec.predictors[1]: Invalid value: "a": Duplicate predictor name'
    assert message == f"{PREFIX}[{duplicate}, {MULTIPLE}]"


def test_a_refusal_is_answered_with_code_422() -> None:
    review = {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {"uid": "1", "object": sdep(predictor("a", traffic=50))},
    }

    assert answer(review, SERVERS)["response"] == {
        "uid": "1",
        "allowed": False,
        "status": {"status": "Failure", "reason": "Invalid", "code": 422, "message": PREFIX + SINGLE},
    }


@pytest.mark.parametrize(
    ("endpoint", "want"),
    [
        pytest.param(
            Endpoint(service="hook", namespace="seldon-system"),
            {"service": {"name": "hook", "namespace": "seldon-system"}},
            id="by its Service",
        ),
        pytest.param(Endpoint(address="127.0.0.1", port=4433), {"url": "https://127.0.0.1:4433"}, id="by its address"),
    ],
)
def test_the_webhook_is_found(endpoint: Endpoint, want: dict[str, Any]) -> None:
    path = "/validate-machinelearning-seldon-io-v1-seldondeployment"
    (hook,) = configuration(endpoint, "a certificate")["webhooks"]

    config = hook["clientConfig"]
    assert config.pop("caBundle") == "YSBjZXJ0aWZpY2F0ZQ=="
    if "service" in want:
        want["service"]["path"] = path
    else:
        want["url"] += path
    assert config == want
