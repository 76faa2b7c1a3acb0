"""Watches a namespace and keeps every version of every object that a rollout touches."""

import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import requests

from tests.support.history import History, Version
from tests.support.kube import ApiError, Gone, Json, Kube, path

NAMESPACED = ("ModelCandidate", "SeldonDeployment", "VirtualService", "Deployment", "Job", "Event")
PAUSE_SECONDS = 0.2
"""Between two tries while the API server is away."""


class Recorder:
    """One thread a kind lists and watches until stopped; `history` may be asked at any time."""

    def __init__(self, kube: Kube, namespace: str, lease_namespace: str = "") -> None:
        self._kube = kube
        self._lock = threading.Lock()
        self._versions: list[Version] = []
        self._gaps: list[str] = []
        self._stop = threading.Event()
        watched = [(kind, namespace) for kind in NAMESPACED]
        watched += [("Lease", lease_namespace)] if lease_namespace else []
        self._threads = [threading.Thread(target=self._follow, args=pair, daemon=True) for pair in watched]

    def start(self) -> "Recorder":
        """Begin to watch."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """End the watches; those that wait for the server end with its next bookmark or with the process."""
        self._stop.set()

    @property
    def history(self) -> History:
        """Everything recorded so far."""
        with self._lock:
            return History.sorted(self._versions)

    @property
    def gaps(self) -> list[str]:
        """Times at which a watch fell behind, so that versions may be missing."""
        with self._lock:
            return list(self._gaps)

    def write(self, file: Path) -> None:
        """Write the history as JSON Lines, for whoever has to find out what happened."""
        with file.open("w", encoding="utf-8") as out:
            for version in self.history:
                out.write(json.dumps(_line(version)) + "\n")

    def _follow(self, kind: str, namespace: str) -> None:
        known: str | None = None
        while not self._stop.is_set():
            try:
                known = self._list(kind, namespace) if known is None else known
                known = self._watch(kind, namespace, known)
            except Gone:
                with self._lock:
                    self._gaps.append(f"{kind} at {time.time():.3f}")
                known = None
            except (requests.RequestException, ApiError):
                self._stop.wait(PAUSE_SECONDS)

    def _list(self, kind: str, namespace: str) -> str:
        answer = self._kube.request("GET", path(kind, namespace))
        self._keep(kind, answer["items"])
        return str(answer["metadata"]["resourceVersion"])

    def _watch(self, kind: str, namespace: str, version: str) -> str:
        for change, body in self._kube.watch(path(kind, namespace), version):
            version = body["metadata"]["resourceVersion"]
            if change != "BOOKMARK":
                self._keep(kind, [body], deleted=change == "DELETED")
            if self._stop.is_set():
                break
        return version

    def _keep(self, kind: str, bodies: Iterable[Json], *, deleted: bool = False) -> None:
        now = time.time()
        found = [Version.of(kind, body, received=now, deleted=deleted) for body in bodies]
        with self._lock:
            self._versions += found


def _line(version: Version) -> Json:
    return {
        "kind": version.kind,
        "name": version.name,
        "revision": version.revision,
        "received": version.received,
        "deleted": version.deleted,
        "object": version.body,
    }
