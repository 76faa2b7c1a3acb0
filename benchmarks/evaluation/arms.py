"""The two ways, each in a process of its own: what they find, how long they take, the memory at most."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score

from benchmarks.evaluation.items import MODELS, REGIONS
from sluice.adapters.model_folder import file_digest
from sluice.api.evaluation_spec import DatasetInput, MeasurementWanted
from sluice.api.predictions import ModelPredictions
from sluice.evaluation.dataset import LoadedDataset, load
from sluice.evaluation.measuring import Scored, measure
from sluice.evaluation.predictions import read

METRICS: dict[str, dict[str, str]] = {"accuracy": {}, "f1": {"class": "1"}, "rocAuc": {"class": "1"}, "logLoss": {}}
PLAIN_RESAMPLES = 5
"""Of the plain way; Sluice draws 2,000."""

Values = dict[str, float]


def sluice(path: Path) -> Values:
    """Measure with Sluice: the predictions in the file, the whole and each region, paired bounds of all."""
    said = {arm: ModelPredictions(digest=digest, columns=(column,)) for arm, (digest, column) in MODELS.items()}
    digest = f"sha256:{file_digest(path)}"
    source = DatasetInput(name="items", uri=path.name, digest=digest, predictions=tuple(said.values()))
    data = load(source, path)
    candidate, champion = (read(data, where, arm=arm) for arm, where in said.items())
    whole = Scored(data=data, candidate=candidate, champion=champion)
    return {key: value for part, one in _parts(whole, data) for key, value in _measured(part, one)}


def _parts(whole: Scored, data: LoadedDataset) -> Iterator[tuple[str, Scored]]:
    yield "whole", whole
    regions = np.concatenate([batch.column(0).to_numpy() for batch in data.read(lambda name: name == "region", 65_536)])
    for region in range(REGIONS):
        yield f"region {region}", whole.take(regions == region)


def _measured(part: str, scored: Scored) -> Iterator[tuple[str, float]]:
    for metric, params in METRICS.items():
        wanted = MeasurementWanted(name="one", metric=metric, params=params, dataset="items", level=0.95)
        found = measure(wanted, scored)
        for arm, estimate in (("candidate", found.candidate), ("champion", found.champion)):
            if estimate is not None:
                yield f"{part} {metric} {arm}", estimate.estimate


def plain(path: Path) -> Values:
    """Measure with pandas and scikit-learn: the same numbers, and a few resamples of items for their differences."""
    frame = pd.read_parquet(path)
    parts = {"whole": frame} | {f"region {one}": frame[frame["region"] == one] for one in range(REGIONS)}
    found: Values = {}
    for part, rows in parts.items():
        found |= {f"{part} {metric} {arm}": value for (metric, arm), value in _scikit(rows).items()}
        draw = np.random.default_rng(1)
        for _ in range(PLAIN_RESAMPLES):
            _scikit(rows.iloc[draw.integers(0, len(rows), len(rows))], drawn=True)
    return found


def _scikit(rows: pd.DataFrame, *, drawn: bool = False) -> dict[tuple[str, str], float]:
    """Return the numbers; of a resample only those whose bounds are bootstrapped."""
    truth = rows["label"]
    found: dict[tuple[str, str], float] = {}
    for arm, (_, column) in MODELS.items():
        scores = rows[column]
        guess = (scores >= 0.5).astype(np.int8)
        found |= {("f1", arm): f1_score(truth, guess), ("logLoss", arm): log_loss(truth, scores)}
        if not drawn:
            found |= {("accuracy", arm): accuracy_score(truth, guess), ("rocAuc", arm): roc_auc_score(truth, scores)}
    return found


def main() -> None:
    """Run one way on a file, and print what it found as JSON."""
    way, path = {"sluice": sluice, "plain": plain}[sys.argv[1]], Path(sys.argv[2])
    begun = time.perf_counter()
    values = way(path)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    document: dict[str, Any] = {"values": values, "seconds": seconds, "peak": peak}
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
