"""The chart on a real node, where `restricted` is enforced: tested, upgraded in flight, removed, back again."""

from lab import sluice
from lab.addons.objects import JsonObject
from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, When
from tests.support.ambient import Ambient
from tests.support.faults import until
from tests.support.kube import Kube

CRDS = ("modelcandidates.sluice.dev", "rolloutplans.sluice.dev")


def pods(kube: Kube) -> list[JsonObject]:
    return kube.list("Pod", sluice.NAMESPACE, labelSelector="app.kubernetes.io/name=sluice")


def test_helm_test_passes_where_restricted_is_enforced(kube: Kube, installed: None) -> None:  # noqa: ARG001
    labels = kube.get("Namespace", "", sluice.NAMESPACE)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    told = Ambient().helm("test", sluice.RELEASE, f"--namespace={sluice.NAMESPACE}", "--timeout=120s")
    assert "Succeeded" in told


def test_a_rollout_outlives_an_upgrade_and_candidates_outlive_the_release(kube: Kube, tell: Tell) -> None:
    story = tell("chart", "champion", "good")
    Given(story).target().plan().load()
    when, then = When(story), Then(story)
    when.applies("good", "good").waits_for_applied(step=0)

    before = {pod["metadata"]["uid"] for pod in pods(kube)}
    sluice.install(Ambient(), settings=["operator.logLevel=debug"])
    assert before.isdisjoint(pod["metadata"]["uid"] for pod in pods(kube) if not _going(pod))

    Ambient().helm("uninstall", sluice.RELEASE, f"--namespace={sluice.NAMESPACE}", "--wait")
    until("the operator is gone", lambda: not pods(kube))
    for name in CRDS:
        assert kube.find("CustomResourceDefinition", "", name), f"{name} is gone"
    assert story.now()["status"]["phase"] == "Shifting"

    sluice.install(Ambient())
    then.phase_becomes("Promoted", within=300).stable_serves("good")
    then.no_client_request_failed().invariants_hold()


def _going(pod: JsonObject) -> bool:
    return "deletionTimestamp" in pod["metadata"]
