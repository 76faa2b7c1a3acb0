"""A metrics provider that hangs holds those who chose it, and nobody else."""

from collections.abc import Iterator

import pytest

from lab import sluice
from lab.addons import objects
from sluice.core.turn import moment
from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, Story, When
from tests.support.ambient import Ambient
from tests.support.faults import until
from tests.support.kube import Json, Kube
from tests.support.shop import TOYS

NAME, PORT = "hanging", 9090
TIMEOUT_SECONDS = 30
"""As long as an administrator may allow: whoever had to wait for it would have no tick for so long."""
HEARTBEAT_SECONDS = 20
"""Shorter than that: a worker that waited for the provider would be taken for dead."""
_PROGRAM = f"import socket, signal; held = socket.create_server(('', {PORT}), backlog=4096); signal.pause()"
"""The kernel accepts, nobody answers."""


@pytest.fixture
def hanging(kube: Kube, installed: None) -> Iterator[str]:  # noqa: ARG001 -- it changes the release
    """Yield the name of a provider that the operator knows and that hangs."""
    for made in (objects.namespace(NAME), _server(), objects.service(NAME, NAME, {PORT: PORT})):
        kube.apply(made)
    until("the hanging provider accepts", lambda: bool(_available(kube)))
    provider = f"metricsProviders.{NAME}"
    settings = [
        f"{provider}.url=http://{NAME}.{NAME}:{PORT}",
        f"{provider}.timeoutSeconds={TIMEOUT_SECONDS}",
        f"operator.heartbeatSeconds={HEARTBEAT_SECONDS}",
    ]
    sluice.install(Ambient(), settings=settings)
    yield NAME
    sluice.install(Ambient())
    kube.delete("Namespace", "", NAME)


def _server() -> Json:
    server = objects.container(NAME, f"{TOYS}:good", command=["python3", "-c", _PROGRAM])
    return objects.deployment(NAME, NAME, {"containers": [server], "terminationGracePeriodSeconds": 0})


def _available(kube: Kube) -> int:
    return int((kube.get("Deployment", NAME, NAME).get("status") or {}).get("availableReplicas", 0))


def restarts(kube: Kube) -> dict[str, int]:
    """Return how often each replica's container was started again."""
    found = kube.list("Pod", sluice.NAMESPACE, labelSelector="app.kubernetes.io/name=sluice")
    return {pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in found}


def seconds_of_steps(story: Story) -> list[float]:
    """Return for each step how long it was judged until it passed."""
    judged = [version for version in story.life() if version.judged_step is not None]
    applied = {version.judged_step: moment(version.traffic["appliedAt"]) for version in judged}
    entries = story.now()["status"]["history"]
    passed = [moment(entry["time"]) for entry in entries if entry["reason"] == "StepPassed"]
    return [(end - applied[step]).total_seconds() for step, end in enumerate(passed)]


def test_a_provider_that_hangs_holds_only_its_own_candidates(tell: Tell, kube: Kube, hanging: str) -> None:
    blind, seeing = tell("hanging-blind", "champion", "good"), tell("hanging-seeing", "champion", "good")
    Given(blind).target().plan(metricsProvider=hanging).load(rate=10)
    Given(seeing).target().plan().load()
    leader, before = blind.faults.leader(), restarts(kube)
    When(blind).applies("good", "good").waits_for_applied(step=0)
    When(seeing).applies("good", "good")

    Then(blind).is_held("NoData", weight=25)
    assert "does not answer in time" in blind.told(), blind.told()
    Then(seeing).phase_becomes("Promoted").stable_serves("good").no_client_request_failed().invariants_hold()
    steps = seconds_of_steps(seeing)
    assert len(steps) == 2
    assert sum(steps) < TIMEOUT_SECONDS, f"judged for {steps} s\n{seeing.told()}"

    Then(blind).is_held("NoData", weight=25)
    When(blind).aborts()
    Then(blind).phase_becomes("Aborted", within=TIMEOUT_SECONDS).stable_serves("champion").nothing_is_left_of()
    Then(blind).no_client_request_failed().invariants_hold()
    assert (blind.faults.leader(), restarts(kube)) == (leader, before)
