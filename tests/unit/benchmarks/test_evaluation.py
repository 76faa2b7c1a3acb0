"""The two ways of the evaluation's benchmark find the same, bounds included."""

from pathlib import Path

import pytest

from benchmarks.evaluation import items, plain
from benchmarks.evaluation.arms import sluice
from sluice.evaluation.intervals import bootstrap


def test_the_plain_way_finds_the_same_numbers_and_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "MOST", 5)
    path = tmp_path / "items.parquet"
    items.write(path, bootstrap.MOST_UNITS + 1)

    assert sluice(path) == pytest.approx(plain.measure(path), abs=1e-6)
