"""A sentiment model as it is registered: an MLflow pyfunc, column `text` in, class name out.

This module and `pipeline` are pickled by value: a server needs scikit-learn, pandas and numpy, nothing of this folder.
"""

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from mlflow.pyfunc import PythonModel
from sklearn.pipeline import Pipeline


class SentimentModel(PythonModel):  # type: ignore[misc]
    """Says of each text whether it is negative, neutral or positive."""

    def __init__(self, trained: Pipeline) -> None:
        self.trained = trained

    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> np.ndarray:  # noqa: ARG002
        """Return one class name for each row of a frame with a column `text`."""
        return np.asarray(self.trained.predict([str(text) for text in model_input["text"]]), dtype=object)
