"""When each sample became readable in Prometheus: seen by asking for the newest ones all the time."""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from sluice.core.analysis.error_rate import METRIC
from sluice.core.analysis.samples import Series

PAUSE_SECONDS = 0.05
_WINDOW_SECONDS = 5
_PATIENCE_SECONDS = 5

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sighting:
    """One sample, and the last moment at which it could not be read yet."""

    labels: Labels
    time: float
    value: float
    readable: float


@dataclass
class Sightings:
    """Polls Prometheus in a thread, from `start` to `stop`."""

    url: str
    namespaces: str
    """A regular expression."""
    _seen: dict[tuple[Labels, float], Sighting] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Sightings":
        """Begin to look."""
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def of(self, namespace: str, since: float) -> list[Sighting]:
        """Return the samples of a namespace taken since then, in the order in which they became readable."""
        with self._lock:
            found = [one for one in self._seen.values() if one.time >= since and ("namespace", namespace) in one.labels]
        return sorted(found, key=lambda one: one.readable)

    def _run(self) -> None:
        asked_before = time.time()
        query = f'{METRIC}{{namespace=~"{self.namespaces}",service="predictions"}}[{_WINDOW_SECONDS}s]'
        with requests.Session() as session:
            while not self._stop.wait(PAUSE_SECONDS):
                asked = time.time()
                try:
                    answer = session.get(f"{self.url}/api/v1/query", params={"query": query}, timeout=_PATIENCE_SECONDS)
                except requests.RequestException:
                    continue
                if answer.ok:
                    self._note(answer.json()["data"]["result"], asked_before)
                    asked_before = asked

    def _note(self, result: list[Mapping[str, Any]], asked_before: float) -> None:
        with self._lock:
            for one in result:
                labels = tuple(sorted(one["metric"].items()))
                for at, value in one["values"]:
                    # Readable since some moment after the query before this one: counted from there, never too late.
                    sighting = Sighting(labels, float(at), float(value), max(asked_before, float(at)))
                    self._seen.setdefault((labels, float(at)), sighting)


def series(sightings: list[Sighting]) -> tuple[Series, ...]:
    """Return samples as the operator gets them."""
    found: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
    for one in sightings:
        found[one.labels].append((one.time, one.value))
    return tuple(Series(dict(labels), tuple(sorted(samples))) for labels, samples in found.items())
