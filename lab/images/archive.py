"""Writing an image as a file for `ctr images import`: an OCI layout with only the layers its parent does not have.

Layers stay uncompressed: nobody downloads them, and compressing would cost more than all the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tarfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lab.images.store import Stored

_CONTAINERD_NAME = "io.containerd.image.name"
_MEDIA = "application/vnd.oci.image"
_BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True)
class Image:
    """A built image: the name pods give, a file for `ctr images import`, and an id that changes with its content.

    The file lacks the layers of the images this one stands on: those are imported before it.
    """

    ref: str
    archive: Path
    id: str


Layer = dict[str, Any]
"""An OCI descriptor of a layer: mediaType, digest, size."""


def write(stored: Stored, ref: str, to: Path, *, below: Sequence[Layer]) -> tuple[Image, list[Layer]]:
    """Write the image's file; `below` are its lowest layers, which another file has. Return all its layers too."""
    partial = to.with_suffix(".new")
    with partial.open("wb") as file:
        own = [_write_layer(file, folder) for folder in stored.layers[len(below) :]]
        layers = [*below, *own]
        config = _config(stored.config, layers)
        manifest = _json(
            {
                "schemaVersion": 2,
                "mediaType": f"{_MEDIA}.manifest.v1+json",
                "config": _descriptor(f"{_MEDIA}.config.v1+json", config),
                "layers": layers,
            }
        )
        entry = _descriptor(f"{_MEDIA}.manifest.v1+json", manifest) | {"annotations": {_CONTAINERD_NAME: ref}}
        _write_small(file, _blob_name(_digest(config)), config)
        _write_small(file, _blob_name(_digest(manifest)), manifest)
        _write_small(file, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        _write_small(file, "index.json", _json({"schemaVersion": 2, "manifests": [entry]}))
        file.write(bytes(2 * _BLOCK))
    partial.rename(to)
    return Image(ref, to, _digest(config)), layers


def identity(stored: Stored, layers: Sequence[Layer]) -> str:
    """Return the id of an image with these layers."""
    return _digest(_config(stored.config, layers))


def _config(config: dict[str, Any], layers: Sequence[Layer]) -> bytes:
    kept: dict[str, Any] = {name: config[name] for name in ("architecture", "os", "config") if name in config}
    return _json({**kept, "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in layers]}})


def _write_layer(file: IO[bytes], folder: Path) -> Layer:
    """Stream one layer into the file; its header, which names the digest, is written last."""
    start = file.tell()
    file.seek(start + _BLOCK)
    hashing = _Hashing(file)
    with tarfile.open(fileobj=cast("IO[bytes]", hashing), mode="w|", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(_tree(folder)):
            _add(tar, path, str(path.relative_to(folder)))
    digest = f"sha256:{hashing.sha256.hexdigest()}"
    file.write(bytes(-hashing.size % _BLOCK))
    end = file.tell()
    file.seek(start)
    file.write(_header(_blob_name(digest), hashing.size))
    file.seek(end)
    return {"mediaType": f"{_MEDIA}.layer.v1.tar", "digest": digest, "size": hashing.size}


def _tree(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _tree(path)


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    about = path.lstat()
    if stat.S_ISCHR(about.st_mode) and about.st_rdev == 0:  # overlayfs' mark of a deleted file
        folder, _, base = name.rpartition("/")
        tar.addfile(tarfile.TarInfo(f"{folder}/.wh.{base}".lstrip("/")))
        return
    if stat.S_ISSOCK(about.st_mode):
        return
    entry = tar.gettarinfo(path, name)
    entry.mtime, entry.uname, entry.gname = int(entry.mtime), "", ""
    if entry.isreg():
        with path.open("rb") as content:
            tar.addfile(entry, content)
    else:
        tar.addfile(entry)
    if entry.isdir() and _is_opaque(path):
        tar.addfile(tarfile.TarInfo(f"{name}/.wh..wh..opq"))


def _is_opaque(folder: Path) -> bool:
    try:
        return os.getxattr(folder, "trusted.overlay.opaque") == b"y"
    except OSError:
        return False


class _Hashing:
    """Passes on what is written to it, and keeps its size and hash."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return self._file.write(data)


def _write_small(file: IO[bytes], name: str, content: bytes) -> None:
    file.write(_header(name, len(content)) + content + bytes(-len(content) % _BLOCK))


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.GNU_FORMAT)


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(content), "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _blob_name(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _json(content: object) -> bytes:
    return json.dumps(content, sort_keys=True).encode()
