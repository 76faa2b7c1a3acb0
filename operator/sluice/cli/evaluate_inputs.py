"""What `sluice evaluate` is given, made sure of before anything runs: models with their digests, pinned data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from sluice.adapters.model_folder import file_digest, folder_digest
from sluice.api.plan import Dataset, Evaluation
from sluice.cli.evaluate_registry import Registry
from sluice.core.timeline import printable
from sluice.ports import NotFound, Rejected, SluiceError

EXTRA = "evaluation"
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:/")
_NAME = 200


@dataclass(frozen=True, kw_only=True)
class LocalModel:
    """A model on this machine: what was asked for, what it is called, its files and their digest."""

    asked: str
    name: str
    version: str
    folder: Path
    digest: str


def check_extra(distribution: str = "sluice-operator") -> None:
    """Raise Rejected unless all that the extra `evaluation` brings is installed."""
    wanted = re.compile(rf"^([A-Za-z0-9._-]+).*;.*extra == ['\"]{EXTRA}['\"]")
    names = [found.group(1) for line in metadata.requires(distribution) or () if (found := wanted.match(line))]
    missing = [name for name in names if not _installed(name)]
    if missing:
        raise Rejected(
            f"this installation cannot evaluate, it lacks {', '.join(missing)}: "
            f'install the extra: pip install "{distribution}[{EXTRA}]"'
        )


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def model_of(arm: str, asked: str, registry: Registry, scratch: Path) -> LocalModel:
    """Return a model with its digest. Raises errors of `sluice.ports` that begin with the option."""
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


def files_of(given: Sequence[str], evaluation: Evaluation, registry: Registry, scratch: Path) -> Mapping[str, Path]:
    """Return the files of the plan's data sets by name, digests checked.

    A data set whose place only the evaluation itself can read is left out.
    """
    known = {dataset.name: dataset for dataset in evaluation.datasets}
    local = _given(given, known)
    found = {}
    for name, dataset in known.items():
        if name in local:
            found[name] = _checked(dataset, local[name], f"--data {name}={local[name]}")
        elif dataset.uri.startswith("mlflow-artifacts:"):
            found[name] = _checked(dataset, _fetched(dataset, registry, scratch), dataset.uri)
    return found


def _given(given: Sequence[str], known: Mapping[str, Dataset]) -> Mapping[str, Path]:
    local: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise Rejected(f"--data {printable(text)}: say NAME=PATH, as in --data {next(iter(known))}=holdout.parquet")
        if name not in known:
            raise Rejected(f"--data {printable(text)}: the plan has no data set {printable(name)}: {_choice(known)}")
        if name in local:
            raise Rejected(f"--data {name} is given twice: give it once")
        local[name] = Path(path)
    return local


def _choice(known: Mapping[str, Dataset]) -> str:
    return f"use {next(iter(known))}" if len(known) == 1 else f"use one of {', '.join(known)}"


def _fetched(dataset: Dataset, registry: Registry, scratch: Path) -> Path:
    field = f"spec.evaluation.datasets[{dataset.name}]"
    if not registry.is_server:
        raise Rejected(
            f"{field}: {dataset.uri} lies on an MLflow server, and {registry.shown} is none: "
            f"give the file: --data {dataset.name}=PATH, or name the server: --tracking-uri http://HOST:PORT"
        )
    try:
        return registry.file(dataset.uri, scratch / "data" / dataset.name)
    except SluiceError as error:
        raise type(error)(f"{field}: {error}", reason=error.reason) from error


def _checked(dataset: Dataset, path: Path, shown: str) -> Path:
    try:
        found = f"sha256:{file_digest(path)}"
    except FileNotFoundError as error:
        raise NotFound(f"{printable(shown)}: there is no such file: name the file of the data set") from error
    except OSError as error:
        raise Rejected(f"{printable(shown)} cannot be read ({error.strerror}): name the data set's file") from error
    if found != dataset.digest:
        raise Rejected(
            f"{printable(shown)} is not the file that the plan pins: its digest is {found}, "
            f"spec.evaluation.datasets[{dataset.name}].digest is {dataset.digest}: give the pinned file, "
            "or pin this one in the plan if it is the one to judge by"
        )
    return path.resolve()
