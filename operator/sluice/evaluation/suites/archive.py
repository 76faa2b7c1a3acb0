"""Archives of tests, unpacked so that nothing lands outside its folder, nothing is followed, and no disk is filled.

Only plain files and folders are taken, whatever an entry's mode says. Sources: CWE-22, CWE-59, CWE-409; PEP 706.
"""

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_NAME_BYTES = 255
_NAME_DEPTH = 32
_CHUNK = 1 << 16
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    NotImplementedError,
)
"""What the readers raise for bytes that are no archive, or one that is encrypted."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large an archive may be, and what it unpacks to."""

    packed_bytes: int = 64 << 20
    unpacked_bytes: int = 256 << 20
    entries: int = 5_000

    @property
    def plain_bytes(self) -> int:
        """How large a tar may be once it is not compressed: its files, and a header and padding for each entry."""
        return self.unpacked_bytes + self.entries * 2 * tarfile.BLOCKSIZE


LIMITS = Limits()


class UnsafeArchive(Exception):  # noqa: N818 -- an outcome in our words
    """An archive that is not unpacked; the message says what is wrong with it."""


@dataclass(frozen=True)
class _Entry:
    """A file or a folder of an archive; `open` is None for a folder."""

    name: str
    open: Callable[[], IO[bytes]] | None


def unpack(path: Path, name: str, folder: Path, limits: Limits = LIMITS) -> None:
    """Unpack an archive, of the format that `name` ends with, into an empty folder. Raises UnsafeArchive."""
    if path.stat().st_size > limits.packed_bytes:
        raise UnsafeArchive(f"has more than {limits.packed_bytes >> 20} MiB")
    opened = _zip if name.lower().endswith(".zip") else _tar
    plain = folder.with_name(f"{folder.name}.plain")
    try:
        with opened(path, plain, limits) as entries:
            _write(entries, folder, limits)
    except _BROKEN as error:
        raise UnsafeArchive(f"cannot be unpacked ({type(error).__name__}): is it whole, and not encrypted?") from error


def _write(entries: Iterator[_Entry], folder: Path, limits: Limits) -> None:
    left = limits.unpacked_bytes
    for count, entry in enumerate(entries, start=1):
        if count > limits.entries:
            raise UnsafeArchive(f"has more than {limits.entries:,} files")
        place = folder.joinpath(*_parts(entry.name))
        if entry.open is None:
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with entry.open() as source:
            left -= _copy(source, place, left, limits)


def _copy(source: IO[bytes] | gzip.GzipFile, place: Path, left: int, limits: Limits) -> int:
    """Write one new file and return its size, which is counted as it comes: what an archive says of it may be wrong."""
    size = 0
    with place.open("xb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise _too_large(limits)
            target.write(chunk)
    return size


def _too_large(limits: Limits) -> UnsafeArchive:
    return UnsafeArchive(f"unpacks to more than {limits.unpacked_bytes >> 20} MiB")


def _parts(name: str) -> list[str]:
    """Return where an entry lies below the folder. Raises UnsafeArchive for all that leads elsewhere."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    odd = "\\" in name or ":" in name or not name.isprintable()
    if name.startswith("/") or ".." in parts or odd or len(parts) > _NAME_DEPTH:
        raise UnsafeArchive(f"has an entry with a name that is not followed: {ascii(name)[:120]}")
    if any(len(part.encode()) > _NAME_BYTES for part in parts):
        raise UnsafeArchive(f"has an entry with a name that is too long: {ascii(name)[:120]}")
    return parts


@contextmanager
def _tar(path: Path, plain: Path, limits: Limits) -> Iterator[Iterator[_Entry]]:
    """Open a compressed tar: first made plain and bounded, so that no header of it can claim more memory."""
    try:
        with gzip.open(path) as packed:
            _copy(packed, plain, limits.plain_bytes, limits)
        with tarfile.open(plain, "r:") as archive:
            yield (_tar_entry(archive, member) for member in archive)
    finally:
        plain.unlink(missing_ok=True)


def _tar_entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> _Entry:
    if member.isdir():
        return _Entry(member.name, None)
    if not member.isreg() or member.issparse():
        raise UnsafeArchive(f"has an entry that is neither file nor folder: {ascii(member.name)[:120]}")

    def content() -> IO[bytes]:
        found = archive.extractfile(member)
        if found is None:
            raise UnsafeArchive(f"has an entry that cannot be read: {ascii(member.name)[:120]}")
        return found

    return _Entry(member.name, content)


@contextmanager
def _zip(path: Path, _plain: Path, limits: Limits) -> Iterator[Iterator[_Entry]]:
    with zipfile.ZipFile(path) as archive:
        if sum(info.file_size for info in archive.infolist()) > limits.unpacked_bytes:
            raise _too_large(limits)
        yield (_zip_entry(archive, info) for info in archive.infolist())


def _zip_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Entry:
    if info.is_dir():
        return _Entry(info.filename, None)
    if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
        raise UnsafeArchive(f"has an entry that is neither file nor folder: {ascii(info.filename)[:120]}")
    return _Entry(info.filename, lambda: archive.open(info))
