"""Builds histories by hand: each call writes one more version, and one revision and one second pass."""

from collections.abc import Mapping
from typing import Any, Self

from tests.support.history import History, Version

CANDIDATE, STABLE, PREDICTOR, TARGET = "next", "main", "c-1", "shop"


class Chronicle:
    """A history in the making."""

    def __init__(self) -> None:
        self._versions: list[Version] = []
        self._status: dict[str, Any] = {}
        self._finalizers = ["sluice.dev/traffic"]

    @property
    def history(self) -> History:
        """What was written so far."""
        return History.sorted(self._versions)

    def candidate(self, phase: str = "", **changes: object) -> Self:
        """Write a version of the candidate whose status differs from the last one by these fields."""
        self._status = {**self._status, **({"phase": phase} if phase else {}), **changes}
        return self._write("ModelCandidate", CANDIDATE, spec={"targetRef": {"name": TARGET}}, status=self._status)

    def traffic(self, phase: str = "", **changes: object) -> Self:
        """Write a version of the candidate whose `status.traffic` differs by these fields."""
        base = {"predictor": PREDICTOR, "stable": STABLE, "step": 0, "weight": 0}
        return self.candidate(phase, traffic={**base, **self._status.get("traffic", {}), **changes})

    def release(self) -> Self:
        """Write a version of the candidate without our finalizer."""
        self._finalizers = []
        return self.candidate()

    def target(self, stable: int, candidate: int | None = None, *, model: str = "1") -> Self:
        """Write the SeldonDeployment with these weights; None: without the candidate predictor."""
        predictors = [_predictor(STABLE, stable, model)]
        predictors += [] if candidate is None else [_predictor(PREDICTOR, candidate, "2")]
        return self._write("SeldonDeployment", TARGET, spec={"predictors": predictors})

    def route(self, stable: int, candidate: int | None = None) -> Self:
        """Write the VirtualService with these weights; 0 is left out, as Seldon does."""
        routes = [_route(STABLE, stable)]
        routes += [] if candidate is None else [_route(PREDICTOR, candidate)]
        return self._write("VirtualService", TARGET, spec={"http": [{"route": routes}]})

    def both(self, stable: int, candidate: int | None = None, *, model: str = "1") -> Self:
        """Write spec, then route."""
        return self.target(stable, candidate, model=model).route(stable, candidate)

    def job(self, name: str, uid: str, *, done: bool = False) -> Self:
        """Write a version of an evaluation Job."""
        conditions = [{"type": "Complete", "status": "True"}] if done else []
        return self._write("Job", name, uid=uid, status={"conditions": conditions})

    def lease(self, holder: str) -> Self:
        """Write a version of the Lease."""
        return self._write("Lease", "sluice-operator", spec={"holderIdentity": holder})

    def event(self, instance: str, message: str = "it goes on", *, behind: int = 1) -> Self:
        """Write an Event of a replica about the candidate as it was so many revisions ago."""
        version = str(len(self._versions) + 1 - behind)
        about = {"kind": "ModelCandidate", "name": CANDIDATE, "resourceVersion": version}
        told: dict[str, Any] = {"reason": "StepPassed", "message": message, "involvedObject": about}
        return self._write("Event", "told", reportingComponent="sluice", reportingInstance=instance, **told)

    def pause(self, seconds: int) -> Self:
        """Let time pass."""
        for _ in range(seconds):
            self._write("Event", "tick")
        return self

    def _write(self, kind: str, name: str, uid: str = "", **body: object) -> Self:
        revision = len(self._versions) + 1
        metadata: dict[str, Any] = {
            "name": name,
            "namespace": "models",
            "uid": uid or f"{kind}/{name}",
            "resourceVersion": str(revision),
        }
        if kind == "ModelCandidate":
            metadata["finalizers"] = list(self._finalizers)
        if kind == "Job":
            metadata["ownerReferences"] = [{"uid": f"ModelCandidate/{CANDIDATE}"}]
        self._versions.append(Version.of(kind, {"metadata": metadata, **body}, received=float(revision)))
        return self


def _predictor(name: str, traffic: int, model: str) -> Mapping[str, Any]:
    return {"name": name, "traffic": traffic, "graph": {"name": "m", "modelUri": f"models/{model}"}}


def _route(subset: str, weight: int) -> Mapping[str, Any]:
    return {"destination": {"subset": subset}, **({"weight": weight} if weight else {})}


def passing(candidate: str = "0/200", favour: str = "1.40 of 1.30", verdict: str = "Pass") -> list[dict[str, str]]:
    """Return the metrics of a status in which one metric was judged."""
    return [{"name": "errors", "verdict": verdict, "candidate": candidate, "evidenceFor": favour}]


def judged(**fields: object) -> dict[str, object]:
    """Return the evaluation of a status whose gates all passed."""
    return {"verdict": "Pass", "gates": [{"name": "accuracy", "verdict": "Pass"}], **fields}


def led(holder: str) -> Chronicle:
    """Return a history in which a replica leads and has looked at the candidate."""
    return Chronicle().lease(holder).candidate("Evaluating")


def shifting() -> Chronicle:
    """Return a history up to the first step, at weight 10 in the route."""
    start = Chronicle().both(100).candidate("Evaluating").candidate("Shifting", evaluation=judged())
    start = start.traffic().both(100, 0).traffic(weight=10).both(90, 10)
    return start.traffic(appliedAt="2026-01-01T00:00:00Z")


def promoting() -> Chronicle:
    """Return a history in which the candidate carries everything and the template write may come."""
    start = shifting().traffic("Promoting", weight=100, stage="Filling", metrics=None)
    return start.both(0, 100).traffic(stage="Updating")


def promoted() -> Chronicle:
    """Return a promotion from beginning to end."""
    start = shifting().candidate(metrics=passing()).traffic("Promoting", weight=100, stage="Filling")
    start = start.both(0, 100).traffic(stage="Updating").target(0, 100, model="2").traffic(stage="Returning")
    start = start.both(100, 0, model="2").traffic(stage="Removing").both(100, model="2")
    return start.candidate("Promoted").release()


def rolled_back() -> Chronicle:
    """Return a rollback from beginning to end."""
    start = shifting().both(100, 0).traffic("RollingBack", weight=0).both(100)
    return start.candidate("RolledBack").release()
