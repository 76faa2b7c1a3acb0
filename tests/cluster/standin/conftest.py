"""A real API server with Seldon's and Istio's definitions, the manager, and a fresh SeldonDeployment name a test."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.addons import istio
from lab.seldon_standin.manifests import crd
from tests.cluster.standin.control_plane import cluster
from tests.cluster.standin.kube import CORE, Body, Kube
from tests.cluster.standin.manager import Manager, manager
from tests.cluster.standin.world import World
from tests.support.sdeps import predictor

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ISTIO_KINDS = {"virtualservices.networking.istio.io", "destinationrules.networking.istio.io"}
NAMESPACE = "standin-facts"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with cluster(tmp_path_factory.mktemp("cluster")) as path:
        yield path


@pytest.fixture(scope="session")
def kube(kubeconfig: Path) -> Iterator[Kube]:
    """A client of a cluster with the definitions and an empty namespace, all of which go again."""
    client = Kube.of(kubeconfig)
    made = [definition["metadata"]["name"] for definition in (crd(), *_istio()) if _install(client, definition)]
    client.create(f"{CORE}/namespaces", {"metadata": {"name": NAMESPACE}}).checked()
    yield client
    client.delete(f"{CORE}/namespaces/{NAMESPACE}")
    for name in made:
        client.delete(f"{CRDS}/{name}")
    client.close()


@pytest.fixture(scope="session")
def seldon(kube: Kube, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manager]:
    with manager(kube, kubeconfig, tmp_path_factory.mktemp("manager") / "manager.log") as running:
        yield running


@pytest.fixture(scope="module")
def resting(kube: Kube, seldon: Manager) -> Iterator[World]:  # noqa: ARG001 (it must run)
    """Two predictors, 80 to 20, ready, routed and at rest: for tests that only look."""
    shared = World(kube, NAMESPACE, f"resting-{next(_numbers)}")
    shared.create(predictor("stable", traffic=80), predictor("candidate", traffic=20))
    shared.become_ready("stable", "candidate")
    shared.until_weights(stable=80, candidate=20)
    shared.until(shared.at_rest, "everything to be ready")
    yield shared
    kube.delete(shared.path)


@pytest.fixture
def world(kube: Kube, seldon: Manager) -> Iterator[World]:  # noqa: ARG001 (it must run)
    fresh = World(kube, NAMESPACE, f"sentiment-{next(_numbers)}")
    yield fresh
    kube.delete(fresh.path)


def _istio() -> list[Body]:
    return [item for item in istio.definitions() if item["metadata"]["name"] in ISTIO_KINDS]


def _install(client: Kube, definition: Body) -> bool:
    """Create a definition and wait until it is served; whether it was missing."""
    answer = client.create(CRDS, definition)
    assert answer.code in {201, 409}, answer.message
    spec = definition["spec"]
    end = time.monotonic() + 60
    for version in spec["versions"]:
        while client.get(f"/apis/{spec['group']}/{version['name']}/{spec['names']['plural']}").code != 200:
            assert time.monotonic() < end, f"{spec['names']['plural']} is not served"
            time.sleep(0.1)
    return answer.code == 201
