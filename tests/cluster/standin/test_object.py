"""Seldon's facts about the object: its versions, its lists, its status."""

import pytest

from tests.cluster.standin.kube import Body, Kube
from tests.cluster.standin.manager import Manager
from tests.cluster.standin.world import World
from tests.support.sdeps import predictor, prepackaged

GROUP = "/apis/machinelearning.seldon.io"


@pytest.fixture
def split(world: World) -> World:
    """Two predictors, 80 to 20, ready and routed."""
    world.create(predictor("stable", traffic=80), predictor("candidate", traffic=20))
    world.become_ready("stable", "candidate")
    world.until_weights(stable=80, candidate=20)
    return world


@pytest.mark.parametrize("version", ["v1", "v1alpha2", "v1alpha3"])
def test_every_version_is_served_under_the_short_name_sdep(kube: Kube, version: str) -> None:
    resources = kube.get(f"{GROUP}/{version}").checked()["resources"]

    assert {item["name"]: item.get("shortNames") for item in resources} == {
        "seldondeployments": ["sdep"],
        "seldondeployments/status": None,
    }


def test_v1_is_the_stored_version(kube: Kube) -> None:
    crd = kube.get(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/seldondeployments.machinelearning.seldon.io"
    )

    assert [item["name"] for item in crd.checked()["spec"]["versions"] if item["storage"]] == ["v1"]


def test_a_merge_patch_replaces_the_whole_list_of_predictors(split: World) -> None:
    answer = split.kube.merge(split.path, {"spec": {"predictors": [predictor("stable", traffic=100)]}})

    assert [item["name"] for item in answer.checked()["spec"]["predictors"]] == ["stable"]


def test_a_forced_server_side_apply_replaces_the_whole_list_and_an_unforced_one_gets_409(split: World) -> None:
    wish = split.written(predictor("stable", traffic=100))

    unforced = split.kube.apply(split.path, wish, manager="gitops", force=False)
    forced = split.kube.apply(split.path, wish, manager="gitops", force=True)

    assert unforced.code == 409
    assert [item["name"] for item in forced.checked()["spec"]["predictors"]] == ["stable"]


def test_a_json_patch_guarded_by_the_predictors_name_changes_one_number(split: World) -> None:
    before = split.read()["spec"]["predictors"]

    after = split.patch(
        {"op": "test", "path": "/spec/predictors/1/name", "value": "candidate"},
        {"op": "replace", "path": "/spec/predictors/0/traffic", "value": 70},
        {"op": "replace", "path": "/spec/predictors/1/traffic", "value": 30},
    ).checked()["spec"]["predictors"]

    assert after == [before[0] | {"traffic": 70}, before[1] | {"traffic": 30}]


def test_the_status_is_a_subresource_that_a_spec_write_does_not_touch(resting: World) -> None:
    before = resting.status()

    after = resting.kube.merge(resting.path, {"status": {"state": "Invented"}}).checked()

    assert after["status"] == before


def test_the_status_tells_state_deployments_services_conditions_and_address(resting: World) -> None:
    status = resting.status()

    prefix = resting.name
    host = f"{prefix}-stable.{resting.namespace}.svc.cluster.local"
    assert {key: value for key, value in status.items() if key != "conditions"} == {
        "state": "Available",
        "address": {"url": f"http://{host}:8000/api/v1.0/predictions"},
        "deploymentStatus": {
            f"{prefix}-{name}-0-classifier": {"replicas": 1, "availableReplicas": 1} for name in ("stable", "candidate")
        },
        "serviceStatus": {
            service: {
                "svcName": service,
                "httpEndpoint": f"{service}.{resting.namespace}:{http}",
                "grpcEndpoint": f"{service}.{resting.namespace}:{grpc}",
            }
            for name in ("stable", "candidate")
            for service, http, grpc in (
                (f"{prefix}-{name}", 8000, 5001),
                (f"{prefix}-{name}-classifier", 9000, 9500),
            )
        },
    }
    assert {"DeploymentsReady", "ServicesReady", "istioVirtualServicesReady", "Ready"} <= {
        item["type"] for item in status["conditions"]
    }


def test_observed_generation_is_never_set(split: World) -> None:
    split.set_traffic(50, 50)
    split.until_weights(stable=50, candidate=50)

    assert split.stays(lambda: "observedGeneration" not in split.status())


def test_the_state_is_creating_until_the_first_pods_are_ready(world: World) -> None:
    world.create(predictor("stable"))

    world.until(lambda: world.status().get("state") == "Creating", "the state Creating")
    world.become_ready("stable")
    world.until(lambda: world.status().get("state") == "Available", "the state Available")


def test_the_state_says_available_after_a_write_that_is_not_applied_yet(split: World) -> None:
    split.until(lambda: split.status().get("state") == "Available", "the state Available")

    written = split.set_traffic(50, 50)

    assert written["status"]["state"] == "Available"
    split.until_weights(stable=50, candidate=50)


def test_a_rollout_past_its_progress_deadline_is_failed(world: World) -> None:
    world.create(predictor("stable", progressDeadlineSeconds=1))

    world.until(lambda: world.status().get("state") == "Failed", "the state Failed")

    assert world.status()["description"] == "Deployment is no longer progressing and not available."


def test_the_controller_writes_nothing_outside_the_status_and_sets_no_finalizer(split: World) -> None:
    split.set_traffic(50, 50)
    split.until_weights(stable=50, candidate=50)

    live = split.read()

    assert live["metadata"]["generation"] == 2
    assert "finalizers" not in live["metadata"]
    assert live["spec"] == split.written(predictor("stable", traffic=50), predictor("candidate", traffic=50))["spec"]


def test_everything_is_owned_by_the_seldon_deployment(resting: World) -> None:
    owned = [*resting.deployments().values(), *resting.services().values(), resting.route(), resting.rule("candidate")]

    owner = {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "name": resting.name,
        "uid": resting.read()["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    assert [item["metadata"]["ownerReferences"] for item in owned if item] == [[owner]] * 8


def test_deployments_and_services_bear_the_documented_names_labels_and_ports(resting: World) -> None:
    deployment, services = resting.deployment("candidate"), resting.services()

    key = f"{resting.name}-candidate"
    labels = deployment["metadata"]["labels"]
    assert deployment["metadata"]["name"] == f"{key}-0-classifier"
    assert (
        labels
        | {
            "seldon-deployment-id": resting.name,
            "seldon-app": key,
            "version": "candidate",
            "app.kubernetes.io/managed-by": "seldon-core",
        }
        == labels
    )
    assert {
        name: [port["port"] for port in service["spec"]["ports"]]
        for name, service in services.items()
        if name.startswith(key)
    } == {key: [8000, 5001], f"{key}-classifier": [9000, 9500]}


def test_pods_have_the_executor_and_roll_without_unavailable_ones(resting: World) -> None:
    spec = resting.deployment("stable")["spec"]

    assert [item["name"] for item in spec["template"]["spec"]["containers"]] == [
        "classifier",
        "seldon-container-engine",
    ]
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_a_prepackaged_server_fetches_its_model_into_the_server_before_it_starts(world: World) -> None:
    world.create(prepackaged("stable"))

    pod = world.deployment("stable")["spec"]["template"]["spec"]
    (initializer,) = pod["initContainers"]
    server = pod["containers"][0]
    assert initializer["args"] == ["mlflow-artifacts://mlflow:5000/1", "/mnt/models"]
    assert server["image"] == "localhost/sluice-lab/mlflowserver:dev"
    assert {mount["name"] for mount in initializer["volumeMounts"]} <= {
        mount["name"] for mount in server["volumeMounts"]
    }


def test_the_virtual_service_is_written_as_documented(resting: World) -> None:
    route = resting.route()

    assert route is not None
    namespace, name = resting.namespace, resting.name

    def split_to(port: int) -> list[Body]:
        return [
            {
                "destination": {
                    "host": f"{name}-{predictor}.{namespace}.svc.cluster.local",
                    "port": {"number": port},
                    "subset": predictor,
                },
                "weight": weight,
            }
            for predictor, weight in (("stable", 80), ("candidate", 20))
        ]

    rest, grpc = route["spec"]["http"]
    assert rest == {
        "match": [{"uri": {"prefix": f"/seldon/{namespace}/{name}/"}}],
        "rewrite": {"uri": "/"},
        "route": split_to(8000),
    }
    assert grpc["match"][0]["headers"] == {"seldon": {"exact": name}, "namespace": {"exact": namespace}}
    assert grpc["route"] == split_to(5001)
    assert {entry["apiVersion"] for entry in route["metadata"]["managedFields"]} == {"networking.istio.io/v1alpha3"}


def test_a_destination_rule_names_the_predictors_subset_by_its_version_label(resting: World) -> None:
    rule = resting.rule("candidate")

    assert rule is not None
    assert rule["spec"]["host"] == f"{resting.name}-candidate.{resting.namespace}.svc.cluster.local"
    assert rule["spec"]["subsets"] == [{"name": "candidate", "labels": {"version": "candidate"}}]


def test_a_long_name_becomes_a_hash_that_a_label_can_hold(kube: Kube, seldon: Manager, world: World) -> None:  # noqa: ARG001
    long = World(kube, world.namespace, f"{world.name}-{'x' * 50}")
    long.create(predictor("stable"))

    services = long.until(lambda: long.services() if len(long.services()) == 2 else None, "two services")

    assert {len(name) for name in services} == {len("seldon-") + 32}
    kube.delete(long.path)
