"""The add-ons' objects: well-formed, wired to one another, and with the facts that make a plain Envoy follow istiod."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Any

import pytest

from lab.addons import NAMES, Traffic, installer, istio, monitoring, registry, traffic
from lab.images.recipes import recipes
from lab.system import LabError

if TYPE_CHECKING:
    from pathlib import Path

SHOP = Traffic(namespace="models", deployment="shop", rate=30, seed=5, long_share=0.2)


class NoCluster:
    """A cluster that nothing may be asked of."""

    def kubectl(self, *args: str, stdin: str | None = None, timeout: float = 60) -> str:
        raise AssertionError(args, stdin, timeout)


class RememberingCluster:
    """A cluster that keeps the commands it was given."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def kubectl(self, *args: str, stdin: str | None = None, timeout: float = 60) -> str:  # noqa: ARG002
        self.commands.append(args[0])
        return ""


def texts(folder: Path) -> Path:
    path = folder / "texts.jsonl"
    path.write_text('{"text": "good"}\n')
    return path


@pytest.fixture
def everything(tmp_path: Path) -> list[dict[str, Any]]:
    return [
        *monitoring.manifests(),
        *registry.manifests(),
        *istio.manifests(),
        *traffic.manifests(SHOP, texts(tmp_path)),
    ]


def of_kind(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [found for found in objects if found["kind"] == kind]


def containers(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pods = [found["spec"]["template"]["spec"] for found in of_kind(objects, "Deployment")]
    return [container for pod in pods for container in pod["containers"]]


def test_no_two_objects_have_one_name(everything: list[dict[str, Any]]) -> None:
    names = [(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in everything]
    assert len(names) == len(set(names))


def test_every_namespace_is_made_before_what_is_in_it(everything: list[dict[str, Any]]) -> None:
    made = set()
    for found in everything:
        if found["kind"] == "Namespace":
            made.add(found["metadata"]["name"])
        assert found["metadata"].get("namespace", "monitoring") in made


def test_every_image_is_built_by_the_lab_and_never_pulled(everything: list[dict[str, Any]]) -> None:
    built = {recipe.ref for recipe in recipes().values()}
    assert {container["image"] for container in containers(everything)} <= built
    assert {container["imagePullPolicy"] for container in containers(everything)} == {"IfNotPresent"}


def test_every_service_reaches_a_container_port_of_the_pods_it_selects(everything: list[dict[str, Any]]) -> None:
    for service in of_kind(everything, "Service"):
        wanted = service["spec"]["selector"].items()
        templates = [found["spec"]["template"] for found in of_kind(everything, "Deployment")]
        (chosen,) = (each for each in templates if wanted <= each["metadata"]["labels"].items())
        open_ports = {port["containerPort"] for box in chosen["spec"]["containers"] for port in box.get("ports", [])}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= open_ports


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("PILOT_ENABLE_METADATA_EXCHANGE", "false", id="no filter that only Istio's Envoy has"),
        pytest.param("PILOT_ENABLE_ALPN_FILTER", "false", id="no ALPN filter"),
        pytest.param("ENABLE_CA_SERVER", "false", id="no certificate authority"),
    ],
)
def test_istiod_sends_what_a_plain_envoy_can_load(name: str, value: str) -> None:
    (istiod,) = (found for found in containers(istio.manifests()) if found["name"] == "discovery")
    assert {"name": name, "value": value} in istiod["env"]


def test_the_gateway_is_the_one_that_seldons_routes_name() -> None:
    (gateway,) = of_kind(istio.manifests(), "Gateway")
    assert f"{gateway['metadata']['namespace']}/{gateway['metadata']['name']}" == "istio-system/seldon-gateway"


def test_the_gateways_pods_carry_the_label_that_its_gateway_and_bootstrap_select() -> None:
    (gateway,) = of_kind(istio.manifests(), "Gateway")
    selected = gateway["spec"]["selector"]
    assert istio.bootstrap()["node"]["metadata"]["LABELS"] == selected == {"istio": "ingressgateway"}


def test_the_texts_travel_compressed(tmp_path: Path) -> None:
    (stored,) = of_kind(traffic.manifests(SHOP, texts(tmp_path)), "ConfigMap")
    assert gzip.decompress(base64.b64decode(stored["binaryData"]["texts.jsonl.gz"])) == b'{"text": "good"}\n'


@pytest.mark.parametrize(
    ("wanted", "arguments"),
    [
        pytest.param(
            SHOP,
            [
                "--texts=/texts/texts.jsonl.gz",
                "--namespace=models",
                "--deployment=shop",
                "--rate=30",
                "--seed=5",
                "--long-share=0.2",
                "--port=8080",
            ],
            id="all is set",
        ),
        pytest.param(
            Traffic(namespace="models", deployment="shop"),
            [
                "--texts=/texts/texts.jsonl.gz",
                "--namespace=models",
                "--deployment=shop",
                "--rate=20",
                "--seed=0",
                "--port=8080",
            ],
            id="the share of very long texts is left to the file",
        ),
    ],
)
def test_the_load_generators_arguments(tmp_path: Path, wanted: Traffic, arguments: list[str]) -> None:
    (generator,) = containers(traffic.manifests(wanted, texts(tmp_path)))
    assert generator["args"] == arguments


def test_an_unknown_add_on_is_refused_before_anything_is_done() -> None:
    with pytest.raises(LabError, match="no such add-on: redis"):
        installer.install(NoCluster(), lambda _: None, only=["redis"])


def test_each_add_on_is_applied_then_waited_for_and_reported() -> None:
    cluster, lines = RememberingCluster(), list[str]()
    installer.install(cluster, lines.append, only=["mlflow"])
    assert cluster.commands == ["apply", "wait"]
    assert [line.split(" after")[0] for line in lines] == ["mlflow: ready"]


def test_the_names_of_the_add_ons() -> None:
    assert NAMES == ("prometheus", "mlflow", "istio", "seldon")
