"""Copies of a model on a Ray cluster, asked block by block: Daft spreads the blocks over them."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.adapters.mlflow_environment import behave
from sluice.evaluation.collected import Collected
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.distributed.depot import Depot, Files, Reader, restore, store
from sluice.evaluation.distributed.libraries import daft, ray, scheduling
from sluice.evaluation.distributed.wire import blocks, frames, packed, unpacked
from sluice.evaluation.loading import load_model
from sluice.evaluation.scoring import ask
from sluice.evaluation.stopwatch import Told, nobody

PARTS_PER_WORKER = 4
"""Workers that are done early take over parts of others."""
_PREFIX = "sluice-models-"
_KEPT_SECONDS = 86_400
_SWEEP_SECONDS = 60


class Asker:
    """One copy of the model, in a process of its own on the cluster."""

    def __init__(self, name: str, files: Files, models: Reader, items: Reader, arm: str) -> None:
        behave()
        folder = Path(tempfile.gettempdir()) / name
        folder.mkdir(exist_ok=True)
        place = Path(tempfile.mkdtemp(dir=folder))
        restore(files, models, place)
        self._model = load_model(place, arm=arm)
        self._items = items

    def said(self, place: int) -> bytes:
        """Return what the model says of the items of a block."""
        found = Collected()
        for frame in frames(self._items.block(place)):
            ask(self._model, frame, found)
        return packed(found)


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Asks the copies of one model."""

    name: str
    files: Files
    models: Reader
    arm: str
    workers: int

    @classmethod
    @contextmanager
    def of(cls, folder: Path, *, arm: str, workers: int) -> Iterator["Asking"]:
        """Bring the model in a folder to the cluster, and take all traces of it away at the end."""
        with closing(Depot()) as depot:
            name = f"{_PREFIX}{depot.reader.name}"
            files = store(folder, depot)
            try:
                yield cls(name=name, files=files, models=depot.reader, arm=arm, workers=workers)
            finally:
                _on_all_nodes(sweep, name)

    def __call__(self, model: Any, data: LoadedDataset, told: Told = nobody) -> Collected:  # noqa: ANN401 -- it is there
        """Return what the model says of all items, in order."""
        del model
        answers = {}
        with closing(Depot()) as depot:
            places = [depot.add(block) for block in blocks(data.inputs())]
            for place, said in self._answers(places, depot.reader):
                answers[place] = unpacked(said)
                told(answers[place].items)
        found = Collected()
        for place in places:
            found.extend(answers.pop(place))
        return found

    def _answers(self, places: Sequence[int], items: Reader) -> Iterator[tuple[int, bytes]]:
        workers = min(self.workers, len(places))
        asker = daft.cls(Asker, max_concurrency=workers, cpus=1)(self.name, self.files, self.models, items, self.arm)
        frame = daft.from_pydict({"place": list(places)}).into_partitions(min(len(places), workers * PARTS_PER_WORKER))
        answered = frame.select(frame["place"], asker.said(frame["place"]).alias("said"))
        return ((row["place"], row["said"]) for row in answered.iter_rows())


def sweep(name: str) -> None:
    """Remove the copies of a model from a node, and those that a Job which died has left there."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if folder.name == name or time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def _on_all_nodes(do: Callable[[str], None], name: str) -> None:
    """Do something on each node; a node that does not answer is left alone."""
    pending = [_on_node(do, node["NodeID"]).remote(name) for node in ray.nodes() if node["Alive"]]
    ray.wait(pending, num_returns=len(pending), timeout=_SWEEP_SECONDS)


def _on_node(do: Callable[[str], None], node: str) -> Any:  # noqa: ANN401 -- ray
    there = scheduling.NodeAffinitySchedulingStrategy(node, soft=False)
    return ray.remote(do).options(num_cpus=0, max_retries=0, scheduling_strategy=there)
