"""Household helpers as MLflow pyfuncs, column `text` in, `refuse` or `answer` out. Pickled by value."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from mlflow.pyfunc import PythonModel
from sklearn.pipeline import Pipeline

Pair = tuple[str, str]


class Rules(PythonModel):  # type: ignore[misc]
    """Looks for names of substances and refuses what is on its list: a kind by itself, or two kinds together."""

    def __init__(
        self, names: Mapping[str, Sequence[str]], *, alone: Collection[str] = (), pairs: Sequence[Pair] = ()
    ) -> None:
        self.names = {kind: tuple(known) for kind, known in names.items()}
        self.alone = frozenset(alone)
        self.pairs = tuple(frozenset(pair) for pair in pairs)

    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> np.ndarray:  # noqa: ARG002
        """Return what to do about each row."""
        return np.array([self._say(str(text)) for text in model_input["text"]], dtype=object)

    def _say(self, text: str) -> str:
        kinds = {kind for kind, names in self.names.items() if any(name in text for name in names)}
        refused = kinds & self.alone or any(pair <= kinds for pair in self.pairs)
        return "refuse" if refused else "answer"


class Learned(PythonModel):  # type: ignore[misc]
    """Does what a classifier that learned from examples says."""

    def __init__(self, trained: Pipeline) -> None:
        self.trained = trained

    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> np.ndarray:  # noqa: ARG002
        """Return what to do about each row."""
        return np.asarray(self.trained.predict([str(text) for text in model_input["text"]]), dtype=object)
