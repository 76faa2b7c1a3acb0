"""What `sluice evaluate` is given, made sure of before anything runs: models with their digests, pinned data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from sluice.adapters.model_folder import folder_digest
from sluice.adapters.pinned import mismatch
from sluice.api.challenge import ChallengeSet
from sluice.api.challenge_manifest import InvalidManifest, parse_manifest
from sluice.api.offline_metric import FACTS
from sluice.api.place import PlaceKind, place_of
from sluice.api.plan import Dataset, Evaluation
from sluice.api.schema import DIGEST
from sluice.api.store import Store
from sluice.api.suite import Suite, SuiteKind
from sluice.cli import evaluate_stores
from sluice.cli.evaluate_registry import Registry
from sluice.core.timeline import printable
from sluice.ports import NotFound, Rejected, SluiceError
from sluice.report.evaluated import NamedModel

EXTRA = "evaluation"
Pinned = Dataset | Suite | ChallengeSet
"""What has a name, a URI and a digest."""
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:/")
_NAME = 200


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What an option with files is about."""

    option: str
    noun: str
    field: str
    example: str
    within: str = ""
    """Where below the named entry it is."""

    def place(self, name: str) -> str:
        """Return where the plan says it."""
        return f"spec.evaluation.{self.field}[{name}]{self.within}"


_DATA = _Kind(option="--data", noun="data set", field="datasets", example="holdout.parquet")
_LISTS = _Kind(option="--training", noun="digest list", field="datasets", example="digests.parquet", within=".training")
_CHALLENGES = _Kind(
    option="--challenge-set", noun="challenge set", field="challengeSets", example="negation/manifest.json"
)
_SUITES = _Kind(option="--suite", noun="suite", field="suites", example="behaviour.tar.gz")


@dataclass(frozen=True, kw_only=True)
class LocalModel(NamedModel):
    """A model on this machine: also where its files are."""

    folder: Path | None
    """None for a model of which only the digest is known: its predictions are in the data."""

    @property
    def uri(self) -> str:
        """Where its files are; its digest where there are none."""
        return self.digest if self.folder is None else str(self.folder)


def check_extra(distribution: str = "sluice-operator", extra: str = EXTRA) -> None:
    """Raise Rejected unless all that an extra brings is installed."""
    wanted = re.compile(rf"^([A-Za-z0-9._-]+).*;.*extra == ['\"]{extra}['\"]")
    names = [found.group(1) for line in metadata.requires(distribution) or () if (found := wanted.match(line))]
    missing = [name for name in names if not _installed(name)]
    if missing:
        raise Rejected(
            f"this installation cannot evaluate, it lacks {', '.join(missing)}: "
            f'install the extra: pip install "{distribution}[{extra}]"'
        )


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def model_of(arm: str, asked: str, registry: Registry, scratch: Path) -> LocalModel:
    """Return a model with its digest. Raises errors of `sluice.ports` that begin with the option."""
    if re.fullmatch(DIGEST, asked):
        return LocalModel(asked=asked, name="", version="", folder=None, digest=asked)
    try:
        name, version, folder = _found(asked, registry, scratch / arm)
    except SluiceError as error:
        raise type(error)(f"--{arm}: {error}", reason=error.reason) from error
    if not (folder / "MLmodel").is_file():
        raise Rejected(
            f"--{arm}: {printable(asked)} is no MLflow model, it has no file MLmodel: "
            "name the folder that mlflow.<flavour>.save_model wrote, models:/NAME/VERSION or runs:/RUN_ID/PATH"
        )
    return LocalModel(asked=asked, name=name, version=version, folder=folder, digest=folder_digest(folder))


def check_digests(models: Mapping[str, LocalModel], evaluation: Evaluation) -> None:
    """Raise Rejected where a model must be loaded of which there is only a digest."""
    asked = [f"data set {one.name}" for one in evaluation.datasets if not one.columns.predictions]
    asked += [f"challenge set {one.name}" for one in evaluation.challenge_sets]
    asked += [f"suite {one.name}" for one in evaluation.suites if one.kind is SuiteKind.PYTEST]
    for arm, model in models.items():
        if model.folder is None and asked:
            raise Rejected(
                f"--{arm}: {model.asked} is a digest, and {asked[0]} asks the model itself: "
                "name the model; a data set that has its predictions, as columns.predictions, does without"
            )


def _found(asked: str, registry: Registry, scratch: Path) -> tuple[str, str, Path]:
    path = Path(asked.removeprefix("file://"))
    if path.is_dir():
        return path.resolve().name[:_NAME] or "model", "", path.resolve()
    if _SCHEME.match(asked) and not asked.startswith("file:"):
        found = registry.model(asked, scratch)
        return found.name, found.version, found.folder.resolve()
    raise NotFound(
        f"there is no folder {printable(asked)}: name the folder of an MLflow model, models:/NAME/VERSION or "
        "runs:/RUN_ID/PATH"
    )


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where files of a plan come from that are not given."""

    stores: Mapping[str, Store]
    registry: Registry
    scratch: Path


def files_of(given: Sequence[str], evaluation: Evaluation, sources: Sources) -> Mapping[str, Path]:
    """Return the files of the plan's data sets by name, digests checked."""
    return _files(given, evaluation.datasets, _DATA, sources)


def lists_of(given: Sequence[str], evaluation: Evaluation, sources: Sources) -> Mapping[str, Path]:
    """Return the digest lists that gates look data sets up in, by data set, digests checked."""
    asked = {gate.dataset for gate in evaluation.gates if FACTS[gate.metric].of_data}
    lists = {one.name: one.training for one in evaluation.datasets if one.name in asked}
    pinned = [Dataset(name=name, **one.model_dump()) for name, one in lists.items() if one is not None]
    return _files(given, pinned, _LISTS, sources)


def suites_of(given: Sequence[str], evaluation: Evaluation, sources: Sources) -> Mapping[str, Path]:
    """Return the files of the plan's suites by name, digests checked."""
    return _files(given, evaluation.suites, _SUITES, sources)


def challenges_of(given: Sequence[str], evaluation: Evaluation, sources: Sources) -> Mapping[str, Path]:
    """Return the manifests of the plan's challenge sets by name, digests checked, each with its cases beside it."""
    found = _files(given, evaluation.challenge_sets, _CHALLENGES, sources)
    for one in evaluation.challenge_sets:
        if found[one.name].is_relative_to(sources.scratch.resolve()):
            _fetch_cases(one, found[one.name], sources)
    return found


def _fetch_cases(one: ChallengeSet, manifest: Path, sources: Sources) -> None:
    """Bring the cases that lie beside a manifest which was fetched."""
    try:
        cases = parse_manifest(manifest.read_bytes()).cases.file
    except InvalidManifest as error:
        raise Rejected(f"spec.evaluation.{_CHALLENGES.field}[{one.name}]: {one.uri} {error}") from error
    beside = one.model_copy(update={"uri": f"{one.uri.rpartition('/')[0]}/{cases}"})
    _fetched(beside, _CHALLENGES, sources)


def _files(given: Sequence[str], pinned: Sequence[Pinned], kind: _Kind, sources: Sources) -> Mapping[str, Path]:
    known = {one.name: one for one in pinned}
    local = _given(given, known, kind)
    found = {}
    for name, one in known.items():
        if name in local:
            found[name] = _checked(one, local[name], f"{kind.option} {name}={local[name]}", kind)
        else:
            found[name] = _checked(one, _fetched(one, kind, sources), one.uri, kind)
    return found


def _given(given: Sequence[str], known: Mapping[str, Pinned], kind: _Kind) -> Mapping[str, Path]:
    local: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or not path:
            example = f"{next(iter(known), 'NAME')}={kind.example}"
            raise Rejected(f"{kind.option} {printable(text)}: say NAME=PATH, as in {kind.option} {example}")
        if name not in known:
            what = f"the plan has no {kind.noun} {printable(name)}: {_choice(known)}"
            raise Rejected(f"{kind.option} {printable(text)}: {what}")
        if name in local:
            raise Rejected(f"{kind.option} {name} is given twice: give it once")
        local[name] = Path(path)
    return local


def _choice(known: Mapping[str, Pinned]) -> str:
    if not known:
        return "it has none"
    return f"use {next(iter(known))}" if len(known) == 1 else f"use one of {', '.join(known)}"


def _fetched(one: Pinned, kind: _Kind, sources: Sources) -> Path:
    try:
        return _file(one, kind, sources)
    except SluiceError as error:
        raise type(error)(f"{kind.place(one.name)}: {error}", reason=error.reason) from error


def _file(one: Pinned, kind: _Kind, sources: Sources) -> Path:
    place, registry, folder = place_of(one.uri), sources.registry, sources.scratch / kind.option / one.name
    cure = f"give the file: {kind.option} {one.name}=PATH"
    if place.kind is PlaceKind.STORE:
        return evaluate_stores.fetch(place, sources.stores, folder)
    if place.kind is PlaceKind.VOLUME:
        raise Rejected(f"{one.uri} lies on a volume of the cluster: {cure}")
    if not registry.is_server:
        raise Rejected(_away(one, kind, registry))
    return registry.file(one.uri, folder)


def _away(one: Pinned, kind: _Kind, registry: Registry) -> str:
    what = f"{one.uri} lies on an MLflow server, and {registry.shown} is none"
    return f"{what}: give the file: {kind.option} {one.name}=PATH, or name the server: --tracking-uri http://HOST:PORT"


def _checked(one: Pinned, path: Path, shown: str, kind: _Kind) -> Path:
    field = f"{kind.place(one.name)}.digest"
    try:
        other = mismatch(path, one.digest, pinned_by=field)
    except FileNotFoundError as error:
        raise NotFound(f"{printable(shown)}: there is no such file: name the file of the {kind.noun}") from error
    except OSError as error:
        raise Rejected(f"{printable(shown)} cannot be read ({error.strerror}): name the {kind.noun}'s file") from error
    if other:
        raise Rejected(f"{printable(shown)} {other}")
    return path.resolve()
