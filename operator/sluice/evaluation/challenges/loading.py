"""A challenge set: its manifest by the plan's digest, its cases by the manifest's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sluice.adapters.pinned import mismatch
from sluice.api.challenge_manifest import ChallengeManifest, InvalidManifest, parse_manifest
from sluice.api.evaluation_spec import ChallengeInput
from sluice.core.challenge_cases import CASES_LIMIT, Case, InvalidCases, read_cases
from sluice.evaluation.failure import EvaluationFailure


class Files(Protocol):
    """Where files come from."""

    def file(self, uri: str, folder: Path, *, field: str) -> Path:
        """Bring a file into a folder. Raises EvaluationFailure."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedChallenge:
    """A challenge set whose bytes were checked."""

    source: ChallengeInput
    manifest: ChallengeManifest
    cases: tuple[Case, ...]
    folder: Path
    """For files that nobody needs afterwards."""

    @property
    def field(self) -> str:
        """Where it stands in the plan."""
        return _field(self.source)


def load(source: ChallengeInput, files: Files, folder: Path) -> LoadedChallenge:
    """Bring and check a challenge set. Raises EvaluationFailure."""
    path = files.file(source.uri, folder / "manifest", field=f"{_field(source)}.uri")
    if other := mismatch(path, source.digest, what="manifest"):
        raise _failure(source, "ChallengeDigestMismatch", other)
    try:
        manifest = parse_manifest(path.read_bytes())
    except InvalidManifest as error:
        raise _failure(source, "ManifestInvalid", str(error)) from error
    beside = f"{source.uri.rpartition('/')[0]}/{manifest.cases.file}"
    cases = files.file(beside, folder / "cases", field=_field(source))
    if other := mismatch(cases, manifest.cases.digest, what="file of cases", pinned_by="its manifest"):
        raise _failure(source, "ChallengeDigestMismatch", other)
    if cases.stat().st_size > CASES_LIMIT:
        raise _failure(
            source, "CasesInvalid", f"has cases of more than {CASES_LIMIT >> 20} MiB: make several sets of it"
        )
    try:
        found = read_cases(cases.read_bytes(), manifest)
    except InvalidCases as error:
        raise _failure(source, "CasesInvalid", f"has a file of cases that {error}") from error
    return LoadedChallenge(source=source, manifest=manifest, cases=found, folder=folder)


def _field(source: ChallengeInput) -> str:
    return f"spec.evaluation.challengeSets[{source.name}]"


def _failure(source: ChallengeInput, reason: str, what: str) -> EvaluationFailure:
    return EvaluationFailure(reason, f"challenge set {source.name} {what}", field=_field(source))
