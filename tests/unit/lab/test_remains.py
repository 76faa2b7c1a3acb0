"""Finding what a cluster left behind."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from lab import cgroups, golden, processes
from lab.paths import LAB, State

if TYPE_CHECKING:
    from pathlib import Path


def test_cgroups_are_removed_children_first_and_only_ours(tmp_path: Path) -> None:
    for folder in ("cpu/mine/kubepods/pod1", "cpu/theirs", "unified/mine", "memory"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cpuacct").symlink_to("cpu")
    found = [str(folder.relative_to(tmp_path)) for folder in cgroups.folders("mine", tmp_path)]
    assert found == ["cpu/mine/kubepods/pod1", "cpu/mine/kubepods", "cpu/mine", "unified/mine"]


def test_process_1_is_told_from_those_who_only_name_it(tmp_path: Path) -> None:
    state = State(tmp_path)
    script = str(LAB / "init.sh")
    assert processes._is_init(["bash", script, str(tmp_path), "x"], state)
    assert not processes._is_init(["bash", script, "/elsewhere", "x"], state)
    assert not processes._is_init(["vim", script, str(tmp_path)], state)
    assert not processes._is_init([], state)


def test_no_process_1_is_found_where_none_runs(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        assert processes.find_init(State(tmp_path)) is None
        other.kill()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "golden"
    for database in golden._DATABASES:
        (made / database).parent.mkdir(parents=True)
        (made / database).write_text("before")
    (made / "layer").write_text("files")
    return made


def test_a_copied_root_shares_its_layers_but_not_its_databases(root: Path, tmp_path: Path) -> None:
    copied = tmp_path / "clusters/x/containerd"
    golden.copy(root, copied)
    assert (copied / "layer").stat().st_ino == (root / "layer").stat().st_ino
    for database in golden._DATABASES:
        (copied / database).write_text("after")
        assert (root / database).read_text() == "before"
    shutil.rmtree(copied)
    assert (root / "layer").read_text() == "files"


def test_images_noted_in_a_copy_are_not_noted_in_the_root(root: Path, tmp_path: Path) -> None:
    golden.note_held(root, {"a": "1"})
    copied = tmp_path / "copied"
    golden.copy(root, copied)
    golden.note_held(copied, {"a": "2"})
    assert (golden.held_images(root), golden.held_images(copied)) == ({"a": "1"}, {"a": "2"})
