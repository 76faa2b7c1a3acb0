"""The two ways, each in a process of its own: what they find, what it costs.

`python -m benchmarks.evaluation.arms WAY FILE RESAMPLES` prints it as JSON.
"""

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.evaluation import plain
from benchmarks.evaluation.items import MODELS, REGIONS
from benchmarks.evaluation.plain import Values
from sluice.adapters.model_folder import file_digest
from sluice.api.evaluation_spec import DatasetInput, MeasurementWanted
from sluice.api.predictions import ModelPredictions
from sluice.evaluation.dataset import LoadedDataset, load
from sluice.evaluation.intervals import bootstrap
from sluice.evaluation.measuring import Scored, measure
from sluice.evaluation.predictions import read

METRICS: dict[str, dict[str, str]] = {"accuracy": {}, "f1": {"class": "1"}, "rocAuc": {"class": "1"}, "logLoss": {}}
RESAMPLED = ("f1", "logLoss")


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
    """Yield the estimates, and the bounds that were resampled: the plain way has those only."""
    for metric, params in METRICS.items():
        wanted = MeasurementWanted(name="one", metric=metric, params=params, dataset="items", level=plain.LEVEL)
        found = measure(wanted, scored)
        for what in ("candidate", "champion", "difference"):
            estimate = getattr(found, what)
            kinds = ("estimate", "lower", "upper") if metric in RESAMPLED else ("estimate",)
            yield from ((f"{part} {metric} {what} {kind}", getattr(estimate, kind)) for kind in kinds)


def main() -> None:
    """Run one way on a file, with so many resamples (2,000 at most)."""
    bootstrap.MOST = int(sys.argv[3])
    way, path = {"sluice": sluice, "plain": plain.measure}[sys.argv[1]], Path(sys.argv[2])
    begun, worked = time.perf_counter(), time.process_time()
    values = way(path)
    seconds, processor = time.perf_counter() - begun, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    json.dump({"values": values, "seconds": seconds, "processor": processor, "peak": peak}, sys.stdout)


if __name__ == "__main__":
    main()
