"""When each target's traffic was taken back: seen by a watch on all SeldonDeployments."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.support.kube import ApiError, Gone, Kube, path

_PLACE = path("SeldonDeployment")
_PAUSE_SECONDS = 0.2


@dataclass
class Restorations:
    """Watches in a thread, from `start` to `stop`."""

    kube: Kube
    seen: Callable[[Mapping[str, Any]], None]
    """Is told every version of every target."""
    _times: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Restorations":
        """Begin to watch. Raises ApiError when that is not allowed."""
        threading.Thread(target=self._run, args=(self._listed(),), daemon=True).start()
        return self

    def stop(self) -> None:
        """Watch no more."""
        self._stop.set()

    def of(self, target: str) -> float | None:
        """Return the Unix time at which "namespace/target" was first seen without traffic for a second predictor."""
        return self._times.get(target)

    def _run(self, version: str) -> None:
        while not self._stop.is_set():
            try:
                version = version or self._listed()
                version = self._watched(version)
            except Gone:
                version = ""
            except (requests.RequestException, ApiError):
                self._stop.wait(_PAUSE_SECONDS)

    def _listed(self) -> str:
        answer = self.kube.request("GET", _PLACE)
        for body in answer["items"]:
            self._note(body)
        return str(answer["metadata"]["resourceVersion"])

    def _watched(self, version: str) -> str:
        for _, body in self.kube.watch(_PLACE, version):
            version = body["metadata"]["resourceVersion"]
            if body.get("spec"):
                self._note(body)
            if self._stop.is_set():
                break
        return version

    def _note(self, body: Mapping[str, Any]) -> None:
        about, predictors = body["metadata"], body["spec"]["predictors"]
        if all(not one.get("traffic") for one in predictors[1:]):
            self._times.setdefault(f"{about['namespace']}/{about['name']}", time.time())
        self.seen(body)
