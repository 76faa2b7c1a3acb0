"""A bucket of S3, or of what speaks its protocol: one object to a file, bounded in size and time.

Needs the extra `evaluation` (pyarrow). What a server answers goes no further than the log: its words are not ours.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sluice.api.store import StoreInput
from sluice.ports import NotFound, Rejected, SluiceError, Unavailable

ACCESS_KEY, SECRET_KEY, SESSION_TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
CREDENTIALS = (ACCESS_KEY, SECRET_KEY, SESSION_TOKEN)
"""Names of the keys of a store's Secret, and of the environment's variables on a person's own machine."""
_CHUNK = 8 << 20
_CONNECT_SECONDS = 5.0
_DENIED = re.compile(r"AWS Error \w*(ACCESS_DENIED|SIGNATURE|ACCESS_KEY_ID|CLIENT_TOKEN|CREDENTIALS)|HTTP status 4\d\d")


@dataclass(frozen=True)
class Credentials:
    """An access key of a store, by the names of `CREDENTIALS`; empty: none is shown to the store."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of_environment(cls) -> "Credentials":
        """Return what the environment holds."""
        return cls({name: os.environ[name] for name in CREDENTIALS if os.environ.get(name)})

    @classmethod
    def of_folder(cls, folder: Path) -> "Credentials":
        """Return what a Secret mounted at this folder holds; keys that it lacks are left out. Raises OSError."""
        files = {name: folder / name for name in CREDENTIALS}
        found = {name: file.read_text(encoding="utf-8").strip() for name, file in files.items() if file.is_file()}
        return cls({name: value for name, value in found.items() if value})

    @property
    def lacking(self) -> tuple[str, ...]:
        """Names without which nothing can be signed."""
        return tuple(name for name in (ACCESS_KEY, SECRET_KEY) if name not in self.values)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a store may be away. Between tries it waits for twice as long each time, up to 20 s."""

    tries: int = 3
    silence_seconds: float = 10
    """How long it may send nothing."""


class ObjectStore:
    """One store. All errors are those of `sluice.ports`; they name bucket, key and cure."""

    def __init__(self, store: StoreInput, credentials: Credentials, patience: Patience) -> None:
        self._store = store
        self._credentials = credentials
        self._patience = patience

    def fetch(self, key: str, to: Path, *, limit: int) -> None:
        """Write an object to a file. Raises NotFound, Unavailable, Rejected (denied, larger than `limit` bytes)."""
        path = f"{self._store.bucket}/{self._store.prefix}{key}"
        try:
            self._copy(path, to, limit)
        except OSError as error:
            raise self._ours(path, error) from error

    def _copy(self, path: str, to: Path, limit: int) -> None:
        from pyarrow.fs import FileType  # noqa: PLC0415 -- only the extra has it

        files = self._files()
        found = files.get_file_info(path)
        if found.type is not FileType.File:
            raise NotFound(f"{self._where} has no object {path}: is the key right, was it deleted?")
        if found.size > limit:
            raise _too_large(path, found.size, limit)
        with files.open_input_stream(path) as source, to.open("wb") as sink:
            size = 0
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise _too_large(path, size, limit)
                sink.write(chunk)

    def _files(self) -> Any:  # noqa: ANN401 -- a pyarrow S3FileSystem
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem  # noqa: PLC0415 -- as above

        url, known = urlsplit(self._store.endpoint), self._credentials.values
        return S3FileSystem(
            access_key=known.get(ACCESS_KEY),
            secret_key=known.get(SECRET_KEY),
            session_token=known.get(SESSION_TOKEN),
            anonymous=not known,
            region=self._store.region,
            scheme=url.scheme,
            endpoint_override=url.netloc,
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=self._patience.silence_seconds,
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=self._patience.tries),
        )

    @property
    def _where(self) -> str:
        return f"store {self._store.name}"

    def _ours(self, path: str, error: OSError) -> SluiceError:
        """Return our error; pyarrow says what happened in words only."""
        if isinstance(error, FileNotFoundError):
            return NotFound(f"{self._where} has no object {path}: is the key right, was it deleted?")
        if _DENIED.search(str(error)):
            what = f"{self._where} refuses to show {path}"
            return Rejected(f"{what}: is the access key still valid, may it read this object, is the region right?")
        what = f"{self._where} gave no usable answer ({type(error).__name__})"
        return Unavailable(f"{what}: is its endpoint right and up, can it be reached from here?")


def _too_large(path: str, size: int, limit: int) -> Rejected:
    what = f"{path} has {size:,} bytes, allowed are {limit:,}"
    return Rejected(f"{what}: use a smaller file, or have the administrator allow more", reason="TooLarge")
