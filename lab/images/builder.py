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

_FORMAT = "1"
"""Raised by hand when the same inputs shall give another image."""


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
    jobs = _jobs(names, progress)
    images = {job.recipe.key: _cached(job) for job in jobs}
    if None in images.values():
        with locked(paths.lock("images")):
            images = {job.recipe.key: _cached(job) or _make(job, progress) for job in jobs}
        _forget_old(jobs)
    return [image for image in images.values() if image is not None]


def _jobs(names: Iterable[str], progress: Progress) -> list[_Job]:
    known = recipes()
    jobs: dict[str, _Job] = {}

    def add(name: str) -> _Job:
        if name not in known:
            raise LabError(f"there is no image called {name!r}", f"choose from: {', '.join(known)}")
        if name not in jobs:
            recipe = known[name]
            jobs[name] = _job(recipe, add(recipe.parent) if recipe.parent else None, progress)
        return jobs[name]

    for name in names:
        add(name)
    order = list(known)
    return sorted(jobs.values(), key=lambda job: order.index(job.recipe.key))


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
    progress(f"building image {recipe.ref}")
    folder = context.stage(recipe.key, job.files)
    if recipe.name == "python":
        run([folder / "debian.sh", folder / "root.tar"], timeout=900)
    buildah.build(folder, folder / "Containerfile", recipe.ref, target=recipe.target, arguments=recipe.arguments)
    shutil.rmtree(folder)
    return _export(job)


def _export(job: _Job) -> Image:
    stored = store.read(job.recipe.ref)
    parent = _record(job.parent) if job.parent else None
    image, layers = archive.write(stored, job.recipe.ref, job.archive, below=parent["layers"] if parent else ())
    record = {"id": image.id, "parent": parent["id"] if parent else None, "layers": layers}
    job.record.write_text(json.dumps(record))
    return image


def _forget_old(jobs: Iterable[_Job]) -> None:
    """Remove files of the same images with other keys."""
    for job in jobs:
        for path in _home().glob(f"{job.recipe.key}-{'?' * 16}.*"):
            if path not in {job.archive, job.record}:
                path.unlink(missing_ok=True)


def _home() -> Path:
    home = paths.cache() / "images"
    home.mkdir(parents=True, exist_ok=True)
    return home
