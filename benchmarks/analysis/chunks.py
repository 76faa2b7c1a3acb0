"""Work in chunks of runs, on one core or several: each chunk has a seed of its own, so the outcome is the same."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

R = TypeVar("R")
SIZE = 50
"""Runs that are generated together: so many fit into little memory."""


@dataclass(frozen=True)
class Chunk:
    """Some runs of one case."""

    case: str
    number: int
    runs: int


def worked(work: Callable[[Chunk], R], case: str, runs: int, workers: int) -> list[R]:
    """Return what came of each chunk, in order."""
    chunks = list(_chunks(case, runs))
    if workers <= 1:
        return [work(chunk) for chunk in chunks]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(work, chunks))


def _chunks(case: str, runs: int) -> Iterator[Chunk]:
    for number, begin in enumerate(range(0, runs, SIZE)):
        yield Chunk(case, number, min(SIZE, runs - begin))
