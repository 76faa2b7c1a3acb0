"""Building what is not in the cache, in the order of who stands on whom."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab import paths
from lab.images import archive, buildah, context, store
from lab.images.archive import Image
from lab.images.recipes import Recipe, recipes
from lab.system import LabError, locked, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    Progress = Callable[[str], None]

_FORMAT = "4"
"""Raised by hand when the same inputs shall give another image."""

_KEPT = 3


@dataclass(frozen=True)
class _Job:
    """A recipe with its inputs found and their key, which names its files in the cache."""

    recipe: Recipe
    files: Mapping[str, Path]
    key: str
    parent: _Job | None

    @property
    def archive(self) -> Path:
        return _home() / f"{self.recipe.key}-{self.key}.tar"

    @property
    def record(self) -> Path:
        return self.archive.with_suffix(".json")


class _ParentChanged(Exception):  # noqa: N818 (no error: the build starts again)
    """An image had to be made again and came out different, so what stands on it is out of date."""


def build_all(progress: Progress) -> list[Image]:
    """Return every image, building what changed; parents come before children."""
    return build(recipes(), progress)


def build(names: Iterable[str], progress: Progress) -> list[Image]:
    """Return the named images and those they stand on, parents first."""
    wanted = _with_parents(names)
    # Go programs take minutes to compile; whatever needs none does not wait for them.
    compiled = [recipe for recipe in wanted if recipe.programs]
    images = _built([recipe for recipe in wanted if not recipe.programs], progress) | _built(compiled, progress)
    return [images[recipe.key] for recipe in wanted]


def _with_parents(names: Iterable[str]) -> list[Recipe]:
    known = recipes()
    wanted: set[str] = set()
    for name in names:
        if name not in known:
            raise LabError(f"there is no image called {name!r}", f"choose from: {', '.join(known)}")
        recipe: Recipe | None = known[name]
        while recipe:
            wanted.add(recipe.key)
            recipe = known[recipe.parent] if recipe.parent else None
    return [recipe for key, recipe in known.items() if key in wanted]


def _built(wanted: Sequence[Recipe], progress: Progress) -> dict[str, Image]:
    try:
        return _in_order(wanted, progress)
    except _ParentChanged:
        return _in_order(wanted, progress)


def _in_order(wanted: Sequence[Recipe], progress: Progress) -> dict[str, Image]:
    """Return the images by key; the lock is held from the first one that is not in the cache."""
    jobs: dict[str, _Job] = {}
    images: dict[str, Image] = {}
    with ExitStack() as held:
        alone = False
        for recipe in wanted:
            job = jobs[recipe.key] = _job(recipe, jobs[recipe.parent] if recipe.parent else None, progress)
            image = _cached(job)
            if image is None and not alone:
                held.enter_context(locked(paths.lock("images")))
                alone, image = True, _cached(job)
            images[recipe.key] = image or _make(job, progress)
    return images


def _job(recipe: Recipe, parent: _Job | None, progress: Progress) -> _Job:
    """Find the inputs; the parent counts by its image's id, so that a parent made again but equal changes nothing."""
    files = {**recipe.files, "Containerfile": recipe.containerfile}
    files |= {name: program(progress) for name, program in recipe.programs.items()}
    if recipe.name == "python":
        files["debian.sh"] = recipe.containerfile.parent / "debian.sh"
    below = _record(parent)["id"] if parent else None
    seed = json.dumps([_FORMAT, recipe.ref, recipe.target, recipe.arguments, below])
    return _Job(recipe, files, context.content_key(seed, files), parent)


def _cached(job: _Job) -> Image | None:
    if not (job.archive.exists() and job.record.exists()):
        return None
    return Image(job.recipe.ref, job.archive, _record(job)["id"])


def _record(job: _Job) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(job.record.read_text())
    return found


def _make(job: _Job, progress: Progress) -> Image:
    recipe = job.recipe
    if job.parent and not _in_store(job.parent):
        before = _record(job.parent)["id"]
        if _make(job.parent, progress).id != before:
            raise _ParentChanged
    progress(f"building image {recipe.ref}")
    folder = context.stage(recipe.key, job.files)
    if recipe.name == "python":
        run([folder / "debian.sh", folder / "root.tar"], timeout=900)
    buildah.build(folder, folder / "Containerfile", recipe.ref, target=recipe.target, arguments=recipe.arguments)
    shutil.rmtree(folder)
    image = _export(job)
    _forget_old(job)
    return image


def _in_store(job: _Job) -> bool:
    """Return whether the store still holds the very image of the job's file: a child takes over its layers."""
    ref = job.recipe.ref
    return buildah.exists(ref) and store.read(ref).names() == _record(job)["store"]


def _export(job: _Job) -> Image:
    """Write the image's file, or link to the one there is if other inputs gave the same layers."""
    stored = store.read(job.recipe.ref)
    below = _record(job.parent)["layers"] if job.parent else []
    same = _same_layers(job, stored, below)
    if same:
        layers = json.loads(same.read_text())["layers"]
        job.archive.unlink(missing_ok=True)
        os.link(same.with_suffix(".tar"), job.archive)
        image = Image(job.recipe.ref, job.archive, archive.identity(stored, layers))
    else:
        image, layers = archive.write(stored, job.recipe.ref, job.archive, below=below)
    job.record.write_text(json.dumps({"id": image.id, "layers": layers, "store": stored.names()}))
    return image


def _same_layers(job: _Job, stored: store.Stored, below: list[archive.Layer]) -> Path | None:
    """Return the record of another file of this image that has the same layers and configuration.

    Its lowest layers must be those that the parent's file has now: it leaves just them out.
    """
    for record in _home().glob(f"{job.recipe.key}-{'?' * 16}.json"):
        held = json.loads(record.read_text())
        if held["layers"][: len(below)] != below:
            continue
        if held.get("store") == stored.names() and held["id"] == archive.identity(stored, held["layers"]):
            return record if record.with_suffix(".tar").exists() and record != job.record else None
    return None


def _forget_old(job: _Job) -> None:
    """Remove old files of the image; the latest few stay, for another run may be about to import them."""
    files = sorted(_home().glob(f"{job.recipe.key}-{'?' * 16}.tar"), key=lambda path: path.stat().st_mtime)
    for path in files[:-_KEPT]:
        if path != job.archive:
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink()


def _home() -> Path:
    home = paths.cache() / "images"
    home.mkdir(parents=True, exist_ok=True)
    return home
