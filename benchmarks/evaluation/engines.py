"""`python -m benchmarks.evaluation.engines`: the same model over the same items in one process, and on a local Ray.

On one machine Ray cannot win by more than its processors; shown is what the way there and back costs.
"""

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from sluice.adapters.model_folder import file_digest
from sluice.api.engine import RayInput
from sluice.api.evaluation_spec import DatasetInput
from sluice.evaluation import dataset
from sluice.evaluation.collected import Collected
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.engine import engine_of
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.loading import load_model
from sluice.evaluation.scoring import natively
from tests.support import ray_head

_CODE = """
import time
import mlflow.pyfunc

class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        end = time.process_time() + {micros} * 1e-6 * len(model_input)
        while time.process_time() < end:
            pass
        return 1 / (1 + model_input["x"] ** 2)

mlflow.models.set_model(Model())
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code is 1 where the answers differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation.engines", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--micros", type=int, default=200, help="processor time that the model takes for an item")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # MLflow warns about its own type hints
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, path = _items(folder / "items.parquet", options.rows), _saved(folder, options.micros)
        model = load_model(path, arm="candidate")
        native, seconds = _timed(lambda: natively(model, data))
        sys.stdout.write("| engine | start | all items | items/s |\n|---|---|---|---|\n")
        _row("native", 0, seconds, options.rows)
        equal = True
        with ray_head.running(folder, cpus=max(options.workers)) as address:
            for workers in options.workers:
                begun = time.perf_counter()
                with (
                    engine_of(RayInput(address=address, workers=workers)) as engine,
                    engine.asking(path, arm="candidate") as ask,
                ):
                    started = time.perf_counter() - begun
                    answers, seconds = _timed(lambda ask=ask: ask(model, data))  # type: ignore[misc]
                _row(f"Ray, {workers} workers", started, seconds, options.rows)
                equal = equal and np.array_equal(_numbers(answers), _numbers(native))
    return 0 if equal else 1


def _items(path: Path, rows: int) -> LoadedDataset:
    draw = np.random.default_rng(7)
    pl.DataFrame({"x": draw.normal(size=rows), "label": draw.integers(0, 2, rows)}).write_parquet(path)
    return dataset.load(DatasetInput(name="items", uri=path.name, digest=f"sha256:{file_digest(path)}"), path)


def _saved(folder: Path, micros: int) -> Path:
    import mlflow.pyfunc  # noqa: PLC0415 -- seconds

    source, model = folder / "model.py", folder / "model"
    source.write_text(_CODE.format(micros=micros), encoding="utf-8")
    mlflow.pyfunc.save_model(str(model), python_model=str(source), pip_requirements=["mlflow"])
    return model


def _timed(work: Callable[[], Collected]) -> tuple[Collected, float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def _numbers(said: Collected) -> Floats:
    found = said.numbers()
    if found is None:
        raise ValueError("the model of this benchmark answers numbers")
    return found


def _row(name: str, start: float, seconds: float, rows: int) -> None:
    sys.stdout.write(f"| {name} | {start:.1f} s | {seconds:.1f} s | {rows / seconds:,.0f} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
