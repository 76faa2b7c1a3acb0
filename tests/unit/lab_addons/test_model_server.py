"""The MLflow model server: what it gives a model, and how it says which model answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest

from lab.images.mlflowserver import shapes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("data", "names", "expected", "want"),
    [
        pytest.param(np.array([["fine"]]), ["text"], ["other"], {"text": ["fine"]}, id="the request names its columns"),
        pytest.param(np.array([["fine"]]), [], ["text"], {"text": ["fine"]}, id="the model's signature names them"),
        pytest.param(np.array(["a", "b"]), [], ["text"], {"text": ["a", "b"]}, id="a list of values is one column"),
        pytest.param(np.array([["fine"]]), ["a", "b"], ["text"], {"text": ["fine"]}, id="names that do not fit"),
        pytest.param(np.array([[1, 2]]), [], ["text"], {0: [1], 1: [2]}, id="nobody knows their names"),
        pytest.param({"text": "fine"}, [], [], {"text": ["fine"]}, id="one record as JSON"),
        pytest.param([{"text": "a"}, {"text": "b"}], [], [], {"text": ["a", "b"]}, id="records as JSON"),
    ],
)
def test_a_model_is_given_a_table(
    data: object, names: list[str], expected: list[str], want: dict[object, list[object]]
) -> None:
    assert shapes.table(data, names, expected).to_dict("list") == want


def test_text_stays_text() -> None:
    assert shapes.table("fine", [], ["text"]) == "fine"


@pytest.mark.parametrize(
    ("files", "environment", "want"),
    [
        pytest.param(
            {"MLmodel": "model_id: m-1\n", "registered_model_meta": "model_name: shop\nmodel_version: '4'\n"},
            {"PREDICTOR_ID": "main"},
            {"model_version": "4", "model_id": "m-1", "predictor": "main"},
            id="the registry's version where the download left it",
        ),
        pytest.param(
            {"MLmodel": "model_id: m-1\n"},
            {"MODEL_VERSION": "2"},
            {"model_version": "2", "model_id": "m-1"},
            id="the version of a custom image",
        ),
        pytest.param({"MLmodel": "model_id: m-1\n"}, {}, {"model_version": "m-1", "model_id": "m-1"}, id="MLflow's id"),
        pytest.param(
            {"MLmodel": "model_id: null\nmodel_uuid: abc\n"},
            {},
            {"model_version": "abc", "model_id": "abc"},
            id="a model that was saved, not logged",
        ),
        pytest.param({}, {}, {"model_version": "unknown", "model_id": "unknown"}, id="no description at all"),
    ],
)
def test_identity(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, str],
    environment: dict[str, str],
    want: dict[str, str],
) -> None:
    for name in ("MODEL_VERSION", "PREDICTOR_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert shapes.identity(tmp_path) == want


def test_tables_of_predictions_become_arrays() -> None:
    assert shapes.plain(pd.DataFrame({"a": [1, 2]})).tolist() == [[1], [2]]


def test_lists_of_predictions_stay_as_they_are() -> None:
    assert shapes.plain(["positive"]) == ["positive"]
