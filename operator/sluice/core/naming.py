"""Names of what Sluice creates: hashes, so that a restart finds what it made, and no two candidates share one."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FINALIZER = "sluice.dev/traffic"
GROUP = "sluice.dev"
VERSION = "v1alpha1"
MODEL_ANNOTATION = "sluice.dev/model"
CANDIDATE_LABEL = "sluice.dev/candidate-uid"


def digest(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a JSON value in canonical form, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def short(*parts: object) -> str:
    """Return ten hexadecimal digits that stand for these parts."""
    return hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:10]


def predictor_name(uid: str) -> str:
    """Return the candidate predictor's name, fresh for each candidate (rule 6: an old Deployment can look ready)."""
    return f"c-{short(uid)}"


def job_name(uid: str, generation: int, attempt: int) -> str:
    """Return the evaluation Job's name: at most one Job per candidate, generation and attempt (S6)."""
    return f"sluice-evaluate-{short(uid, generation)}-{attempt}"


def revision_name(uid: str) -> str:
    """Return the name of the ControllerRevision that pins the plan."""
    return f"sluice-plan-{short(uid)}"


def owner_uid(raw: Mapping[str, Any]) -> str:
    """Return the UID of an object's controlling owner, or ""."""
    owners = (raw.get("metadata") or {}).get("ownerReferences") or []
    return next((str(owner.get("uid") or "") for owner in owners if owner.get("controller")), "")


def owner_reference(name: str, uid: str) -> dict[str, Any]:
    """Return the controller reference to a candidate."""
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "ModelCandidate",
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
