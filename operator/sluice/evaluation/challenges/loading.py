"""A challenge set: its manifest by the plan's digest, its cases by the manifest's, laid out as data sets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from pyarrow import parquet

from sluice.adapters.model_folder import file_digest
from sluice.adapters.pinned import mismatch
from sluice.api.challenge_manifest import ChallengeManifest, InvalidManifest, parse_manifest
from sluice.api.evaluation_spec import ChallengeInput, DatasetInput
from sluice.core.challenge_cases import CASES_LIMIT, Case, InvalidCases, read_cases
from sluice.evaluation import dataset
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure

_LABEL = "what is expected"


class Files(Protocol):
    """Where files come from."""

    def file(self, uri: str, folder: Path, *, field: str) -> Path:
        """Bring a file into a folder. Raises EvaluationFailure."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """The visible cases of a set, or the hidden ones, as a data set on disk."""

    places: Sequence[int]
    """Where they stand in the set."""
    cases: Sequence[Case]
    hidden: bool
    data: LoadedDataset


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedChallenge:
    """A challenge set whose bytes were checked."""

    source: ChallengeInput
    manifest: ChallengeManifest
    cases: tuple[Case, ...]
    parts: tuple[Part, ...]

    @property
    def times(self) -> int:
        """How often a model is asked."""
        return len(self.cases) * self.source.repeats

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
    parts = tuple(_parts(source, found, folder))
    return LoadedChallenge(source=source, manifest=manifest, cases=found, parts=parts)


def _parts(source: ChallengeInput, cases: Sequence[Case], folder: Path) -> Iterator[Part]:
    for hidden in (False, True):
        places = [place for place, case in enumerate(cases) if case.hidden is hidden]
        if places:
            some = [cases[place] for place in places]
            with in_words_of(source):
                data = _written(source, some, folder / f"{'hidden' if hidden else 'visible'}.parquet")
            yield Part(places=places, cases=some, hidden=hidden, data=data)


def _written(source: ChallengeInput, cases: Sequence[Case], path: Path) -> LoadedDataset:
    """Return cases as a data set on disk: what the models get, and a class that is right where there is one."""
    if _LABEL in cases[0].inputs:
        raise _failure(source, "CasesInvalid", f"has a key {_LABEL!r}, which is taken: rename it")
    labels = [(*case.expected.classes, str(case.expected))[0] for case in cases]
    try:
        table = pa.Table.from_pylist(
            [dict(case.inputs) | {_LABEL: label} for case, label in zip(cases, labels, strict=True)]
        )
        parquet.write_table(table, path)
    except pa.ArrowException as error:
        what = f"has a key whose values are not all of one type ({type(error).__name__}): all text, or all numbers"
        raise _failure(source, "CasesInvalid", what) from error
    digest = f"sha256:{file_digest(path)}"
    return dataset.load(DatasetInput(name=source.name, uri=str(path), digest=digest, label=_LABEL), path)


@contextmanager
def in_words_of(source: ChallengeInput) -> Iterator[None]:
    """Say of a challenge set what is said of data sets."""
    try:
        yield
    except EvaluationFailure as failure:
        message = failure.message.replace(f"data set {source.name}", f"challenge set {source.name}")
        field = _field(source) if failure.field.startswith("spec.") else failure.field
        raise EvaluationFailure(failure.reason, message, field=field) from failure


def _field(source: ChallengeInput) -> str:
    return f"spec.evaluation.challengeSets[{source.name}]"


def _failure(source: ChallengeInput, reason: str, what: str) -> EvaluationFailure:
    return EvaluationFailure(reason, f"challenge set {source.name} {what}", field=_field(source))
