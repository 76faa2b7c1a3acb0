"""The prepackaged MLflow server of the lab: a Seldon component that serves any MLflow pyfunc found in a folder.

Runs under `seldon-core-microservice model_server.MLFlowServer`. Every response says in `meta.tags` which model it is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import yaml


class MLFlowServer:
    """Loads the pyfunc in `model_uri` (a folder, filled by the init container) and predicts with it.

    `xtype` is what the model is given: `dataframe` (the default; columns named by the request, else by the
    model's signature) or `ndarray` (as it came in).
    """

    def __init__(self, model_uri: str = "/mnt/models", xtype: str = "dataframe") -> None:
        self._folder = Path(model_uri.removeprefix("file://"))
        self._xtype = xtype
        self._model: Any = None
        self._tags: dict[str, str] = {}

    def load(self) -> None:
        """Load the model; called by the wrapper in each serving process."""
        self._model = mlflow.pyfunc.load_model(str(self._folder))
        self._tags = identity(self._folder)

    def predict(self, X: Any, features_names: list[str] | None = None, meta: Any = None) -> Any:  # noqa: ANN401, ARG002, N803 (the wrapper's interface)
        """Return the model's predictions; what the model raises becomes a 500 of this request."""
        if self._model is None:
            self.load()
        return plain(self._model.predict(self._shaped(X, features_names or [])))

    def tags(self) -> dict[str, str]:
        """Return what the wrapper puts in `meta.tags` of each response."""
        return self._tags

    def _shaped(self, data: Any, names: list[str]) -> Any:  # noqa: ANN401
        if isinstance(data, dict | list):  # jsonData: one record or several
            return pd.DataFrame(data if isinstance(data, list) else [data])
        if self._xtype == "ndarray" or isinstance(data, str | bytes):
            return data
        rows = np.asarray(data)
        table = rows.reshape(-1, 1) if rows.ndim == 1 else rows
        return pd.DataFrame(table, columns=self._columns(names, table.shape[1]))

    def _columns(self, names: list[str], width: int) -> list[str] | None:
        if len(names) == width:
            return names
        schema = self._model.metadata.get_input_schema()
        if schema is not None and schema.has_input_names() and len(schema.input_names()) == width:
            return list(schema.input_names())
        return None


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


def plain(answer: Any) -> Any:  # noqa: ANN401
    """Return predictions as the wrapper wants them: an array or a list."""
    if isinstance(answer, pd.DataFrame | pd.Series):
        return answer.to_numpy()
    return answer


def _mapping(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text()) if path.is_file() else None
    return found if isinstance(found, dict) else {}
