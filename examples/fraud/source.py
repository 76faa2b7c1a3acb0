"""Sensor readings of a space shuttle (UCI Statlog, as ODDS cast it), in the river package: fetched, verified, split.

49,097 readings of nine sensors, 7 % of them out of the ordinary: the shape of fraud. A reading is to be approved, or
declined when it is out of the ordinary. Licence: river is BSD-3, the data CC BY 4.0.
"""

import gzip
import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from examples.packages import Package, fetch

RIVER = Package(
    requirement="river==0.26.1",
    file="river-0.26.1-cp311-cp311-manylinux_2_28_x86_64.whl",
    sha256="6a11e1a9749beec3ea138efeb0205b2c5cea8d424e9deee306c8980faec01bef",
    options=(
        *("--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311"),
        *("--platform", "manylinux_2_28_x86_64"),
    ),
)
"""A wheel is read, not installed: the same one on every machine."""
MEMBER = "river/datasets/shuttle.csv.gz"
SENSORS = tuple(f"f{number}" for number in range(1, 10))
SPLIT_SEED = 7


@dataclass(frozen=True, kw_only=True)
class Readings:
    """Columns f1 to f9 and `label`, in random order: half to train on, half held out."""

    train: pl.DataFrame
    holdout: pl.DataFrame


def readings() -> Readings:
    """Return the readings of the package."""
    with zipfile.ZipFile(fetch(RIVER)) as wheel:
        frame = pl.read_csv(io.BytesIO(gzip.decompress(wheel.read(MEMBER))))
    declined = pl.col("anomaly") == 1
    named = frame.select(*SENSORS, label=pl.when(declined).then(pl.lit("decline")).otherwise(pl.lit("approve")))
    order = np.random.default_rng(SPLIT_SEED).permutation(len(named)).tolist()
    half = len(named) // 2
    return Readings(train=named[order[:half]], holdout=named[order[half:]])


def write(frame: pl.DataFrame, path: Path) -> str:
    """Write a CSV file and return `sha256:` and the digest of its bytes."""
    frame.write_csv(path)
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
