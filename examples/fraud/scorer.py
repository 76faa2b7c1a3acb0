"""A scorer of readings as an MLflow pyfunc: sensors in, a probability of `approve` and of `decline` out.

Pickled by value: a server needs scikit-learn, pandas and numpy, nothing of this folder.
"""

import pandas as pd  # type: ignore[import-untyped]
from mlflow.pyfunc import PythonModel
from sklearn.base import ClassifierMixin


class Scorer(PythonModel):  # type: ignore[misc]
    """Says how likely it is that each reading is to be declined."""

    def __init__(self, trained: ClassifierMixin) -> None:
        self.trained = trained

    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> pd.DataFrame:  # noqa: ARG002
        """Return a column a class."""
        return pd.DataFrame(self.trained.predict_proba(model_input.to_numpy()), columns=self.trained.classes_)
