"""The pause image, the one image every pod needs: a static program in a docker-archive, written without any tool."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab import paths
from lab.configs import PAUSE
from lab.system import locked, run

if TYPE_CHECKING:
    from pathlib import Path

_SOURCE = paths.LAB / "pause.c"


@dataclass(frozen=True)
class PauseImage:
    """The image: its name, its docker-archive file and its id."""

    ref: str
    archive: Path
    id: str


def build() -> PauseImage:
    """Return the pause image, compiled if it is not in the cache."""
    key = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:12]
    folder = paths.cache() / "pause"
    archive, program = folder / f"pause-{key}.tar", folder / f"pause-{key}"
    with locked(paths.lock("pause")):
        folder.mkdir(parents=True, exist_ok=True)
        if not archive.exists():
            run(["gcc", "-Os", "-static", "-s", "-o", program, _SOURCE])
            new = archive.with_suffix(".new")
            new.write_bytes(_archive(program.read_bytes()))
            new.rename(archive)
    return PauseImage(PAUSE, archive, f"pause-{key}")


def _archive(program: bytes) -> bytes:
    """Return a docker-archive of an image that holds only `program`."""
    layer = _tar({"pause": program}, mode=0o755)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": ["/pause"], "User": "65535:65535"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": [PAUSE], "Layers": ["layer.tar"]}]).encode()
    return _tar({"manifest.json": manifest, name: config, "layer.tar": layer})


def _tar(files: dict[str, bytes], mode: int = 0o644) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
