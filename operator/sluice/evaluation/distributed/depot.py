"""An actor on the cluster that keeps blocks of bytes for those who ask: items, and the files of a model.

The blocks lie in Ray's object store, which spills to disk: neither the Job nor the actor holds a whole data set.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sluice.evaluation.distributed.libraries import ray

NAMESPACE = "sluice"
CHUNK = 16 << 20


class _Depot:
    """The actor: references only."""

    def __init__(self) -> None:
        self._blocks: list[Any] = []

    def keep(self, block: list[Any]) -> int:
        """Keep a reference, in a list, else Ray would fetch what it stands for. Return its place."""
        self._blocks.append(block[0])
        return len(self._blocks) - 1

    def block(self, place: int) -> list[Any]:
        """Return a reference, in a list."""
        return [self._blocks[place]]


@dataclass(frozen=True)
class Reader:
    """How a depot is read, from anywhere on the cluster."""

    name: str

    def block(self, place: int) -> bytes:
        """Return one block."""
        return next(self.blocks([place]))

    def blocks(self, places: Iterable[int]) -> Iterator[bytes]:
        """Yield blocks one by one."""
        depot = ray.get_actor(self.name, namespace=NAMESPACE)
        for place in places:
            yield ray.get(ray.get(depot.block.remote(place))[0])


class Depot:
    """A depot that is being filled."""

    def __init__(self) -> None:
        self.reader = Reader(f"sluice-{uuid4().hex}")
        options = {"name": self.reader.name, "namespace": NAMESPACE, "num_cpus": 0}
        self._actor = ray.remote(_Depot).options(**options).remote()

    def add(self, block: bytes) -> int:
        """Put a block into the object store and return its place."""
        place: int = ray.get(self._actor.keep.remote([ray.put(block)]))
        return place

    def close(self) -> None:
        """Let the blocks go."""
        ray.kill(self._actor)


Files = tuple[tuple[str, tuple[int, ...]], ...]
"""Files by their path inside of a folder, each with the places of its chunks."""


def store(folder: Path, depot: Depot) -> Files:
    """Put all files of a folder into a depot."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple((path.relative_to(folder).as_posix(), tuple(map(depot.add, _chunks(path)))) for path in paths)


def restore(files: Files, reader: Reader, folder: Path) -> None:
    """Write files into a folder."""
    for name, places in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.writelines(reader.blocks(places))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
