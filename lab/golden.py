"""The golden containerd root: every image imported once, hard-linked into each cluster in seconds."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Protocol

from lab import paths
from lab.system import LabError, locked, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_DATABASES = ("io.containerd.metadata.v1.bolt/meta.db", "io.containerd.snapshotter.v1.overlayfs/metadata.db")
_KEPT = 3


class Image(Protocol):
    """An image in a docker-archive file; `id` changes with its content."""

    @property
    def ref(self) -> str:
        """The name that pods give."""
        ...

    @property
    def archive(self) -> Path:
        """The docker-archive file."""
        ...

    @property
    def id(self) -> str:
        """The image's id."""
        ...


def ensure(images: Sequence[Image], progress: Callable[[str], None]) -> Path:
    """Return the containerd root that holds exactly `images`, made from the nearest one there is."""
    wanted = {image.ref: image.id for image in images}
    root = _folder(wanted)
    with locked(paths.lock("golden")):
        if not root.exists():
            _make(root, images, wanted, progress)
        root.touch()
        _prune()
    return root


def _home() -> Path:
    return paths.cache() / "golden"


def _folder(wanted: dict[str, str]) -> Path:
    return _home() / hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16]


def _make(root: Path, images: Sequence[Image], wanted: dict[str, str], progress: Callable[[str], None]) -> None:
    new = root.with_suffix(".new")
    _remove(new)
    held = _start_from_nearest(new, wanted)
    try:
        _import(new, images, held, progress)
    except LabError:
        if not held:
            raise
        # A layer that the nearest root should hold may have been collected with the image that brought it.
        progress("the nearest root lacks a layer: importing everything anew")
        _remove(new)
        new.mkdir(parents=True)
        _import(new, images, {}, progress)
    note_held(new, wanted)
    new.rename(root)


def _import(new: Path, images: Sequence[Image], held: dict[str, str], progress: Callable[[str], None]) -> None:
    """Bring a root from the images it holds to `images`."""
    missing = [image for image in images if held.get(image.ref) != image.id]
    progress(f"importing {len(missing)} of {len(images)} images (once)")
    # Removal comes last: an archive may leave out layers that an image in the root already has.
    actions = [f"+{image.archive}" for image in missing]
    actions += [f"-{ref}" for ref in sorted(held.keys() - {image.ref for image in images})]
    # The import ends with this process, whatever ends it: nothing may write into a root that is made anew.
    alone = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private"]
    alone += ["--pid", "--fork", "--kill-child", "--mount-proc"]
    run([*alone, "bash", paths.LAB / "golden.sh", new, *actions], timeout=900)


def _list_file(root: Path) -> Path:
    return root / "images.json"


def held_images(root: Path) -> dict[str, str]:
    """Return the images in a golden root, name to id."""
    listed: dict[str, str] = json.loads(_list_file(root).read_text())
    return listed


def note_held(root: Path, held: dict[str, str]) -> None:
    """Write down the images in a root; by a new file, since the old one may be shared by hard link."""
    new = _list_file(root).with_suffix(".new")
    new.write_text(json.dumps(held, indent=1))
    new.replace(_list_file(root))


def _start_from_nearest(new: Path, wanted: dict[str, str]) -> dict[str, str]:
    """Copy the root that shares most images, and return what it holds; start empty if none shares any."""
    shared = {root: len(held_images(root).items() & wanted.items()) for root in _roots()}
    nearest = max(shared, key=lambda root: shared[root], default=None)
    if nearest is None or shared[nearest] == 0:
        new.mkdir(parents=True)
        return {}
    copy(nearest, new)
    held = held_images(new)
    _list_file(new).unlink()
    return held


def _roots() -> list[Path]:
    """Return the finished roots, the latest used first."""
    roots = [root for root in _home().glob("*") if _list_file(root).exists() and root.suffix != ".new"]
    return sorted(roots, key=lambda root: root.stat().st_mtime, reverse=True)


def _prune() -> None:
    for root in _roots()[_KEPT:]:
        _remove(root)


def _remove(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)


def copy(root: Path, to: Path) -> None:
    """Copy a root by hard links; the two databases, which change in place, are real copies."""
    to.parent.mkdir(parents=True, exist_ok=True)
    run(["cp", "-al", root, to], timeout=300)
    for database in _DATABASES:
        (to / database).unlink()
        shutil.copyfile(root / database, to / database)
