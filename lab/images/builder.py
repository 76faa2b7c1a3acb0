"""Building what is not in the cache, in the order of who stands on whom."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab import paths
from lab.images import archive, buildah, context, store
from lab.images.archive import Image
from lab.images.recipes import Recipe, recipes
from lab.system import LabError, locked, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    Progress = Callable[[str], None]

_FORMAT = "2"
"""Raised by hand when the same inputs shall give another image."""

_KEPT = 3


@dataclass(frozen=True)
class _Job:
    """A recipe with its inputs found and their key."""

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


def _built(wanted: Iterable[Recipe], progress: Progress) -> dict[str, Image]:
    jobs: dict[str, _Job] = {}
    for recipe in wanted:
        jobs[recipe.key] = _job(recipe, jobs[recipe.parent] if recipe.parent else None, progress)
    images = {key: _cached(job) for key, job in jobs.items()}
    if None in images.values():
        with locked(paths.lock("images")):
            images = {key: _cached(job) or _make(job, progress) for key, job in jobs.items()}
            _forget_old(jobs.values())
    return {key: image for key, image in images.items() if image}


def _job(recipe: Recipe, parent: _Job | None, progress: Progress) -> _Job:
    files = {**recipe.files, "Containerfile": recipe.containerfile}
    files |= {name: program(progress) for name, program in recipe.programs.items()}
    if recipe.name == "python":
        files["debian.sh"] = recipe.containerfile.parent / "debian.sh"
    seed = json.dumps([_FORMAT, recipe.ref, recipe.target, recipe.arguments, parent.key if parent else None])
    return _Job(recipe, files, context.content_key(seed, files), parent)


def _cached(job: _Job) -> Image | None:
    """Return the image if its file is there and stands on the parent that is there now."""
    record = _record(job)
    if record is None or not job.archive.exists():
        return None
    parent = _record(job.parent) if job.parent else None
    if job.parent and (parent is None or parent["id"] != record["parent"]):
        return None
    return Image(job.recipe.ref, job.archive, record["id"])


def _record(job: _Job) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(job.record.read_text())
    except FileNotFoundError:
        return None
    return found


def _make(job: _Job, progress: Progress) -> Image:
    recipe = job.recipe
    if job.parent and not _in_store(job.parent):
        _make(job.parent, progress)
    progress(f"building image {recipe.ref}")
    folder = context.stage(recipe.key, job.files)
    if recipe.name == "python":
        run([folder / "debian.sh", folder / "root.tar"], timeout=900)
    buildah.build(folder, folder / "Containerfile", recipe.ref, target=recipe.target, arguments=recipe.arguments)
    shutil.rmtree(folder)
    return _export(job)


def _in_store(job: _Job) -> bool:
    """Return whether the store still holds the very image of the job's file: a child takes over its layers."""
    record = _record(job)
    ref = job.recipe.ref
    return record is not None and buildah.exists(ref) and store.read(ref).names() == record["store"]


def _export(job: _Job) -> Image:
    stored = store.read(job.recipe.ref)
    parent = _record(job.parent) if job.parent else None
    image, layers = archive.write(stored, job.recipe.ref, job.archive, below=parent["layers"] if parent else ())
    record = {
        "id": image.id,
        "parent": parent["id"] if parent else None,
        "layers": layers,
        "store": stored.names(),
    }
    job.record.write_text(json.dumps(record))
    return image


def _forget_old(jobs: Iterable[_Job]) -> None:
    """Remove old files of these images; the latest few stay, for another run may be about to import them."""
    for job in jobs:
        files = sorted(_home().glob(f"{job.recipe.key}-{'?' * 16}.tar"), key=lambda path: path.stat().st_mtime)
        for path in files[:-_KEPT]:
            path.with_suffix(".json").unlink(missing_ok=True)
            path.unlink()


def _home() -> Path:
    home = paths.cache() / "images"
    home.mkdir(parents=True, exist_ok=True)
    return home
