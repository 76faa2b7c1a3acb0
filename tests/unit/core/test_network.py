"""The policy around an evaluation Job: what its URLs open, and nothing else."""

from typing import Any

import pytest

from sluice.core.manifests.job import evaluation_job
from sluice.core.manifests.network import evaluation_network
from sluice.core.naming import CANDIDATE_LABEL
from tests.support.networks import EVERY_SHAPE, called
from tests.support.observations import UID

DNS = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
REGISTRY = "http://mlflow.example:5000"


def opened(*urls: str, pod_ports: tuple[int, ...] = ()) -> list[str]:
    """Return what is open besides DNS, as "peer: ports"."""
    first, *others = evaluation_network(*called(*urls, pod_ports=pod_ports))["spec"]["egress"]
    assert first == DNS
    return [f"{_peer(rule)}: {' '.join(str(port['port']) for port in rule['ports'])}" for rule in others]


def _peer(rule: dict[str, Any]) -> str:
    if "to" not in rule:
        return "any"
    (peer,) = rule["to"]
    labels = peer.get("namespaceSelector", {}).get("matchLabels", {})
    return str(labels.get("kubernetes.io/metadata.name") or peer["ipBlock"]["cidr"])


@pytest.mark.parametrize(
    ("url", "want"),
    [
        pytest.param("http://mlflow.example:5000", "any: 5000", id="a host: any on its port"),
        pytest.param("https://mlflow.example/path", "any: 443", id="https"),
        pytest.param("http://mlflow.example", "any: 80", id="http"),
        pytest.param("http://MLFLOW.ml.svc:5000", "ml: 5000", id="a Service: its namespace"),
        pytest.param("http://mlflow.ml.svc.cluster.local.:5000", "ml: 5000", id="a Service's whole name"),
        pytest.param("http://pod-0.mlflow.ml.svc", "ml: 80", id="a pod of a headless Service"),
        pytest.param("http://mlflow.ml.svc.example:5000", "any: 5000", id="a host that looks like a Service"),
        pytest.param("http://ml.svc:5000", "any: 5000", id="a Service without its namespace"),
        pytest.param("http://10.1.2.3:9000", "10.1.2.3/32: 9000", id="an address"),
        pytest.param("http://[FD00::9]:9000", "fd00::9/128: 9000", id="an address of IPv6"),
        pytest.param("http://name:word@mlflow.example:5000", "any: 5000", id="a name and a password"),
    ],
)
def test_what_a_url_opens(url: str, want: str) -> None:
    assert opened(url) == [want]


def test_the_registry_of_the_model_and_the_stores_of_the_plan_are_open_once_each() -> None:
    assert opened(REGISTRY, "http://s3.data.svc:9000", "https://s3.example", "https://other.example") == [
        "any: 5000",
        "data: 9000",
        "any: 443",
    ]


def test_a_ray_cluster_is_open_to_the_plan_that_names_it() -> None:
    rules = evaluation_network(*called(REGISTRY, engine={"ray": {"cluster": "shared"}}))["spec"]["egress"]
    assert [_peer(rule) for rule in rules] == ["any", "any", "compute"]
    assert opened(REGISTRY) == ["any: 5000"]


def test_ports_of_pods_are_open_where_their_urls_are() -> None:
    assert opened("http://mlflow.ml.svc", pod_ports=(5000, 80)) == ["ml: 80 5000"]


def test_nothing_comes_in() -> None:
    made = evaluation_network(*called(*EVERY_SHAPE))["spec"]
    assert (made["policyTypes"], "ingress" in made) == (["Ingress", "Egress"], False)


def test_it_is_the_candidates_and_around_the_jobs_pods_alone() -> None:
    seen, plan = called(REGISTRY)
    made, job = evaluation_network(seen, plan), evaluation_job(seen, plan)
    assert made["metadata"] == job["metadata"]
    assert made["metadata"]["ownerReferences"][0]["uid"] == made["metadata"]["labels"][CANDIDATE_LABEL] == UID
    assert made["spec"]["podSelector"] == {"matchLabels": {"batch.kubernetes.io/job-name": "job-1"}}
