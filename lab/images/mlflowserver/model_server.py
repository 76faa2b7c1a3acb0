"""The prepackaged MLflow server of the lab: a Seldon component that serves any MLflow pyfunc found in a folder.

Runs under `seldon-core-microservice lab.images.mlflowserver.model_server.MLFlowServer`. Every response says in
`meta.tags` which model it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow.pyfunc

from lab.images.mlflowserver.shapes import identity, plain, table


class MLFlowServer:
    """Loads the pyfunc in `model_uri`, a folder that the init container has filled, and predicts with it."""

    def __init__(self, model_uri: str = "/mnt/models") -> None:
        self._folder = Path(model_uri.removeprefix("file://"))
        self._model: Any = None
        self._expected: list[str] = []
        self._tags: dict[str, str] = {}

    def load(self) -> None:
        """Load the model; called by the wrapper in each serving process."""
        self._model = mlflow.pyfunc.load_model(str(self._folder))
        schema = self._model.metadata.get_input_schema()
        self._expected = list(schema.input_names()) if schema and schema.has_input_names() else []
        self._tags = identity(self._folder)

    def predict(self, X: Any, features_names: list[str] | None = None, meta: Any = None) -> Any:  # noqa: ANN401, ARG002, N803 (the wrapper's interface)
        """Return the model's predictions; what the model raises becomes a 500 of this request."""
        if self._model is None:
            self.load()
        return plain(self._model.predict(table(X, features_names or [], self._expected)))

    def tags(self) -> dict[str, str]:
        """Return what the wrapper puts in `meta.tags` of each response."""
        return self._tags
