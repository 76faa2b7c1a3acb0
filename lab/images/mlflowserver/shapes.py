"""How a request becomes a model's input, how its output goes back, and how an artifact tells which model it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def table(data: Any, names: Sequence[str], expected: Sequence[str]) -> Any:  # noqa: ANN401
    """Return the request's data as a table; columns are named by the request, else as the model expects them.

    `data` is an array (Seldon's `data`), one record or several (`jsonData`), or text or bytes, which stay as they are.
    """
    if isinstance(data, dict | list):
        return pd.DataFrame(data if isinstance(data, list) else [data])
    if isinstance(data, str | bytes):
        return data
    rows = np.asarray(data)
    rows = rows.reshape(-1, 1) if rows.ndim == 1 else rows
    fitting = next((list(found) for found in (names, expected) if len(found) == rows.shape[1]), None)
    return pd.DataFrame(rows, columns=fitting)


def plain(answer: Any) -> Any:  # noqa: ANN401
    """Return predictions as the wrapper wants them: an array or a list."""
    return answer.to_numpy() if isinstance(answer, pd.DataFrame | pd.Series) else answer


def identity(folder: Path) -> dict[str, str]:
    """Return who answers: `model_version` is the registry's version if the folder tells it, else MLflow's model id.

    The registry's version stands in `registered_model_meta` (written by a download of `models:/…`).
    """
    described = _mapping(folder / "MLmodel")
    registered = _mapping(folder / "registered_model_meta")
    model_id = str(described.get("model_id") or described.get("model_uuid") or "unknown")
    version = registered.get("model_version") or os.environ.get("MODEL_VERSION") or model_id
    tags = {"model_version": str(version), "model_id": model_id}
    predictor = os.environ.get("PREDICTOR_ID")
    return tags | ({"predictor": predictor} if predictor else {})


def _mapping(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text()) if path.is_file() else None
    return found if isinstance(found, dict) else {}
