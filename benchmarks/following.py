"""What Seldon's manager would do when a target's traffic changes: its route, and the Deployments that go."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from lab.seldon_standin.desired import Desired, desired
from lab.seldon_standin.settings import Settings
from tests.support.apiserver import ApiServer

_ROUTES = "/apis/networking.istio.io/v1alpha3/namespaces/{}/virtualservices/{}"
_DEPLOYMENTS = "/apis/apps/v1/namespaces/{}/deployments"
_THREADS = 4


@dataclass
class Following:
    """Follows targets that are told to it, each generation once, until `stop`."""

    server: ApiServer
    _seen: dict[str, int] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_THREADS))

    def changed(self, body: Mapping[str, Any]) -> None:
        """Take in a SeldonDeployment; what was never changed has all it needs."""
        about = body["metadata"]
        if about["generation"] > self._seen.setdefault(about["uid"], 1):
            self._seen[about["uid"]] = about["generation"]
            self._pool.submit(self._follow, body)

    def stop(self) -> None:
        """Follow no more."""
        self._pool.shutdown(cancel_futures=True)

    def _follow(self, body: Mapping[str, Any]) -> None:
        wanted = desired(dict(body), Settings())
        self._route(body["metadata"]["namespace"], wanted)
        self._deployments(body["metadata"], wanted)

    def _route(self, namespace: str, wanted: Desired) -> None:
        where = _ROUTES.format(namespace, wanted.virtual_service["metadata"]["name"])
        found = self.server.request("GET", where).body
        self.server.request("PUT", where, {**found, "spec": wanted.virtual_service["spec"]})

    def _deployments(self, about: Mapping[str, Any], wanted: Desired) -> None:
        where = _DEPLOYMENTS.format(about["namespace"])
        query = f"?labelSelector=seldon-deployment-id%3D{about['name']}"
        for one in self.server.request("GET", where + query).body["items"]:
            if one["metadata"]["name"] not in wanted.deployment_names:
                self.server.request("DELETE", f"{where}/{one['metadata']['name']}")
