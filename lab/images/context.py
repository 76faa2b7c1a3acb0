"""The build context of an image: a staged folder with exactly its inputs, and the key made from their content."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

from lab import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_LARGE = 16 * 2**20
_IGNORED = frozenset({"__pycache__", ".pytest_cache", ".mypy_cache"})
_EPOCH = 1_577_836_800
"""One modification time for all staged files, so that a fresh clone hits the same cached layers."""


def content_key(seed: str, files: Mapping[str, Path]) -> str:
    """Return a short hash of `seed` and of all files, each with its name in the context."""
    digest = hashlib.sha256(seed.encode())
    for name, path in _all_files(files):
        digest.update(f"\0{name}\0".encode())
        digest.update(_content(path))
    return digest.hexdigest()[:16]


def stage(name: str, files: Mapping[str, Path]) -> Path:
    """Return a fresh folder that holds `files` under their names in the context."""
    folder = paths.cache() / "images" / "contexts" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for inside, path in _all_files(files):
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for directory, _, names in os.walk(folder):
        for entry in (directory, *(os.path.join(directory, name) for name in names)):  # noqa: PTH118 (os.walk speaks strings)
            os.utime(entry, (_EPOCH, _EPOCH))
    return folder


def _all_files(files: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for name, path in sorted(files.items()):
        if not path.is_dir():
            yield name, path
            continue
        for file in sorted(path.rglob("*")):
            if file.is_file() and not _IGNORED & set(file.parts) and file.suffix != ".pyc":
                yield f"{name}/{file.relative_to(path)}", file


def _content(path: Path) -> bytes:
    """Return what stands for the content; built programs are known by size and time, not read each time."""
    about = path.stat()
    if about.st_size > _LARGE:
        return f"{about.st_size} {about.st_mtime_ns}".encode()
    return hashlib.sha256(path.read_bytes()).digest()
