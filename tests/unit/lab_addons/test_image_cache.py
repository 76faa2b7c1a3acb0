"""When an image's file is written, and when it is a link to one that is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.images import archive, builder
from lab.images.recipes import Recipe
from lab.images.store import Stored

PARENT, OWN = {"digest": "sha256:parent"}, {"digest": "sha256:own"}
STORED = Stored({"os": "linux"}, (Path("/store/overlay/l1/diff"), Path("/store/overlay/l2/diff")))
NEW, OLD = "b" * 16, "a" * 16


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> builder._Job:
    monkeypatch.setenv("SLUICE_LAB_CACHE", str(tmp_path))
    return builder._Job(Recipe("shop", tmp_path / "Containerfile"), {}, NEW, None)


def written(job: builder._Job, **changes: Any) -> Path:
    """Record an older file of the same image."""
    layers = [PARENT, OWN]
    record = {"id": archive.identity(STORED, layers), "layers": layers, "store": STORED.names()} | changes
    path = job.record.with_name(f"shop-{OLD}.json")
    path.with_suffix(".tar").write_text("layers")
    path.write_text(json.dumps(record))
    return path


def test_equal_layers_on_an_equal_parent_are_linked(job: builder._Job) -> None:
    assert builder._same_layers(job, STORED, [PARENT]) is None
    assert builder._same_layers(job, STORED, []) is None
    there = written(job)
    assert builder._same_layers(job, STORED, [PARENT]) == there


@pytest.mark.parametrize(
    ("changes", "below"),
    [
        pytest.param({"store": ["l1", "other"]}, [PARENT], id="the store holds another layer now"),
        pytest.param({"id": "sha256:other"}, [PARENT], id="the configuration was another"),
        pytest.param({}, [{"digest": "sha256:other"}], id="the parent has other layers: a link would lack one"),
    ],
)
def test_a_file_is_written_anew_when(job: builder._Job, changes: dict[str, Any], below: list[archive.Layer]) -> None:
    written(job, **changes)
    assert builder._same_layers(job, STORED, below) is None


def test_a_record_whose_file_is_gone_is_no_use(job: builder._Job) -> None:
    written(job).with_suffix(".tar").unlink()
    assert builder._same_layers(job, STORED, [PARENT]) is None
