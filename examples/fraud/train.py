"""Trains the champion and three candidates, and writes them with the hold-out.

`python -m examples.fraud.train` writes to examples/fraud/.data; `--out` names another folder.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
from mlflow.types import DataType
from sklearn.base import ClassifierMixin
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

from examples.fraud import scorer
from examples.fraud.source import SENSORS, readings, write
from examples.models import save
from examples.writing import write_to_folder

DATA = Path(__file__).parent / ".data"
FEW = 2000
"""As many readings as there were when the champion was trained."""


def forest(rows: pl.DataFrame) -> ClassifierMixin:
    """Return a trained forest of 50 trees."""
    return RandomForestClassifier(50, random_state=0).fit(*_of(rows))


def boosted(rows: pl.DataFrame) -> ClassifierMixin:
    """Return trained boosted trees, 30 shallow ones: small and fast."""
    return GradientBoostingClassifier(n_estimators=30, max_depth=2, random_state=0).fit(*_of(rows))


def rebalanced(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows to decline, and as many of the others."""
    declined = rows.filter(pl.col("label") == "decline")
    return pl.concat([declined, rows.filter(pl.col("label") == "approve").head(len(declined))])


MODELS: Mapping[str, Callable[[pl.DataFrame], ClassifierMixin]] = {
    "champion": lambda rows: forest(rows.head(FEW)),
    "boosted": lambda rows: boosted(rows.head(FEW)),
    "rebalanced": lambda rows: forest(rebalanced(rows.head(2 * FEW))),
    "more": forest,
}
"""By name, from the readings to train on."""


def _of(rows: pl.DataFrame) -> tuple[object, object]:
    return rows.select(SENSORS).to_numpy(), rows["label"].to_numpy()


def write_all(out: Path) -> dict[str, str]:
    """Write models and hold-out to a folder, and return the digest of the hold-out by name."""
    out.mkdir(parents=True, exist_ok=True)
    data = readings()
    for name, trained in MODELS.items():
        inputs = dict.fromkeys(SENSORS, DataType.long)
        save(scorer.Scorer(trained(data.train)), out / name, scorer, inputs)
    return {"holdout": write(data.holdout, out / "holdout.csv")}


if __name__ == "__main__":
    write_to_folder(__doc__, DATA, write_all, ".csv")
