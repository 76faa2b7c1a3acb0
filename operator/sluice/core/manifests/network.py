"""The network of an evaluation Job: nothing comes in; names, its registry, its stores and its Ray cluster are reached.

Source: Kubernetes NetworkPolicy (`networking.k8s.io/v1`). Policies add up: another one that selects the pod opens more.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sluice.core.manifests.job import job_metadata, ray_cluster, stores_of
from sluice.core.observed import LivePlan, Observed

_DNS = {"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
_PORTS: Mapping[str, int] = {"http": 80, "https": 443, "ray": 10_001}
_SERVICE = re.compile(r"\.([a-z0-9-]+)\.svc(\.cluster\.local)?\.?$")
"""The end of `SERVICE.NAMESPACE.svc`."""


def evaluation_network(observed: Observed, plan: LivePlan) -> dict[str, Any]:
    """Return the NetworkPolicy around the pods of the Job that status names, owned by the candidate."""
    metadata = job_metadata(observed)
    rules = [_DNS]
    for url in _destinations(observed, plan):
        rule = _rule(url, observed.settings.pod_ports)
        if rule not in rules:
            rules.append(rule)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": {
            "podSelector": {"matchLabels": {"batch.kubernetes.io/job-name": metadata["name"]}},
            "policyTypes": ["Ingress", "Egress"],
            "egress": rules,
        },
    }


def _destinations(observed: Observed, plan: LivePlan) -> Iterator[str]:
    """Yield the URLs that the Job calls."""
    model = observed.candidate.status.model
    if model is None:
        raise ValueError("evaluating without a pinned model")
    yield observed.settings.registry_uris[model.registry]
    yield from (store.endpoint for store in stores_of(observed.settings, plan))
    cluster = ray_cluster(observed.settings, plan)
    if cluster is not None:
        yield cluster.address


def _rule(url: str, pod_ports: tuple[int, ...]) -> dict[str, Any]:
    """Return the egress that a URL needs. A policy knows no names: a host outside of the cluster is any on its port."""
    parts = urlsplit(url)
    ports = dict.fromkeys((parts.port or _PORTS[parts.scheme], *pod_ports))
    rule: dict[str, Any] = {"ports": [{"protocol": "TCP", "port": port} for port in ports]}
    peer = _peer(parts.hostname or "")
    return rule if peer is None else {"to": [peer], **rule}


def _peer(host: str) -> dict[str, Any] | None:
    """Return the only peer behind a host; None: the host alone does not tell."""
    try:
        address = ip_address(host)
    except ValueError:
        service = _SERVICE.search(host)
        if service is None:
            return None
        return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": service[1]}}}
    return {"ipBlock": {"cidr": f"{address}/{address.max_prefixlen}"}}
