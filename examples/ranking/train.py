"""Trains the champion and two candidates, and writes them with the hold-out.

`python -m examples.ranking.train` writes to examples/ranking/.data; `--out` names another folder.
"""

from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from mlflow.types import DataType

from examples.models import save
from examples.ranking import rankers
from examples.ranking.source import ratings, write
from examples.writing import write_to_folder

DATA = Path(__file__).parent / ".data"
PRIOR = 5
"""So many ratings at the mean of all are added to those of a film, and of a person."""
FACTORS = 50
STRENGTH = 4.5
"""How much taste weighs: factors of so few known ratings come out small."""
SPREAD = 0.3


def films(train: pd.DataFrame) -> pd.Series:
    """Return how far each film's mean rating is from the mean of all."""
    return _shrunk(train["rating"] - train["rating"].mean(), train["film"])


def taste(train: pd.DataFrame) -> pd.DataFrame:
    """Return what each user likes more of each film than others do, from the first factors of what is known."""
    rest = train["rating"] - train["rating"].mean() - train["film"].map(films(train))
    rest = rest - train["user"].map(_shrunk(rest, train["user"]))
    known = train.assign(rest=rest).pivot_table(index="user", columns="film", values="rest").fillna(0.0)
    users, weights, kinds = np.linalg.svd(known.to_numpy(), full_matrices=False)
    found = STRENGTH * (users[:, :FACTORS] * weights[:FACTORS]) @ kinds[:FACTORS]
    return pd.DataFrame(found.round(4), index=known.index, columns=known.columns).astype(np.float32)


def _shrunk(values: pd.Series, group: pd.Series) -> pd.Series:
    sums = values.groupby(group).agg(["sum", "count"])
    return sums["sum"] / (sums["count"] + PRIOR)


def write_all(out: Path) -> dict[str, str]:
    """Write models and hold-out to a folder, and return the digest of the hold-out by name."""
    out.mkdir(parents=True, exist_ok=True)
    data = ratings()
    mean = films(data.train)
    models = {
        "champion": rankers.ByMean(mean),
        "taste": rankers.ByTaste(mean, taste(data.train)),
        "noisy": rankers.Noisy(mean, SPREAD),
    }
    for name, model in models.items():
        save(model, out / name, rankers, {"user": DataType.long, "film": DataType.long})
    return {"holdout": write(data.holdout, out / "holdout.csv")}


if __name__ == "__main__":
    write_to_folder(__doc__, DATA, write_all, ".csv")
