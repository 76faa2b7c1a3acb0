"""What the chart makes of its values, with the real Helm."""

from typing import Any

import pytest
import yaml

from sluice.api.crd import definitions
from sluice.api.evaluation_spec import Limits
from sluice.runtime.main import LEASE
from sluice.runtime.main import parse as parse_options
from sluice.runtime.settings import parse as parse_settings
from tests.chart.values import DIGEST, MATRIX, NAMED
from tests.support.helm import NAMESPACE, Rendered, helm, render
from tests.support.restricted import faults


def operator(made: Rendered) -> dict[str, Any]:
    (deployment,) = made.of("Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return dict(container)


@pytest.mark.parametrize("values", MATRIX)
def test_every_pod_is_restricted(values: dict[str, Any]) -> None:
    pods = dict(render(values).pods())
    assert len(pods) == 2
    assert {name: faults(pod) for name, pod in pods.items()} == {name: [] for name in pods}


@pytest.mark.parametrize("values", MATRIX)
def test_the_configuration_is_what_the_operator_reads(values: dict[str, Any]) -> None:
    (config,) = render(values).of("ConfigMap")
    settings = parse_settings(config["data"]["config.yaml"])
    registries = values.get("registries", {"default": None})
    assert set(settings.registries) == set(registries)


@pytest.mark.parametrize("values", MATRIX)
def test_the_arguments_are_what_the_operator_takes(values: dict[str, Any]) -> None:
    container = operator(render(values))
    options = parse_options(container["args"])
    assert options.port == container["ports"][0]["containerPort"]
    assert options.watch == tuple(values.get("rbac", {}).get("namespaces", ()))


@pytest.mark.parametrize("values", MATRIX)
def test_names_are_unique_and_labelled(values: dict[str, Any]) -> None:
    made = render(values)
    names = [(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]) for o in made.objects]
    assert sorted(set(names), key=str) == sorted(names, key=str)
    labels = [made["metadata"]["labels"].get("app.kubernetes.io/name") for made in made.objects]
    assert set(labels) <= {"sluice", "gate"}


@pytest.mark.parametrize("values", MATRIX)
def test_selectors_find_the_operators_pods_and_no_other(values: dict[str, Any]) -> None:
    made = render(values)
    (deployment,), (test_pod,) = made.of("Deployment"), made.of("Pod")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = [deployment["spec"]["selector"]["matchLabels"], made.of("Service")[0]["spec"]["selector"]]
    selectors += [budget["spec"]["selector"]["matchLabels"] for budget in made.of("PodDisruptionBudget")]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert not selector.items() <= test_pod["metadata"]["labels"].items()


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        pytest.param("defaults", {"PodDisruptionBudget": 1, "NetworkPolicy": 1, "PodMonitor": 0}, id="defaults"),
        pytest.param("one replica", {"PodDisruptionBudget": 0}, id="one replica has no budget"),
        pytest.param("without policies and budget", {"PodDisruptionBudget": 0, "NetworkPolicy": 0}, id="switched off"),
        pytest.param("monitored", {"PodMonitor": 1}, id="monitored"),
        pytest.param("namespaced", {"ClusterRole": 3, "ClusterRoleBinding": 0, "Role": 3}, id="no cluster-wide rights"),
        pytest.param("without aggregated roles", {"ClusterRole": 1}, id="no aggregated roles"),
        pytest.param("an own service account", {"ServiceAccount": 0}, id="an own service account"),
        pytest.param("without CRDs", {"CustomResourceDefinition": 0}, id="no CRDs"),
    ],
)
def test_switches(name: str, kinds: dict[str, int]) -> None:
    made = render(NAMED[name])
    assert {kind: len(made.of(kind)) for kind in kinds} == kinds


@pytest.mark.parametrize(("name", "kept"), [("defaults", True), ("CRDs that go with the release", False)])
def test_the_crds_are_the_generated_ones_and_kept_if_wanted(name: str, kept: bool) -> None:  # noqa: FBT001
    made = render(NAMED[name]).of("CustomResourceDefinition")
    annotations = {"annotations": {"helm.sh/resource-policy": "keep"}} if kept else {}
    want = [crd | {"metadata": crd["metadata"] | annotations} for crd in definitions().values()]
    assert sorted(made, key=str) == sorted(want, key=str)


def test_images_follow_the_digest_then_the_tag_then_the_chart() -> None:
    evaluation = {
        name: yaml.safe_load(render(NAMED[name]).of("ConfigMap")[0]["data"]["config.yaml"])["evaluation"]["image"]
        for name in ("defaults", "images by tag", "images by digest")
    }
    assert operator(render())["image"] == "sluice-operator:0.1.0"
    assert operator(render(NAMED["images by tag"]))["image"] == "sluice-operator:dev"
    assert operator(render(NAMED["images by digest"]))["image"] == f"registry.example/sluice/operator@{DIGEST}"
    assert evaluation == {
        "defaults": "sluice-evaluation:0.1.0",
        "images by tag": "sluice-evaluation:dev",
        "images by digest": f"registry.example/sluice/evaluation@{DIGEST}",
    }


def test_a_changed_configuration_rolls_the_pods() -> None:
    def checksum(values: dict[str, Any]) -> str:
        template = render(values).one("Deployment")["spec"]["template"]
        return str(template["metadata"]["annotations"]["checksum/config"])

    assert checksum({}) == checksum({"podLabels": {"a": "b"}}) != checksum({"championAlias": "other"})


def test_the_policy_opens_the_ports_of_what_is_configured() -> None:
    made = render(NAMED["many providers"] | {"networkPolicy": {"podPorts": [8080, 5001]}})
    (policy,) = made.of("NetworkPolicy")
    opened = [port["port"] for port in policy["spec"]["egress"][0]["ports"]]
    assert opened == [53, 53, 443, 5001, 6443, 8080, 9091]


def test_stores_and_limits_reach_the_operator_as_they_are() -> None:
    (config,) = render(NAMED["with stores"]).of("ConfigMap")
    settings = parse_settings(config["data"]["config.yaml"]).for_decisions()
    assert settings.stores["reviews"].credentials == "reviews-reader"
    assert settings.stores["public"].region == "us-east-1"
    assert settings.evaluation_limits == Limits(model_bytes=20_000 << 20, dataset_bytes=1_000_000 << 20)


def test_ray_clusters_reach_the_operator_as_they_are() -> None:
    (config,) = render(NAMED["with Ray"]).of("ConfigMap")
    cluster = parse_settings(config["data"]["config.yaml"]).for_decisions().ray_clusters["shared"]
    assert (cluster.address, cluster.image) == ("ray://ray-head.ray:10001", "registry.example/sluice/ray:1")


def test_ports_of_pods_reach_the_operator() -> None:
    (config,) = render(NAMED["policies everywhere"]).of("ConfigMap")
    assert parse_settings(config["data"]["config.yaml"]).for_decisions().pod_ports == (5000, 9000)


def test_leadership_is_of_one_lease_in_the_operators_namespace() -> None:
    role = render().one("Role", "sluice-leader")
    assert role["metadata"]["namespace"] == NAMESPACE
    assert [rule.get("resourceNames") for rule in role["rules"]] == [None, [LEASE]]


def test_another_release_name_prefixes_all_names() -> None:
    made = render(release="prod")
    names = {o["metadata"]["name"] for o in made.objects if o["kind"] != "CustomResourceDefinition"}
    assert {name for name in names if not name.startswith("prod-sluice")} == set()


def test_the_notes_name_the_next_command() -> None:
    shown = helm("install", "sluice", "charts/sluice", "--dry-run=client", "--namespace", NAMESPACE)
    notes = shown.partition("NOTES:")[2]
    assert "helm test sluice --namespace sluice-system" in notes
    assert "kubectl sluice watch NAME" in notes


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"securityContext": {}}, "operator may write its root file system", id="no security context"),
        pytest.param({"resources": {}}, "operator has no memory limit", id="no resources"),
    ],
)
def test_the_check_of_pods_finds_faults(change: dict[str, Any], says: str) -> None:
    pod = dict(render().pods())["sluice"]
    assert says in faults({**pod, "containers": [{**pod["containers"][0], **change}]})
    assert "hostNetwork is set" in faults({**pod, "hostNetwork": True})
