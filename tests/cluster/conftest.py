"""Fixtures of the scenarios: a cluster by KUBECONFIG, a filled registry, Sluice installed, and a story a test.

`SLUICE_TEST_ADDONS=off` leaves the lab's add-ons alone; `SLUICE_TEST_GATEWAY`, `SLUICE_TEST_REGISTRY`,
`SLUICE_TEST_PROMETHEUS` and `SLUICE_TEST_FOLDER` say where things are if not where the lab has them; `SLUICE_LAB` names
the lab for drills.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import addons, sluice
from lab.addons import istio
from lab.addons import registry as mlflow
from lab.system import locked
from tests.cluster.scenario import Story
from tests.support import shop
from tests.support.ambient import Ambient
from tests.support.clients import Clients
from tests.support.faults import Faults, until
from tests.support.invariants import violations
from tests.support.kube import Kube
from tests.support.recorder import Recorder
from tests.support.registry import Registry

Tell = Callable[..., Story]
"""Begins a story: its name, and what the versions 1, 2, … of its own model are (champion, good, erring, …)."""

FOLDER = Path(os.environ.get("SLUICE_TEST_FOLDER", "/tmp/sluice-tests"))  # noqa: S108 -- the caller chooses another


@pytest.fixture(scope="session")
def kube() -> Iterator[Kube]:
    """Return a client of the cluster."""
    client = Kube()
    yield client
    client.close()


@pytest.fixture(scope="session")
def installed(kube: Kube) -> None:
    """See to it that add-ons and Sluice are there."""
    with locked(FOLDER / "install.lock"):
        if os.environ.get("SLUICE_TEST_ADDONS") != "off":
            addons.install(Ambient(), print)
        if kube.find("Deployment", sluice.NAMESPACE, sluice.RELEASE) is None:
            sluice.install(Ambient())


@pytest.fixture(scope="session")
def registry(installed: None) -> Registry:  # noqa: ARG001 -- the server must be there
    """Return the registry, filled with the sentiment example once for all test processes."""
    with locked(FOLDER / "registry.lock"):
        return Registry.filled(os.environ.get("SLUICE_TEST_REGISTRY", mlflow.URL), FOLDER / "data")


@pytest.fixture
def tell(kube: Kube, registry: Registry, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Tell]:
    """Return how to begin stories; when the test ends, each one's record is checked, and kept if the test failed."""
    stories: list[Story] = []
    gateway = os.environ.get("SLUICE_TEST_GATEWAY", istio.URL)

    def begin(name: str, *behaviours: str) -> Story:
        _make_namespace(kube, name)
        model = name if behaviours else "review-sentiment"
        if behaviours:
            registry.register_toys(model, behaviours)
        story = Story(
            kube=kube,
            registry=registry,
            faults=Faults(kube, sluice.NAMESPACE),
            recorder=Recorder(kube, name, sluice.NAMESPACE).start(),
            clients=Clients(gateway, registry.traffic, tmp_path / f"{name}.jsonl"),
            folder=FOLDER,
            namespace=name,
            target="shop" if behaviours else "review-sentiment",
            model=model,
            versions={behaviour: str(number) for number, behaviour in enumerate(behaviours, start=1)},
        )
        stories.append(story)
        return story

    yield begin
    found = [line for story in stories for line in _ended(story, request)]
    assert not found, "\n".join(found)


def _make_namespace(kube: Kube, name: str) -> None:
    """Make a namespace of this name; what an earlier run left there goes first."""
    if kube.find("Namespace", "", name):
        kube.delete("Namespace", "", name)
        until(f"namespace {name} of an earlier run is gone", lambda: kube.find("Namespace", "", name) is None, 180)
    kube.create(shop.namespace_object(name))
    until("its service account is there", lambda: kube.find("ServiceAccount", name, "default") is not None)


def _ended(story: Story, request: pytest.FixtureRequest) -> list[str]:
    """Stop everything of a story; return what its record violates."""
    story.clients.stop()
    found = violations(story.history, story.faults.outages)
    if found or request.session.testsfailed:
        story.dump()
    story.recorder.stop()
    story.kube.delete("Namespace", "", story.namespace)
    return found
