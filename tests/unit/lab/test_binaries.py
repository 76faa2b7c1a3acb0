"""What is built is kept under a key of everything that decides it."""

from __future__ import annotations

import shutil
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lab import paths, pause
from lab.binaries import COREDNS, ISTIO, KUBERNETES, VERSITYGW, Module

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "module", [pytest.param(module, id=module.name) for module in (COREDNS, ISTIO, KUBERNETES, VERSITYGW)]
)
def test_modules_are_pinned(module: Module) -> None:
    assert (module.folder / "go.mod").exists()
    assert (module.folder / "go.sum").exists()


def test_the_key_is_stable_and_differs_by_module() -> None:
    keys = {module.key("go1.26.8") for module in (COREDNS, ISTIO, KUBERNETES, VERSITYGW)}
    assert len(keys) == 4
    assert KUBERNETES.key("go1.26.8") == KUBERNETES.key("go1.26.8")


@pytest.mark.parametrize(
    ("changed", "go_version"),
    [
        pytest.param(COREDNS, "go1.27.0", id="another Go"),
        pytest.param(replace(COREDNS, link_flags="-X main.version=2"), "go1.26.8", id="other flags"),
        pytest.param(replace(COREDNS, target="./cmd"), "go1.26.8", id="another target"),
    ],
)
def test_the_key_follows_what_decides_the_build(changed: Module, go_version: str) -> None:
    assert changed.key(go_version) != COREDNS.key("go1.26.8")


def test_the_key_follows_the_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = COREDNS.key("go1.26.8")
    shutil.copytree(COREDNS.folder, tmp_path / "tools/coredns")
    monkeypatch.setattr(paths, "LAB", tmp_path)
    assert COREDNS.key("go1.26.8") == before
    with (COREDNS.folder / "go.sum").open("a") as sums:
        sums.write("another line\n")
    assert COREDNS.key("go1.26.8") != before


def test_kubernetes_carries_its_version_for_its_clients() -> None:
    flags = " ".join(KUBERNETES.flags)
    for word in ("version.gitVersion=v1.36.3", "version.gitMajor=1", "version.gitMinor=36"):
        assert f"k8s.io/component-base/{word}" in flags


def test_the_pause_image_holds_one_static_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLUICE_LAB_CACHE", str(tmp_path))
    image = pause.build()
    assert (image.ref, image == pause.build()) == ("localhost/pause:3", True)
    with tarfile.open(image.archive) as archive:
        layer = archive.extractfile("layer.tar")
        assert layer is not None
        with tarfile.open(fileobj=layer) as files:
            assert [(entry.name, entry.mode) for entry in files] == [("pause", 0o755)]
