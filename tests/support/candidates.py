"""Stored candidates as the API server has them: what `observations` builds, as JSON, and the looks of a whole rollout.

Overrides are fields as JSON has them.
"""

from typing import Any

from sluice.api.candidate import PinnedModel
from sluice.api.phase import Phase
from sluice.api.schema import Record
from tests.support.objects import DIGEST, Manifest, candidate
from tests.support.observations import a_model, a_status, a_traffic

START = "2026-11-24T06:00:00Z"


def at(seconds: int) -> str:
    """Return the timestamp that many seconds after the candidate's creation."""
    return f"2026-11-24T06:{seconds // 60:02d}:{seconds % 60:02d}.000Z"


def stored(name: str = "review-sentiment-43", *, status: Manifest | None = None, **metadata: Any) -> Manifest:
    """Return a candidate with the metadata that the API server adds."""
    made = candidate(name)
    own = {"uid": f"uid-of-{name}", "creationTimestamp": START, "generation": 1, "resourceVersion": "7"}
    return made | {"metadata": made["metadata"] | own | metadata} | ({} if status is None else {"status": status})


def status(phase: str, **fields: object) -> Manifest:
    """Return a status of this phase with the versions it is about."""
    nothing: dict[str, Any] = dict.fromkeys(("plan", "evaluation", "traffic"))
    models = {"model": _model("43"), "champion": _model("42")}
    return _json(a_status(Phase(phase), observed_generation=1, **models, **nothing)) | fields


def pinned(version: str) -> Manifest:
    """Return a pinned model version."""
    return _json(_model(version))


def _model(version: str) -> PinnedModel:
    return a_model(version, name="review-sentiment", digest=DIGEST, uri=f"models:/review-sentiment/{version}")


def _json(record: Record) -> Manifest:
    """Return what the API server has of it."""
    return record.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)


def condition(kind: str, value: str, reason: str, message: str = "") -> Manifest:
    """Return a condition."""
    return {"type": kind, "status": value, "lastTransitionTime": START, "reason": reason, "message": message}


def entry(seconds: int, phase: str, reason: str, message: str = "", weight: int = 0) -> Manifest:
    """Return a line of history."""
    return {"time": at(seconds), "phase": phase, "reason": reason, "message": message, "weight": weight}


def gate(name: str, verdict: str, message: str) -> Manifest:
    """Return what one offline gate said."""
    return {"name": name, "verdict": verdict, "message": message}


def evaluation(verdict: str | None, *gates: Manifest) -> Manifest:
    """Return the status of an evaluation."""
    made = {"jobName": "sluice-evaluate-1", "startedAt": START, "gates": list(gates)}
    return made if verdict is None else {**made, "verdict": verdict}


def traffic(weight: int, step: int = 0, **fields: object) -> Manifest:
    """Return the status of the traffic."""
    known: dict[str, Any] = {"predictor": "c-1a2b", "stable": "default", "since": START, "applied_at": None}
    return _json(a_traffic(weight=weight, observed_weight=weight, step=step, **known)) | fields


def metric(verdict: str, message: str, **fields: object) -> Manifest:
    """Return the evidence on the live metric."""
    base = {"candidate": "3/400", "stable": "4/1600", "evidenceAgainst": "0.10 of 2.00", "evidenceFor": "1.30 of 1.50"}
    return {"name": "errors", "verdict": verdict, "message": message, **base, **fields}
