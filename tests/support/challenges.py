"""Builders of challenge sets as files: cases as JSON Lines, and the manifest that pins them."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sluice.api.challenge_manifest import ChallengeManifest
from sluice.api.evaluation_spec import ChallengeInput

Json = dict[str, Any]
DIGEST = "sha256:" + "a" * 64


def case(name: str = "not-good", **fields: Any) -> Json:
    """Return a case about a text."""
    return {"id": name, "text": "not good at all", "expect": "negative", **fields}


def lines(*cases: Json) -> bytes:
    """Return the file of cases."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in cases).encode()


def manifest(of: Sequence[Json] = (), **fields: Any) -> Json:
    """Return the manifest of some cases."""
    content = lines(*of)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    hidden = sum(one.get("hidden") is True for one in of)
    pinned = {"file": "cases.jsonl", "digest": digest, "count": len(of) or 1, "hidden": hidden}
    known = {"schemaVersion": "sluice.dev/challenge-set/v1", "name": "negation", "version": "3", "cases": pinned}
    return {**known, **fields}


def parsed(of: Sequence[Json] = (), **fields: Any) -> ChallengeManifest:
    """Return the manifest of some cases as the evaluation reads it."""
    return ChallengeManifest.model_validate(manifest(of, **fields))


def written(folder: Path, *cases: Json, **fields: Any) -> tuple[Path, str]:
    """Write a challenge set into a folder; return its manifest's place and digest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cases.jsonl").write_bytes(lines(*cases))
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest(cases, **fields)), encoding="utf-8")
    return path, f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def source(
    path: Path | str = "mlflow-artifacts:/1/manifest.json", digest: str = DIGEST, **fields: Any
) -> ChallengeInput:
    """Return what an evaluation asks."""
    return ChallengeInput(name="negation", uri=str(path), digest=digest, **fields)
