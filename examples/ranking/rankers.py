"""Rankers as MLflow pyfuncs, columns `user` and `film` in, one number a row out: the higher, the better it fits.

Pickled by value: a server needs pandas and numpy, nothing of this folder.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd  # type: ignore[import-untyped]
from mlflow.pyfunc import PythonModel
from typing_extensions import override

Floats = npt.NDArray[np.float64]


class ByMean(PythonModel):  # type: ignore[misc]
    """The same for everybody: how far a film's mean rating is from the mean of all."""

    def __init__(self, films: pd.Series) -> None:
        self.films = films

    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> Floats:  # noqa: ARG002
        """Return a score a row; a film that nobody rated is like the mean of all."""
        return np.asarray(model_input["film"].map(self.films).fillna(0.0), dtype=np.float64)


class ByTaste(ByMean):
    """As above, and what people of like taste thought of the film more than others did."""

    def __init__(self, films: pd.Series, taste: pd.DataFrame) -> None:
        super().__init__(films)
        self.taste = taste

    @override
    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> Floats:
        """Return a score a row; without ratings of the user or the film there is no taste."""
        users = self.taste.index.get_indexer(model_input["user"])
        films = self.taste.columns.get_indexer(model_input["film"])
        taste = np.where((users < 0) | (films < 0), 0.0, self.taste.to_numpy()[users, films])
        return super().predict(context, model_input, params) + taste


class Noisy(ByMean):
    """As the first, and a bit of chance, the same each time for the same user and film."""

    def __init__(self, films: pd.Series, spread: float) -> None:
        super().__init__(films)
        self.spread = spread

    @override
    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> Floats:
        """Return a score a row."""
        pairs = model_input[["user", "film"]].itertuples(index=False)
        chance = np.array([np.random.default_rng((int(user), int(film))).normal() for user, film in pairs])
        return super().predict(context, model_input, params) + self.spread * chance
