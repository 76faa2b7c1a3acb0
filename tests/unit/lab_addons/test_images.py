"""Building images: what decides about a rebuild, what stands on what, and the files that containerd imports."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from lab.images import archive, build
from lab.images.context import content_key
from lab.images.recipes import Recipe, recipes
from lab.images.store import Stored
from lab.system import LabError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIG = {"architecture": "amd64", "os": "linux", "config": {"Env": ["A=b"]}, "history": ["left out"]}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "package/__pycache__").mkdir(parents=True)
    (folder / "package/one.py").write_text("1")
    (folder / "package/__pycache__/one.cpython-311.pyc").write_text("compiled")
    (folder / "requirements.txt").write_text("kopf")
    return folder


def key(source: Path) -> str:
    return content_key("seed", {"package": source / "package", "requirements.txt": source / "requirements.txt"})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda source: os.utime(source / "package/one.py", (1, 1)), id="a fresh clone's times"),
        pytest.param(lambda source: (source / "package/__pycache__/two.pyc").write_text("x"), id="compiled files"),
    ],
)
def test_an_image_stays_whatever_happens_to(source: Path, change: Callable[[Path], object]) -> None:
    before = key(source)
    change(source)
    assert key(source) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda source: (source / "package/one.py").write_text("2"), id="other code"),
        pytest.param(lambda source: (source / "package/two.py").write_text("2"), id="more code"),
        pytest.param(lambda source: (source / "requirements.txt").write_text("flask"), id="another dependency"),
        pytest.param(lambda source: (source / "package/one.py").rename(source / "package/two.py"), id="another name"),
    ],
)
def test_an_image_is_built_anew_for(source: Path, change: Callable[[Path], object]) -> None:
    before = key(source)
    change(source)
    assert key(source) != before


def test_another_seed_is_another_key(source: Path) -> None:
    assert content_key("one", {"a": source}) != content_key("two", {"a": source})


def test_code_is_no_input_of_the_dependency_layers() -> None:
    found = recipes()
    assert {name for name in ("deps", "ml", "operator", "evaluation") if "operator" in found[name].files} == {
        "operator",
        "evaluation",
    }


def test_parents_come_before_their_children() -> None:
    seen: set[str] = set()
    for name, recipe in recipes().items():
        assert recipe.parent is None or recipe.parent in seen
        seen.add(name)


def stands_on(recipe: Recipe) -> str:
    """What the last stage, or the target's chain of stages, is FROM; the Dockerfile's own stages are followed."""
    stages, defaults = {}, {}
    last = ""
    for line in recipe.containerfile.read_text().splitlines():
        words = line.split()
        if line.startswith("ARG ") and "=" in line:
            name, _, value = words[1].partition("=")
            defaults[f"${{{name}}}"] = value
        if line.startswith("FROM "):
            last = words[3] if "AS" in words else "last"
            stages[last] = defaults.get(words[1], words[1])
    found = stages[recipe.target or last]
    targets = {other.target: other.ref for other in recipes().values() if other.target}
    return targets.get(found, found)


@pytest.mark.parametrize("recipe", [pytest.param(recipe, id=name) for name, recipe in recipes().items()])
def test_the_parent_is_what_the_containerfile_starts_from(recipe: Recipe) -> None:
    parent = recipes()[recipe.parent].ref if recipe.parent else "scratch"
    assert stands_on(recipe) == parent


@pytest.mark.parametrize("recipe", [pytest.param(recipe, id=name) for name, recipe in recipes().items()])
def test_every_input_is_there(recipe: Recipe) -> None:
    assert [str(path) for path in (recipe.containerfile, *recipe.files.values()) if not path.exists()] == []


@pytest.fixture
def layers(tmp_path: Path) -> tuple[Path, Path]:
    lower, upper = tmp_path / "lower", tmp_path / "upper"
    (lower / "usr/bin").mkdir(parents=True)
    (lower / "usr/bin/tool").write_text("tool")
    os.utime(lower / "usr/bin/tool", (1_000.7, 1_000.7))
    (lower / "bin").symlink_to("usr/bin")
    (upper / "etc").mkdir(parents=True)
    (upper / "etc/conf").write_text("on")
    os.mknod(upper / "etc/old", 0o600 | 0o020000, os.makedev(0, 0))
    return lower, upper


def contents(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        found = ((entry.name, tar.extractfile(entry)) for entry in tar)
        return {name: file.read() for name, file in found if file}


def image_in(path: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Index entry, manifest and configuration; every blob is checked against its name."""
    files = contents(path)
    for name, content in files.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"
    (entry,) = json.loads(files["index.json"])["manifests"]
    manifest = json.loads(files[f"blobs/{entry['digest'].replace(':', '/')}"])
    return entry, manifest, json.loads(files[f"blobs/{manifest['config']['digest'].replace(':', '/')}"])


def test_a_whole_image_names_itself_and_holds_all_its_layers(tmp_path: Path, layers: tuple[Path, Path]) -> None:
    image, written = archive.write(Stored(CONFIG, layers), "localhost/a:dev", tmp_path / "a.tar", below=())
    entry, manifest, config = image_in(image.archive)
    assert entry["annotations"] == {"io.containerd.image.name": "localhost/a:dev"}
    assert manifest["layers"] == written
    assert image.id == manifest["config"]["digest"]
    assert config == {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["A=b"]},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in written]},
    }
    held = contents(image.archive)
    assert all(f"blobs/{layer['digest'].replace(':', '/')}" in held for layer in written)


def test_a_childs_file_lacks_its_parents_layers_but_names_them(tmp_path: Path, layers: tuple[Path, Path]) -> None:
    parent, below = archive.write(Stored(CONFIG, layers[:1]), "localhost/a:dev", tmp_path / "a.tar", below=())
    child, written = archive.write(Stored(CONFIG, layers), "localhost/b:dev", tmp_path / "b.tar", below=below)
    _, manifest, _ = image_in(child.archive)
    assert manifest["layers"] == written == [*below, written[1]]
    shared = f"blobs/{below[0]['digest'].replace(':', '/')}"
    assert (shared in contents(parent.archive), shared in contents(child.archive)) == (True, False)


def test_the_same_content_gives_the_same_id(tmp_path: Path, layers: tuple[Path, Path]) -> None:
    ids = [
        archive.write(Stored(CONFIG, layers), "localhost/a:dev", tmp_path / f"{number}.tar", below=())[0].id
        for number in range(2)
    ]
    assert ids[0] == ids[1]


def test_a_layer_keeps_links_and_whole_seconds_and_marks_what_was_deleted(
    tmp_path: Path, layers: tuple[Path, Path]
) -> None:
    image, written = archive.write(Stored(CONFIG, layers), "localhost/a:dev", tmp_path / "a.tar", below=())
    held = contents(image.archive)
    entries: dict[str, tuple[str, float]] = {}
    for number, layer in enumerate(written):
        path = tmp_path / f"layer-{number}.tar"
        path.write_bytes(held[f"blobs/{layer['digest'].replace(':', '/')}"])
        with tarfile.open(path) as tar:
            entries |= {entry.name: (entry.linkname, entry.mtime) for entry in tar if not entry.isdir()}
    assert sorted(entries) == ["bin", "etc/.wh.old", "etc/conf", "usr/bin/tool"]
    assert entries["bin"][0] == "usr/bin"
    assert entries["usr/bin/tool"] == ("", 1_000)


def test_an_unknown_image_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(LabError, match=r"no image called 'nope'(.|\n)*choose from: python, deps, operator"):
        build(["nope"], lambda _: None)
