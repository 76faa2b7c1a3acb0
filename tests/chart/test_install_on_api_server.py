"""The chart's whole life on a real API server: install, upgrade, uninstall; admission of its pods; who may do what."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.chart.values import NAMED
from tests.support.apiserver import ApiServer
from tests.support.helm import CHART, NAMESPACE, Refused, helm, render
from tests.support.objects import candidate

OWN = "/apis/sluice.dev/v1alpha1/namespaces/default/modelcandidates"
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/modelcandidates.sluice.dev"
OPERATOR = f"system:serviceaccount:{NAMESPACE}:sluice"


@pytest.fixture(scope="module")
def server(api_server: ApiServer) -> ApiServer:
    """Return the API server with namespaces, the operator's one enforcing the standard `restricted`."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    for name in (NAMESPACE, "models", "search"):
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        api_server.create("/api/v1/namespaces", namespace)
    return api_server


def release(server: ApiServer, *arguments: str, values: dict[str, Any] | None = None) -> str:
    return helm(*arguments, "--namespace", NAMESPACE, "--kubeconfig", str(server.kubeconfig), values=values)


@pytest.fixture
def installed(server: ApiServer) -> Iterator[ApiServer]:
    release(server, "upgrade", "--install", "sluice", str(CHART), values={})
    yield server
    release(server, "uninstall", "sluice", "--ignore-not-found")


def test_candidates_survive_the_uninstallation_and_the_next_installation(installed: ApiServer) -> None:
    installed.create(OWN, candidate("survivor"))
    release(installed, "uninstall", "sluice")
    assert installed.request("GET", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/sluice").code == 404
    assert installed.request("GET", f"{OWN}/survivor").ok
    release(installed, "install", "sluice", str(CHART), values={})
    assert installed.request("GET", f"{OWN}/survivor").ok


def test_an_upgrade_changes_what_changed_and_keeps_the_crds(installed: ApiServer) -> None:
    before = installed.request("GET", CRD).body["metadata"]["uid"]
    release(installed, "upgrade", "sluice", str(CHART), values={"replicas": 3, "operator": {"logLevel": "debug"}})
    deployment = installed.request("GET", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/sluice").body
    assert deployment["spec"]["replicas"] == 3
    assert "--log-level=debug" in deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    assert installed.request("GET", CRD).body["metadata"]["uid"] == before


def test_a_wrong_upgrade_is_refused_and_changes_nothing(installed: ApiServer) -> None:
    with pytest.raises(Refused, match="not allowed"):
        release(installed, "upgrade", "sluice", str(CHART), values={"replicaCount": 3})
    deployment = installed.request("GET", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/sluice").body
    assert deployment["spec"]["replicas"] == 2


@pytest.mark.parametrize("values", [pytest.param(NAMED[name], id=name) for name in ("defaults", "tuned", "placed")])
def test_the_pods_are_admitted_where_restricted_is_enforced(server: ApiServer, values: dict[str, Any]) -> None:
    for name, spec in render(values).pods():
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
        path = f"/api/v1/namespaces/{NAMESPACE}/pods"
        answer = server.request("POST", path, pod, dryRun="All", fieldValidation="Strict")
        assert answer.ok, answer.message


@pytest.mark.parametrize("values", [pytest.param(values, id=name) for name, values in NAMED.items()])
def test_every_object_is_accepted_as_it_is_written(server: ApiServer, values: dict[str, Any]) -> None:
    for made in render(values).objects:
        if made["kind"] in {"PodMonitor", "CustomResourceDefinition"}:  # not of this server; installed above
            continue
        answer = server.request("POST", collection(made), made, dryRun="All", fieldValidation="Strict")
        assert answer.ok or answer.code == 409, f"{made['kind']}: {answer.message}"


PLURALS = {"NetworkPolicy": "networkpolicies"}


def collection(made: dict[str, Any]) -> str:
    root = "/apis/" if "/" in made["apiVersion"] else "/api/"
    namespace = made["metadata"].get("namespace")
    place = f"/namespaces/{namespace}" if namespace else ""
    return f"{root}{made['apiVersion']}{place}/{PLURALS.get(made['kind'], made['kind'].lower() + 's')}"


def may(server: ApiServer, user: str, what: str, *, groups: tuple[str, ...] = ()) -> bool:
    """Return whether a user may do e.g. "update sluice.dev/modelcandidates/status in models"."""
    verb, _, rest = what.partition(" ")
    target, _, namespace = rest.partition(" in ")
    group, resource, subresource, *_ = [*target.split("/"), ""]
    attributes = {"verb": verb, "group": group.removeprefix("core"), "resource": resource, "namespace": namespace}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "groups": list(groups), "resourceAttributes": attributes | {"subresource": subresource}},
    }
    answer = server.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return bool(answer.body["status"]["allowed"])


@pytest.mark.parametrize(
    ("what", "allowed"),
    [
        ("patch sluice.dev/modelcandidates in models", True),
        ("update sluice.dev/modelcandidates/status in models", True),
        ("patch machinelearning.seldon.io/seldondeployments in models", True),
        ("create batch/jobs in models", True),
        ("get core/secrets in models", False),
        ("list core/secrets in models", False),
        ("create core/pods in models", False),
        ("create core/pods/exec in models", False),
        ("delete sluice.dev/modelcandidates in models", False),
        ("update sluice.dev/rolloutplans in models", False),
        ("delete machinelearning.seldon.io/seldondeployments in models", False),
        ("create rbac.authorization.k8s.io/rolebindings in models", False),
        ("update coordination.k8s.io/leases in models", False),
        (f"create coordination.k8s.io/leases in {NAMESPACE}", True),
    ],
)
def test_the_operator_may_do_its_work_and_no_more(installed: ApiServer, what: str, allowed: bool) -> None:  # noqa: FBT001
    assert may(installed, OPERATOR, what) is allowed


def test_a_namespaced_operator_reaches_its_namespaces_only(server: ApiServer) -> None:
    release(server, "upgrade", "--install", "sluice", str(CHART), values=NAMED["namespaced"])
    try:
        assert may(server, OPERATOR, "patch sluice.dev/modelcandidates in models")
        assert not may(server, OPERATOR, "patch sluice.dev/modelcandidates in default")
    finally:
        release(server, "uninstall", "sluice")
