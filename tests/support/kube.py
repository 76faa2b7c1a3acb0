"""A plain client of any API server by KUBECONFIG: tests see what a client sees, not what our adapters make of it."""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import requests
from kubernetes import config
from kubernetes.client import Configuration

Json = dict[str, Any]

KINDS: Mapping[str, tuple[str, str]] = {
    "ModelCandidate": ("sluice.dev/v1alpha1", "modelcandidates"),
    "RolloutPlan": ("sluice.dev/v1alpha1", "rolloutplans"),
    "SeldonDeployment": ("machinelearning.seldon.io/v1", "seldondeployments"),
    "VirtualService": ("networking.istio.io/v1beta1", "virtualservices"),
    "Deployment": ("apps/v1", "deployments"),
    "ReplicaSet": ("apps/v1", "replicasets"),
    "ControllerRevision": ("apps/v1", "controllerrevisions"),
    "Job": ("batch/v1", "jobs"),
    "Lease": ("coordination.k8s.io/v1", "leases"),
    "Event": ("v1", "events"),
    "Pod": ("v1", "pods"),
    "PersistentVolume": ("v1", "persistentvolumes"),
    "PersistentVolumeClaim": ("v1", "persistentvolumeclaims"),
    "Secret": ("v1", "secrets"),
    "Service": ("v1", "services"),
    "ConfigMap": ("v1", "configmaps"),
    "ServiceAccount": ("v1", "serviceaccounts"),
    "Namespace": ("v1", "namespaces"),
    "Node": ("v1", "nodes"),
    "CustomResourceDefinition": ("apiextensions.k8s.io/v1", "customresourcedefinitions"),
    "Gateway": ("networking.istio.io/v1beta1", "gateways"),
}
"""Kinds that scenarios touch: their API version and plural."""

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
MANAGER = "tests"
WATCH_SECONDS = 60


class ApiError(Exception):
    """The server refused."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Gone(Exception):  # noqa: N818 -- the protocol's own word
    """A watch fell too far behind: list again."""


def path(kind: str, namespace: str = "", name: str = "") -> str:
    """Return the path of a collection, or of one object in it."""
    version, plural = KINDS[kind]
    root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    inside = f"/namespaces/{namespace}" if namespace else ""
    return f"{root}{inside}/{plural}" + (f"/{name}" if name else "")


class Kube:
    """An API server, spoken to as the kubeconfig's user. One session a thread."""

    def __init__(self, kubeconfig: Path | None = None) -> None:
        chosen = Configuration()
        config.load_kube_config(
            str(kubeconfig or os.environ["KUBECONFIG"]), client_configuration=chosen, persist_config=False
        )
        self.url = str(chosen.host)
        self._verify: bool | str = chosen.ssl_ca_cert or bool(chosen.verify_ssl)
        self._certificate = (chosen.cert_file, chosen.key_file) if chosen.cert_file else None
        token = (chosen.api_key or {}).get("BearerToken")
        self._headers = {"Authorization": token} if token else {}
        self._own = threading.local()
        self._sessions: list[requests.Session] = []

    def close(self) -> None:
        """Close all connections."""
        for session in self._sessions:
            session.close()

    def get(self, kind: str, namespace: str, name: str) -> Json:
        """Return one object. Raises ApiError."""
        return self.request("GET", path(kind, namespace, name))

    def find(self, kind: str, namespace: str, name: str) -> Json | None:
        """Return one object, or None if there is none."""
        try:
            return self.get(kind, namespace, name)
        except ApiError as error:
            if error.code == requests.codes.not_found:
                return None
            raise

    def list(self, kind: str, namespace: str = "", **query: str) -> list[Json]:
        """Return the objects of a namespace, or of all."""
        found: list[Json] = self.request("GET", path(kind, namespace), **query)["items"]
        return found

    def create(self, manifest: Mapping[str, Any]) -> Json:
        """Create an object; unknown fields are refused."""
        return self.request("POST", _collection(manifest), manifest, fieldValidation="Strict")

    def apply(self, manifest: Mapping[str, Any], *, force: bool = True) -> Json:
        """Apply an object by the server, as a GitOps tool does."""
        where = f"{_collection(manifest)}/{manifest['metadata']['name']}"
        query = {"fieldManager": MANAGER, "force": str(force).lower()}
        return self.request("PATCH", where, manifest, content=APPLY_PATCH, **query)

    def patch(self, kind: str, namespace: str, name: str, body: object, *, subresource: str = "") -> Json:
        """Patch an object: a list is a JSON patch, anything else a merge patch."""
        content = JSON_PATCH if isinstance(body, list) else MERGE_PATCH
        where = path(kind, namespace, name) + (f"/{subresource}" if subresource else "")
        return self.request("PATCH", where, body, content=content)

    def delete(self, kind: str, namespace: str, name: str, **query: str) -> None:
        """Delete an object; none is fine."""
        try:
            self.request("DELETE", path(kind, namespace, name), **query)
        except ApiError as error:
            if error.code != requests.codes.not_found:
                raise

    def request(
        self, method: str, where: str, body: object = None, *, content: str = "application/json", **query: str
    ) -> Json:
        """Send one request. Raises ApiError."""
        answer = self._session().request(
            method,
            self.url + where,
            params=query,
            data=None if body is None else json.dumps(body),
            headers={"Content-Type": content},
            timeout=30,
        )
        if not answer.ok:
            raise ApiError(answer.status_code, _message(answer))
        found: Json = answer.json()
        return found

    def watch(self, where: str, version: str) -> Iterator[tuple[str, Json]]:
        """Yield changes after `version` until the server ends the watch. Raises Gone, requests.RequestException."""
        query = {
            "watch": "1",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        timeouts = (10, WATCH_SECONDS + 10)
        with self._session().get(self.url + where, params=query, stream=True, timeout=timeouts) as answer:
            if answer.status_code == requests.codes.gone:
                raise Gone
            answer.raise_for_status()
            for line in answer.iter_lines(chunk_size=None):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise Gone
                yield event["type"], event["object"]

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.verify, session.cert = self._verify, self._certificate
            session.headers.update(self._headers)
            self._own.session = session
            self._sessions.append(session)
        return session


def _collection(manifest: Mapping[str, Any]) -> str:
    return path(manifest["kind"], manifest["metadata"].get("namespace", ""))


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError):
        return answer.text[:300]
