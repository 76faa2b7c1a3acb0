"""SeldonDeployments, Deployments, pods and routes into values: total, whatever the objects hold."""

from collections.abc import Callable
from typing import Any

import pytest

from sluice.adapters import seldon_parse as parse
from sluice.core.target import PodTrouble, Predictor, Workload
from sluice.ports import Rejected
from tests.support.objects import HOSTILE
from tests.support.sdeps import predictor, sdep


@pytest.mark.parametrize(
    ("raw", "spec", "want"),
    [
        pytest.param({"replicas": 3}, {}, 3, id="its own replicas"),
        pytest.param({"replicas": None}, {"replicas": 2}, 2, id="else those of the whole"),
        pytest.param({"replicas": None}, {}, 1, id="else one"),
        pytest.param({"replicas": 0}, {}, 0, id="none at all"),
        pytest.param({"componentSpecs": [{"replicas": 4}], "replicas": 1}, {}, 4, id="a component's outrank them"),
    ],
)
def test_replicas(raw: dict[str, Any], spec: dict[str, Any], want: int) -> None:
    made = sdep(predictor("main", **raw))
    made["spec"] |= spec
    assert parse.predictors(made)[0].replicas == want


def test_predictors_keep_their_order_and_raw_form() -> None:
    raw = [predictor("a", traffic=100), predictor("b", shadow=True, traffic=10)]
    assert parse.predictors(sdep(*raw)) == (
        Predictor(name="a", traffic=100, replicas=1, shadow=False, raw=raw[0]),
        Predictor(name="b", traffic=10, replicas=1, shadow=True, raw=raw[1]),
    )


def _predictor_with(**fields: Any) -> Callable[[], object]:
    return lambda: parse.predictors(sdep(predictor("main") | fields))


@pytest.mark.parametrize(
    ("read", "want"),
    [
        pytest.param(lambda: parse.predictors({"spec": HOSTILE}), "spec is not an object", id="a spec that is text"),
        pytest.param(lambda: parse.predictors({"spec": {"predictors": {}}}), "spec.predictors is not", id="no list"),
        pytest.param(lambda: parse.predictors({"spec": {"predictors": [HOSTILE]}}), "[0] is not", id="a text in it"),
        pytest.param(_predictor_with(name=""), "name is empty", id="no name"),
        pytest.param(_predictor_with(name=7), "name is not a string", id="a number as name"),
        pytest.param(_predictor_with(traffic="100"), "traffic is not an integer", id="traffic as text"),
        pytest.param(_predictor_with(traffic=True), "traffic is not an integer", id="traffic as truth"),
        pytest.param(_predictor_with(traffic=1.5), "traffic is not an integer", id="traffic as a fraction"),
        pytest.param(_predictor_with(graph=[]), "graph is not an object", id="a graph that is a list"),
        pytest.param(
            _predictor_with(graph={"modelUri": {}}), "graph.modelUri is not a string", id="a URI that is none"
        ),
        pytest.param(_predictor_with(annotations=HOSTILE), "annotations is not", id="annotations that are text"),
        pytest.param(_predictor_with(componentSpecs=[HOSTILE]), "componentSpecs[0] is not", id="a component of text"),
        pytest.param(
            _predictor_with(componentSpecs=[{"spec": {"containers": [HOSTILE]}}]),
            "containers[0] is not",
            id="no container",
        ),
        pytest.param(
            lambda: parse.listed({"status": {"deploymentStatus": []}}), "deploymentStatus is not", id="status"
        ),
        pytest.param(lambda: parse.weights({"spec": {"http": HOSTILE}}), "http is not a list", id="a route of text"),
        pytest.param(
            lambda: parse.weights({"spec": {"http": [{"route": [{"destination": 1}]}]}}), "destination", id="no target"
        ),
        pytest.param(
            lambda: parse.weights(service({"a": "100", "b": 0})), "weight is not an integer", id="a weight of text"
        ),
        pytest.param(lambda: parse.troubles({"status": {"containerStatuses": [1]}}), "containerStatuses", id="a pod"),
    ],
)
def test_hostile_objects_are_refused_by_the_name_of_the_field(read: Callable[[], object], want: str) -> None:
    with pytest.raises(Rejected) as caught:
        read()
    assert want in str(caught.value)
    assert HOSTILE not in str(caught.value)


def service(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a VirtualService of these weights an entry; None omits the weight."""

    def route(name: str, weight: object) -> dict[str, Any]:
        found: dict[str, Any] = {"destination": {"host": "x", "subset": name}}
        return found if weight is None else {**found, "weight": weight}

    http = [{"route": [route(*item) for item in entry.items()]} for entry in entries]
    return {"spec": {"http": [*http, *more.get("others", [])]}}


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        pytest.param(service({"a": 80, "b": 20}, {"a": 80, "b": 20}), {"a": 80, "b": 20}, id="REST and gRPC agree"),
        pytest.param(service({"a": 100, "b": None}), {"a": 100, "b": 0}, id="a missing weight is 0"),
        pytest.param(service({"a": None}), {"a": 100}, id="a lone destination has everything"),
        pytest.param(service({"a": 100, "b": 0}, {"a": 90, "b": 10}), {"a": 100, "b": 10}, id="gRPC still leaks"),
        pytest.param(service(others=[{"redirect": {}}]), {}, id="entries that do not route are left out"),
        pytest.param({"spec": {}}, {}, id="no entries"),
    ],
)
def test_weights_of_a_route(raw: dict[str, Any], want: dict[str, int]) -> None:
    assert parse.weights(raw) == want


def deployment(name: str = "sentiment-main-0-classifier", **labels: str) -> dict[str, Any]:
    """Return a Deployment that is rolled out."""
    status = {"observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}
    metadata = {"name": name, "generation": 3, "labels": labels}
    return {"metadata": metadata, "spec": {"replicas": 2, "template": {}}, "status": status}


@pytest.mark.parametrize(
    ("labels", "want"),
    [
        pytest.param({"seldon-app": "sentiment-main", "version": "v2"}, "main", id="by the app label, not the version"),
        pytest.param({"seldon-app": "custom-name"}, "renamed", id="by a Service name of its own"),
        pytest.param({"seldon-app": "sentiment-gone"}, "gone", id="an orphan by its label"),
        pytest.param({"seldon-app": "seldon-0123abcd", "version": "c-1"}, "c-1", id="a hashed name by its version"),
        pytest.param({}, "", id="nobody's"),
    ],
)
def test_a_deployment_belongs_to_a_predictor(labels: dict[str, str], want: str) -> None:
    named = parse.predictors(
        sdep(predictor("main"), predictor("renamed", annotations={"seldon.io/svc-name": "custom-name"}))
    )
    names = {parse.predictor_key("sentiment", one): one.name for one in named}
    assert parse.workload(deployment(**labels), "sentiment", names, ()).predictor == want


def test_a_deployment_without_status_is_not_rolled() -> None:
    raw = deployment(version="main") | {"status": None}
    found = parse.workload(raw, "sentiment", {}, ())
    assert (found.rolled, found.ready_replicas) == (False, 0)


def test_a_deployment_has_the_troubles_of_its_own_pods() -> None:
    pods = [pod("sentiment-main-0-classifier-6d5f", ready=False, state={"waiting": {"reason": "ErrImagePull"}})]
    pods.append(pod("sentiment-other-0-classifier-6d5f", ready=False, state={"waiting": {"reason": "ErrImagePull"}}))
    found = parse.workload(deployment(version="main"), "sentiment", {}, pods)
    assert found == Workload(
        name="sentiment-main-0-classifier",
        predictor="main",
        generation=3,
        observed_generation=3,
        replicas=2,
        total_replicas=2,
        updated_replicas=2,
        ready_replicas=2,
        unavailable_replicas=0,
        template=found.template,
        troubles=(PodTrouble(pod="pod", reason="ErrImagePull", restarts=0),),
    )


def pod(replica_set: str = "rs", *, field: str = "containerStatuses", **container: Any) -> dict[str, Any]:
    """Return a pod with one container."""
    metadata = {"name": "pod", "ownerReferences": [{"kind": "ReplicaSet", "name": replica_set}]}
    return {"metadata": metadata, "status": {field: [container]}}


WAITING = {"waiting": {"reason": "CrashLoopBackOff"}}


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        pytest.param(pod(ready=True, restartCount=9), [], id="a ready container has none, whatever was"),
        pytest.param(pod(ready=False, state={"waiting": {"reason": "ContainerCreating"}}), [], id="starting is none"),
        pytest.param(pod(ready=False, state={"running": {}}), [], id="not ready yet is none"),
        pytest.param(pod(ready=False, state=WAITING, restartCount=3), [("CrashLoopBackOff", 3)], id="a crash loop"),
        pytest.param(
            pod(field="initContainerStatuses", ready=False, state=WAITING, restartCount=1),
            [("CrashLoopBackOff", 1)],
            id="a crash loop before the start",
        ),
        pytest.param(
            pod(ready=False, state={"waiting": {"reason": "CreateContainerConfigError"}}),
            [("CreateContainerConfigError", 0)],
            id="a missing configuration",
        ),
        pytest.param(
            pod(ready=False, state={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
            [("OOMKilled", 0)],
            id="killed",
        ),
        pytest.param(
            pod(ready=False, state={"terminated": {"exitCode": 1}}), [("Error", 0)], id="ended without a reason"
        ),
        pytest.param(pod(ready=False, state={"terminated": {"exitCode": 0}}), [], id="an init container that is done"),
        pytest.param(
            pod(ready=False, state={"running": {}}, restartCount=2), [("Restarted", 2)], id="back after a crash"
        ),
        pytest.param({"metadata": {"name": "pod"}}, [], id="no status at all"),
    ],
)
def test_troubles(raw: dict[str, Any], want: list[tuple[str, int]]) -> None:
    assert [(one.reason, one.restarts) for one in parse.troubles(raw)] == want


def test_subsets_are_those_of_rules_that_the_target_owns() -> None:
    def rule(owner: str, subset: str) -> dict[str, Any]:
        return {"metadata": {"ownerReferences": [{"uid": owner}]}, "spec": {"subsets": [{"name": subset}]}}

    assert parse.subsets([rule("mine", "a"), rule("other", "b"), rule("mine", "c")], "mine") == {"a", "c"}


def test_annotations_are_those_of_the_object_and_of_its_spec() -> None:
    made = sdep(predictor("main"), metadata={"name": "s", "namespace": "n", "uid": "u", "annotations": {"a": "1"}})
    made["spec"]["annotations"] = {"seldon.io/ambassador-config": "x"}
    assert parse.target_of(made, (), None).annotations == {"a": "1", "seldon.io/ambassador-config": "x"}
