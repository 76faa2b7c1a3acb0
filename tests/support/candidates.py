"""Stored candidates as the API server has them: builders with keyword overrides, and the looks of a whole rollout."""

from typing import Any

from tests.support.objects import DIGEST, Manifest, candidate

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
    """Return a status of this phase, with the summary conditions that belong to it."""
    return {"observedGeneration": 1, "phase": phase, "model": pinned("43"), "champion": pinned("42"), **fields}


def pinned(version: str) -> Manifest:
    """Return a pinned model version."""
    return {
        "registry": "default",
        "name": "review-sentiment",
        "version": version,
        "digest": DIGEST,
        "uri": f"models:/review-sentiment/{version}",
    }


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
    base = {"predictor": "c-1a2b", "stable": "default", "stage": "Stepping", "since": START}
    return {**base, "weight": weight, "observedWeight": weight, "step": step, **fields}


def metric(verdict: str, message: str, **fields: object) -> Manifest:
    """Return the evidence on the live metric."""
    base = {"candidate": "3/400", "stable": "4/1600", "evidenceAgainst": "0.10 of 2.00", "evidenceFor": "1.30 of 1.50"}
    return {"name": "errors", "verdict": verdict, "message": message, **base, **fields}
