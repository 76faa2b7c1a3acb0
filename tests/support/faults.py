"""Faults to order on any cluster: an address that leads nowhere, a manager gone, an operator killed, a pod evicted."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import requests

from lab import drills
from lab.cluster import Cluster
from tests.support.kube import ApiError, Json, Kube, path
from tests.support.taking_back import Outage

PATIENCE_SECONDS = 90.0
LEASE = "sluice-operator"


def until(what: str, probe: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Poll until it is so; fail with a sentence when it takes too long."""
    end = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)


@dataclass
class Faults:
    """Breaks things, notes when they were broken, and mends them."""

    kube: Kube
    operator_namespace: str
    outages: list[Outage] = field(default_factory=list)

    @contextlib.contextmanager
    def away(self, namespace: str, deployment: str) -> Iterator[None]:
        """Scale a Deployment to nothing and bring it back; what it kept in its pods is lost."""
        about = self.kube.get("Deployment", namespace, deployment)
        self._scale(about, 0)
        until(f"{deployment} is gone", lambda: not self._pods_of(about))
        with self._noted(deployment):
            try:
                yield
            finally:
                self._scale(about, 1)
                until(f"{deployment} is back", lambda: self._available(about))

    @contextlib.contextmanager
    def frozen(self, namespace: str, pod: str) -> Iterator[None]:
        """Freeze a pod's containers: connections to it hang, and it forgets nothing. Only in a lab."""
        lab = Cluster.attach(os.environ["SLUICE_LAB"])
        containers = self._containers(namespace, pod)
        for container in containers:
            lab.ctr("task", "pause", container)
        with self._noted(pod):
            try:
                yield
            finally:
                for container in containers:
                    lab.ctr("task", "resume", container)

    def kill_operator(self) -> str:
        """Kill the leading replica's process without notice and return the pod's name."""
        pod = self.leader()
        lab = os.environ.get("SLUICE_LAB")
        if lab:
            drills.kill_container(Cluster.attach(lab), pod, namespace=self.operator_namespace)
        else:
            self.kube.delete("Pod", self.operator_namespace, pod, gracePeriodSeconds="0")
        return pod

    def leader(self) -> str:
        """Return the pod that holds the lease, once it is held by one that lives."""
        found: list[str] = []

        def held() -> bool:
            lease = self.kube.find("Lease", self.operator_namespace, LEASE)
            holder = ((lease or {}).get("spec") or {}).get("holderIdentity") or ""
            pod = self.kube.find("Pod", self.operator_namespace, holder.rpartition("_")[0]) if holder else None
            found[:] = [pod["metadata"]["name"]] if pod else []
            return bool(found)

        until("a replica of the operator leads", held)
        return found[0]

    def evict(self, namespace: str, pod: str) -> None:
        """Evict a pod through the API, as a drained node would."""
        where = f"{path('Pod', namespace, pod)}/eviction"
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": namespace}}
        self.kube.request("POST", where, body)

    @contextlib.contextmanager
    def _noted(self, what: str) -> Iterator[None]:
        start = time.time()
        try:
            yield
        finally:
            self.outages.append(Outage(what, start, time.time()))

    def pod_of(self, namespace: str, app: str) -> str:
        """Return the name of the pod labelled `app`."""
        found = self.kube.list("Pod", namespace, labelSelector=f"app={app}")
        return str(found[0]["metadata"]["name"])

    def _containers(self, namespace: str, pod: str) -> list[str]:
        status = self.kube.get("Pod", namespace, pod)["status"]
        return [each["containerID"].removeprefix("containerd://") for each in status["containerStatuses"]]

    def _scale(self, deployment: Json, replicas: int) -> None:
        about = deployment["metadata"]
        self.kube.patch("Deployment", about["namespace"], about["name"], {"spec": {"replicas": replicas}})

    def _pods_of(self, deployment: Json) -> list[Json]:
        labels = deployment["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        return self.kube.list("Pod", deployment["metadata"]["namespace"], labelSelector=selector)

    def _available(self, deployment: Json) -> bool:
        about = deployment["metadata"]
        found = self.kube.get("Deployment", about["namespace"], about["name"])
        return bool((found.get("status") or {}).get("availableReplicas"))


def mended(probe: Callable[[], bool]) -> Callable[[], bool]:
    """Return the probe that reads "not yet" while the API server has an internal error: a webhook that is down."""

    def tried() -> bool:
        try:
            return probe()
        except ApiError as error:
            if error.code < requests.codes.server_error:
                raise
            return False

    return tried
