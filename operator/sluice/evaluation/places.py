"""Brings the pinned files of an order to the scratch folder: from the registry, a named store, or a mounted volume.

A copy is read, never the original: what the digest was checked of cannot change afterwards.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sluice.adapters.object_store import Credentials, ObjectStore, Patience
from sluice.api.evaluation_spec import STORES, VOLUMES, EvaluationSpec
from sluice.api.place import Place, PlaceKind, place_of
from sluice.api.store import StoreInput
from sluice.evaluation.failure import EvaluationFailure, too_large
from sluice.evaluation.registry import RegistryClient
from sluice.ports import NotFound, Rejected, Unavailable

JOB_PATIENCE = Patience(tries=10)
"""A store that is away for a minute costs no attempt."""
_CHUNK = 8 << 20


@dataclass(frozen=True)
class Places:
    """Where data sets, challenge sets and suites of an order lie."""

    spec: EvaluationSpec
    registry: RegistryClient
    stores: Path = Path(STORES)
    volumes: Path = Path(VOLUMES)
    patience: Patience = JOB_PATIENCE

    def file(self, uri: str, folder: Path, *, field: str) -> Path:
        """Return a copy of a file. Raises EvaluationFailure for this field; the digest is checked by who reads it."""
        place = place_of(uri)
        if place.kind is PlaceKind.REGISTRY:
            return self.registry.file(uri, folder, field=field)
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / Path(place.path).name
        if place.kind is PlaceKind.STORE:
            self._from_store(place, copy, field)
        else:
            self._from_volume(place, copy, field)
        return copy

    def _from_store(self, place: Place, to: Path, field: str) -> None:
        store = self._store(place, field)
        credentials = self._credentials(store, field)
        try:
            reader = ObjectStore(store, credentials, self.patience)
            reader.fetch(place.path, to, limit=self.spec.limits.dataset_bytes)
        except NotFound as error:
            raise EvaluationFailure("FileMissing", str(error), field=field) from error
        except Rejected as error:
            reason = "FileTooLarge" if error.reason == "TooLarge" else "StoreDenied"
            raise EvaluationFailure(reason, str(error), field=field) from error
        except Unavailable as error:
            raise EvaluationFailure("StoreUnavailable", str(error)) from error

    def _store(self, place: Place, field: str) -> StoreInput:
        for store in self.spec.stores:
            if store.name == place.name:
                return store
        known = ", ".join(store.name for store in self.spec.stores) or "none"
        raise EvaluationFailure("StoreMissing", f"no store is called {place.name}: known are {known}", field=field)

    def _credentials(self, store: StoreInput, field: str) -> Credentials:
        if not store.credentials:
            return Credentials()
        found = Credentials.of_folder(self.stores / store.name)
        if found.lacking:
            what = (
                f"Secret {store.credentials} of this namespace lacks {' and '.join(found.lacking)}, or does not exist"
            )
            cure = f"create it with a key that may read store {store.name}, and then another ModelCandidate"
            raise EvaluationFailure("StoreSecretMissing", f"{what}: {cure}", field=field)
        return found

    def _from_volume(self, place: Place, to: Path, field: str) -> None:
        root = self.volumes / place.name
        where = f"{place.path} on volume {place.name}"
        try:
            found = _inside(root, root / place.path)
            if found is None:
                what = f"{where} leads out of the volume: name a file in it, no link to elsewhere"
                raise EvaluationFailure("FileOutside", what, field=field)
            _copy(found, to, self.spec.limits.dataset_bytes, where=where, field=field)
        except (FileNotFoundError, NotADirectoryError) as error:
            what = f"there is no {where}: is the path right, was it deleted?"
            raise EvaluationFailure("FileMissing", what, field=field) from error
        except OSError as error:
            what = f"{where} cannot be read ({error.strerror}): may user {os.getuid()} read it?"
            raise EvaluationFailure("FileUnreadable", what, field=field) from error


def _inside(root: Path, path: Path) -> Path | None:
    """Return the file that a path leads to; None when it is not below the root. Raises OSError."""
    try:
        found = path.resolve(strict=True)
    except RuntimeError:  # links in a circle
        return None
    return found if found.is_relative_to(root.resolve(strict=True)) else None


def _copy(source: Path, to: Path, limit: int, *, where: str, field: str) -> None:
    """Copy a plain file of at most so many bytes; opening must not wait for a pipe's other end. Raises OSError."""
    with os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file, to.open("wb") as sink:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise EvaluationFailure("FileUnreadable", f"{where} is no plain file: name one", field=field)
        left = limit
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise too_large("FileTooLarge", where, found.st_size, limit, field=field)
            sink.write(chunk)
