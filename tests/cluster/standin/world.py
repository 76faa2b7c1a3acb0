"""One SeldonDeployment on a real API server, its pods' readiness played by the test."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from tests.cluster.standin.kube import APPS, CORE, ISTIO, SDEPS, Answer, Body, Kube
from tests.support.sdeps import sdep

T = TypeVar("T")

GIVE_UP = 30.0
# Long enough for a pass that should not happen to have happened: the controller's passes take some 0.05 s.
SETTLED = 0.6


class World:
    """What a test can do and see; `name` is the SeldonDeployment's."""

    def __init__(self, kube: Kube, namespace: str, name: str) -> None:
        self.kube = kube
        self.namespace = namespace
        self.name = name

    @property
    def path(self) -> str:
        return f"{SDEPS}/namespaces/{self.namespace}/seldondeployments/{self.name}"

    def written(self, *predictors: Body, **metadata: Any) -> Body:
        """The object, in this world's namespace and under its name."""
        about = {"name": self.name, "namespace": self.namespace, **metadata}
        return sdep(*predictors, metadata=about)

    def create(self, *predictors: Body, **metadata: Any) -> Body:
        return self.kube.create(self.path.rpartition("/")[0], self.written(*predictors, **metadata)).checked()

    def patch(self, *operations: Body) -> Answer:
        return self.kube.patch(self.path, *operations)

    def set_traffic(self, *traffic: int) -> Body:
        """Write all predictors' traffic in one patch."""
        return self.patch(*(traffic_of(index, value) for index, value in enumerate(traffic))).checked()

    def remove_last(self, *, stable_takes_all: bool = True) -> Answer:
        last = len(self.read()["spec"]["predictors"]) - 1
        removal = {"op": "remove", "path": f"/spec/predictors/{last}"}
        return self.patch(removal, *([traffic_of(0, 100)] if stable_takes_all else []))

    def append(self, wanted: Body) -> Body:
        """Append a predictor without traffic, the first one taking all."""
        return self.patch({"op": "add", "path": "/spec/predictors/-", "value": wanted}, traffic_of(0, 100)).checked()

    def set_image(self, predictor: int, image: str, *more: Body) -> Body:
        path = f"/spec/predictors/{predictor}/componentSpecs/0/spec/containers/0/image"
        return self.patch({"op": "replace", "path": path, "value": image}, *more).checked()

    def listed(self, predictor: str) -> bool:
        """Whether the status names the predictor's Deployment."""
        return f"{self.name}-{predictor}-0-classifier" in self.status().get("deploymentStatus", {})

    def read(self) -> Body:
        return self.kube.get(self.path).checked()

    def status(self) -> Body:
        found: Body = self.read().get("status", {})
        return found

    def at_rest(self) -> bool:
        """Whether the state is Available and all conditions are true."""
        status = self.status()
        return status.get("state") == "Available" and all(item["status"] == "True" for item in status["conditions"])

    def route(self) -> Body | None:
        """The VirtualService, if there is one."""
        answer = self.kube.get(f"{ISTIO}/namespaces/{self.namespace}/virtualservices/{self.name}")
        return None if answer.code == 404 else answer.checked()

    def weights(self) -> dict[str, int] | None:
        """Predictor → weight in the route, an omitted one as -1."""
        route = self.route()
        return None if route is None else _weights(route)

    def set_route(self, *weights: int) -> Body:
        """Edit the VirtualService by hand."""
        routes = f"{ISTIO}/namespaces/{self.namespace}/virtualservices/{self.name}"
        operations = [
            {"op": "add", "path": f"/spec/http/0/route/{index}/weight", "value": weight}
            for index, weight in enumerate(weights)
        ]
        return self.kube.patch(routes, *operations).checked()

    def rule(self, predictor: str) -> Body | None:
        answer = self.kube.get(f"{ISTIO}/namespaces/{self.namespace}/destinationrules/{self.name}-{predictor}")
        return None if answer.code == 404 else answer.checked()

    def versions_of_weights(self, since: str) -> list[dict[str, int]]:
        """The weights in every version of the route written since."""
        routes = self.kube.history(f"{ISTIO}/namespaces/{self.namespace}/virtualservices", since)
        return [_weights(route) for route in routes if route["metadata"]["name"] == self.name]

    def services(self) -> dict[str, Body]:
        found = self.kube.items(f"{CORE}/namespaces/{self.namespace}/services", labelSelector=self._selector())
        return {item["metadata"]["name"]: item for item in found}

    def deployments(self) -> dict[str, Body]:
        """Predictor → its Deployment."""
        found = self.kube.items(f"{APPS}/namespaces/{self.namespace}/deployments", labelSelector=self._selector())
        return {item["metadata"]["labels"]["version"]: item for item in found}

    def deployment(self, predictor: str) -> Body:
        return self.until(lambda: self.deployments().get(predictor), f"a Deployment of {predictor}")

    def pods(self, predictor: str) -> list[Body]:
        return self.kube.items(
            f"{CORE}/namespaces/{self.namespace}/pods", labelSelector=f"{self._selector()},version={predictor}"
        )

    def become_ready(self, *predictors: str) -> None:
        """Let all pods of these predictors be ready, new ones too, until their Deployments say so."""
        for predictor in predictors:
            self.until(partial(self._rolled, predictor), f"{predictor} to be rolled and ready")

    def become_unready(self, predictor: str) -> None:
        for pod in self.pods(predictor):
            self._mark(pod, ready="False")
        self.until(lambda: _counts(self.deployment(predictor))["unavailable"] > 0, f"{predictor} to be unready")

    def until(self, found: Callable[[], T | None], what: str) -> T:
        """The first true value."""
        end = time.monotonic() + GIVE_UP
        while not (value := found()):
            assert time.monotonic() < end, f"waited {GIVE_UP} s for {what}; weights {self.weights()}, {self.status()}"
            time.sleep(0.02)
        return value

    def until_weights(self, **weights: int) -> None:
        self.until(lambda: self.weights() == weights, f"weights {weights}")

    def stays(self, holds: Callable[[], bool]) -> bool:
        """Whether something holds now and for as long as passes could take to change it."""
        end = time.monotonic() + SETTLED
        while time.monotonic() < end:
            if not holds():
                return False
            time.sleep(0.05)
        return True

    def _selector(self) -> str:
        return f"seldon-deployment-id={self.name}"

    def _rolled(self, predictor: str) -> bool:
        for pod in self.pods(predictor):
            if not _is_ready(pod):
                self._mark(pod, ready="True")
        deployment = self.deployments().get(predictor)
        if deployment is None:
            return False
        counts, wanted = _counts(deployment), deployment["spec"]["replicas"]
        observed = deployment.get("status", {}).get("observedGeneration") == deployment["metadata"]["generation"]
        return observed and counts == {"updated": wanted, "replicas": wanted, "ready": wanted, "unavailable": 0}

    def _mark(self, pod: Body, *, ready: str) -> None:
        if "deletionTimestamp" in pod["metadata"]:
            return
        conditions = [{"type": kind, "status": ready} for kind in ("Ready", "ContainersReady")]
        path = f"{CORE}/namespaces/{self.namespace}/pods/{pod['metadata']['name']}/status"
        answer = self.kube.send(
            "PATCH",
            path,
            {"status": {"phase": "Running", "conditions": conditions}},
            kind="application/strategic-merge-patch+json",
        )
        assert answer.code in {200, 404}, answer.message


def _weights(route: Body) -> dict[str, int]:
    return {item["destination"]["subset"]: item.get("weight", -1) for item in route["spec"]["http"][0]["route"]}


def traffic_of(index: int, value: int) -> Body:
    return {"op": "add", "path": f"/spec/predictors/{index}/traffic", "value": value}


def _counts(deployment: Body) -> dict[str, int]:
    fields = {
        "updated": "updatedReplicas",
        "replicas": "replicas",
        "ready": "readyReplicas",
        "unavailable": "unavailableReplicas",
    }
    return {name: deployment.get("status", {}).get(field, 0) for name, field in fields.items()}


def _is_ready(pod: Body) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)
