"""Running buildah on a store of its own: nothing is pulled, nothing of the machine's own images is touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import paths
from lab.system import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.system import Completed

_BUILD_SECONDS = 1800
_HOST_FILES = ("/etc/ssl/certs", "/etc/pip.conf")
"""What a build step needs of this machine to reach package registries, where they exist."""


def build(context: Path, containerfile: Path, ref: str, *, target: str | None, arguments: Sequence[str]) -> None:
    """Build and tag one image; unchanged steps come from the layer cache, unless there are arguments."""
    options = ["--isolation=chroot", "--pull=never", "--format=docker", "--network=host", "--quiet"]
    # The layer cache is blind to build arguments: with it, images that differ in nothing else come out the same.
    options += [] if arguments else ["--layers"]
    options += [f"--volume={path}:{path}:ro" for path in _HOST_FILES if Path(path).exists()]
    options += [f"--build-arg={argument}" for argument in arguments]
    options += [f"--target={target}"] if target else []
    _buildah("bud", *options, f"--file={containerfile}", f"--tag={ref}", context)


def exists(ref: str) -> bool:
    """Return whether the store holds an image of that name."""
    return _buildah("inspect", "--type=image", "--format={{.FromImageID}}", ref, check=False).returncode == 0


def configuration(ref: str) -> dict[str, Any]:
    """Return the OCI configuration of an image in the store."""
    found: dict[str, Any] = json.loads(_buildah("inspect", "--type=image", ref).stdout)["OCIv1"]
    return found


def store() -> Path:
    """Return the folder with images and layers."""
    return paths.cache() / "images" / "store"


def _buildah(command: str, *words: str | Path, check: bool = True) -> Completed:
    where = [f"--root={store()}", f"--runroot={store().with_name('run')}", "--storage-driver=overlay"]
    return run(["nice", "buildah", *where, command, *words], timeout=_BUILD_SECONDS, check=check)
