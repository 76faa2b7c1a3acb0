"""What a SeldonDeployment becomes, and which edits change a pod's template."""

import base64
import copy
import json
from typing import Any

import pytest

from lab.seldon_standin.desired import Desired, desired
from lab.seldon_standin.settings import Images, Probes, Settings
from tests.support.sdeps import predictor, prepackaged, sdep

Body = dict[str, Any]


def _container(want: Desired, name: str) -> Body:
    (found,) = (item for item in want.deployments[0]["spec"]["template"]["spec"]["containers"] if item["name"] == name)
    return dict(found)


def test_the_executor_is_a_container_of_the_documented_name_and_port() -> None:
    engine = _container(desired(sdep(predictor("a")), Settings()), "seldon-container-engine")

    assert engine["ports"][0] == {"name": "http", "containerPort": 8000, "protocol": "TCP"}
    assert engine["args"][:6] == ["--sdep", "sentiment", "--namespace", "models", "--predictor", "a"]


def test_the_executor_is_told_the_predictor_without_its_traffic() -> None:
    engine = _container(desired(sdep(predictor("a", traffic=100)), Settings()), "seldon-container-engine")

    told = json.loads(base64.b64decode(engine["env"][0]["value"]))
    assert "traffic" not in told
    assert told["graph"]["endpoint"] == {
        "service_host": "localhost",
        "service_port": 9000,
        "httpPort": 9000,
        "grpcPort": 9500,
    }


def test_by_default_no_pod_is_ready_before_20_seconds() -> None:
    want = desired(sdep(predictor("a")), Settings())

    delays = [_container(want, name)["readinessProbe"]["initialDelaySeconds"] for name in ("classifier",)]
    engine = _container(want, "seldon-container-engine")["readinessProbe"]["initialDelaySeconds"]
    assert [*delays, engine] == [20, 20]


def test_the_delay_can_be_shortened() -> None:
    want = desired(sdep(predictor("a")), Settings(probes=Probes(3, 1)))

    probe = _container(want, "seldon-container-engine")["readinessProbe"]
    assert (probe["initialDelaySeconds"], probe["periodSeconds"]) == (3, 1)


def test_a_probe_of_the_users_own_is_kept() -> None:
    own = {"httpGet": {"path": "/up", "port": 9000}}
    container = {"name": "classifier", "image": "model:1", "readinessProbe": own}
    want = desired(sdep(predictor("a", componentSpecs=[{"spec": {"containers": [container]}}])), Settings())

    assert _container(want, "classifier")["readinessProbe"] == own


def test_pods_surge_so_that_none_is_unavailable() -> None:
    (deployment,) = desired(sdep(predictor("a")), Settings()).deployments

    assert deployment["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}


@pytest.mark.parametrize("where", ["the spec", "the predictor"])
def test_a_timeout_reaches_the_executor_as_the_pods_annotation(where: str) -> None:
    wish = sdep(predictor("a"))
    level = wish["spec"] if where == "the spec" else wish["spec"]["predictors"][0]
    level["annotations"] = {"seldon.io/rest-timeout": "500"}

    template = desired(wish, Settings()).deployments[0]["spec"]["template"]
    assert template["metadata"]["annotations"]["seldon.io/rest-timeout"] == "500"
    assert any("downwardAPI" in volume for volume in template["spec"]["volumes"])


@pytest.mark.parametrize(
    ("levels", "want"),
    [
        pytest.param((None, None, None), None, id="none given: left to the Deployment"),
        pytest.param((4, None, None), 4, id="the spec's"),
        pytest.param((4, 3, None), 3, id="the predictor's before the spec's"),
        pytest.param((4, 3, 2), 2, id="the component's before all"),
        pytest.param((4, 0, None), 0, id="zero is a number"),
    ],
)
def test_replicas_come_from_the_more_specific_level(levels: tuple[int | None, ...], want: int | None) -> None:
    spec, own, component = levels
    wish = sdep(predictor("a", replicas=own))
    for level, replicas in ((wish["spec"], spec), (wish["spec"]["predictors"][0]["componentSpecs"][0], component)):
        if replicas is not None:
            level["replicas"] = replicas

    (deployment,) = desired(wish, Settings()).deployments
    assert deployment["spec"].get("replicas") == want


def test_replicas_are_left_alone_under_an_autoscaler() -> None:
    wish = sdep(predictor("a", replicas=3))
    wish["spec"]["predictors"][0]["componentSpecs"][0]["hpaSpec"] = {"maxReplicas": 5}

    (deployment,) = desired(wish, Settings()).deployments
    assert "replicas" not in deployment["spec"]


def test_a_prepackaged_server_is_served_from_a_folder_that_an_init_container_fills() -> None:
    images = Images(initializer="fetch:1", servers={"MLFLOW_SERVER": "mlflow:1"})
    graph = {
        "name": "classifier",
        "implementation": "MLFLOW_SERVER",
        "modelUri": "mlflow-artifacts://mlflow:5000/7",
        "envSecretRefName": "registry",
        "serviceAccountName": "models",
        "parameters": [{"name": "xtype", "value": "ndarray", "type": "STRING"}],
    }
    want = desired(sdep(prepackaged("a", graph=graph)), Settings(images=images))

    pod = want.deployments[0]["spec"]["template"]["spec"]
    (fetch,) = pod["initContainers"]
    server = _container(want, "classifier")
    environment = {item["name"]: item["value"] for item in server["env"]}
    assert (fetch["image"], fetch["args"]) == ("fetch:1", ["mlflow-artifacts://mlflow:5000/7", "/mnt/models"])
    assert fetch["envFrom"] == [{"secretRef": {"name": "registry"}}]
    assert pod["serviceAccountName"] == "models"
    assert server["image"] == "mlflow:1"
    assert {"name": "classifier-provision-location", "mountPath": "/mnt/models", "readOnly": True} in server[
        "volumeMounts"
    ]
    assert {"name": "classifier-provision-location", "emptyDir": {}} in pod["volumes"]
    assert json.loads(environment["PREDICTIVE_UNIT_PARAMETERS"]) == [
        {"name": "xtype", "value": "ndarray", "type": "STRING"},
        {"name": "model_uri", "value": "/mnt/models", "type": "STRING"},
    ]


def test_a_container_of_the_users_own_is_told_its_ports_and_identity() -> None:
    environment = {
        item["name"]: item["value"]
        for item in _container(desired(sdep(predictor("a")), Settings()), "classifier")["env"]
    }

    assert environment == {
        "PREDICTIVE_UNIT_SERVICE_PORT": "9000",
        "PREDICTIVE_UNIT_HTTP_SERVICE_PORT": "9000",
        "PREDICTIVE_UNIT_GRPC_SERVICE_PORT": "9500",
        "PREDICTIVE_UNIT_ID": "classifier",
        "PREDICTIVE_UNIT_IMAGE": "localhost/sluice-lab/sentiment-custom:1",
        "PREDICTOR_ID": "a",
        "PREDICTOR_LABELS": '{"version": "a"}',
        "SELDON_DEPLOYMENT_ID": "sentiment",
        "SELDON_EXECUTOR_ENABLED": "true",
        "PREDICTIVE_UNIT_METRICS_SERVICE_PORT": "6000",
        "PREDICTIVE_UNIT_METRICS_ENDPOINT": "/prometheus",
    }


def test_the_object_itself_is_not_changed() -> None:
    wish = sdep(prepackaged("a"))
    before = copy.deepcopy(wish)

    desired(wish, Settings())

    assert wish == before


def test_names_of_objects() -> None:
    want = desired(sdep(predictor("a")), Settings())

    assert {
        "deployments": want.deployment_names,
        "services": [item["metadata"]["name"] for item in want.services],
        "route": want.virtual_service["metadata"]["name"],
        "rules": [item["metadata"]["name"] for item in want.destination_rules],
        "address": want.address,
    } == {
        "deployments": ["sentiment-a-0-classifier"],
        "services": ["sentiment-a-classifier", "sentiment-a"],
        "route": "sentiment",
        "rules": ["sentiment-a"],
        "address": "http://sentiment-a.models.svc.cluster.local:8000/api/v1.0/predictions",
    }


@pytest.mark.parametrize(
    ("length", "hashed"),
    [
        pytest.param(61, False, id="63 characters are kept"),
        pytest.param(62, True, id="64 characters become seldon- and 32 hexadecimal digits"),
    ],
)
def test_long_names(length: int, hashed: bool) -> None:  # noqa: FBT001
    want = desired(sdep(predictor("a"), name="x" * length, metadata=_metadata("x" * length)), Settings())

    service = want.services[-1]["metadata"]["name"]
    assert (service.startswith("seldon-"), len(service)) == ((True, 39) if hashed else (False, 63))


def _metadata(name: str) -> Body:
    return {"name": name, "namespace": "models", "uid": "1"}


def test_a_weight_of_zero_is_left_out_of_the_route() -> None:
    want = desired(sdep(predictor("a", traffic=100), predictor("b", traffic=0)), Settings())

    route = want.virtual_service["spec"]["http"][0]["route"]
    assert [item.get("weight") for item in route] == [100, None]


@pytest.mark.parametrize(
    ("annotations", "want"),
    [
        pytest.param({}, ["istio-system/seldon-gateway"], id="the setting"),
        pytest.param({"seldon.io/istio-gateway": "own/gateway"}, ["own/gateway"], id="the annotation"),
    ],
)
def test_the_gateway_is(annotations: dict[str, str], want: list[str]) -> None:
    wish = sdep(predictor("a"))
    wish["spec"]["annotations"] = annotations

    assert desired(wish, Settings()).virtual_service["spec"]["gateways"] == want
