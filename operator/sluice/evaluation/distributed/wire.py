"""What goes to the cluster and back, as bytes: items as Arrow, answers as plain arrays. Nothing is unpickled."""

import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from sluice.evaluation.classes import Coder
from sluice.evaluation.collected import Collected, Part

BLOCK_BATCHES = 16
"""Batches that travel together."""


def blocks(batches: Iterable[Any]) -> Iterator[bytes]:
    """Yield record batches, several at a time: a model gets the same batches as without a cluster."""
    left = iter(batches)
    while several := list(islice(left, BLOCK_BATCHES)):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, several[0].schema) as writer:
            for batch in several:
                writer.write_batch(batch)
        yield sink.getvalue()


def frames(block: bytes) -> Iterator[Any]:
    """Yield the batches of a block as pandas frames."""
    with pa.ipc.open_stream(block) as reader:
        yield from (batch.to_pandas() for batch in reader)


def packed(said: Collected) -> bytes:
    """Return what a model said of a block."""
    arrays = [part for part in said.parts if not isinstance(part, int)]
    told = {
        "parts": [part if isinstance(part, int) else None for part in said.parts],
        "places": list(said.coder.places),
        "numbers": said.coder.numbers,
        "numeric": said.coder.numeric,
        "names": said.names,
        "items": said.items,
        "errors": said.errors,
    }
    sink = io.BytesIO()
    np.savez(sink, *arrays, told=np.frombuffer(json.dumps(told).encode(), dtype=np.uint8))
    return sink.getvalue()


def unpacked(content: bytes) -> Collected:
    """Return what a model said of a block. Raises ValueError for bytes that `packed` did not make."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        told = json.loads(file["told"].tobytes())
        arrays = (file[f"arr_{place}"] for place in range(len(file.files) - 1))
        parts: list[Part] = [next(arrays) if part is None else part for part in told["parts"]]
    return Collected(
        parts=parts,
        coder=Coder(
            places={name: place for place, name in enumerate(told["places"])},
            numbers=told["numbers"],
            numeric=told["numeric"],
        ),
        names=tuple(told["names"]),
        items=told["items"],
        errors=[(item, text) for item, text in told["errors"]],
    )
