"""What travels to a Ray cluster and back: the answers of blocks, put together, are those of one pass."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.evaluation.collected import Collected
from sluice.evaluation.distributed.wire import BLOCK_BATCHES, blocks, frames, packed, unpacked

NAMES = st.sampled_from(["yes", "no", "", "ü\ud800", "1"])
ONE_VALUE = st.one_of(
    st.lists(st.one_of(NAMES, st.none(), st.integers(-2, 2), st.booleans(), st.floats()), min_size=1, max_size=5).map(
        lambda values: np.array(values, dtype=object)
    ),
    st.lists(NAMES, min_size=1, max_size=5).map(np.array),
    st.lists(st.integers(-3, 3), min_size=1, max_size=5).map(lambda values: np.array(values, dtype=np.int64)),
    st.lists(st.floats(), min_size=1, max_size=5).map(lambda values: np.array(values, dtype=np.float64)),
    st.lists(st.booleans(), min_size=1, max_size=5).map(lambda values: np.array(values, dtype=np.bool_)),
)
ROWS = st.integers(1, 4).map(lambda items: np.linspace(-1, 1, 3 * items).reshape(items, 3))
ANSWERS = st.one_of(ONE_VALUE, ROWS, st.text(max_size=5).map(RuntimeError))
PASSES = st.lists(st.lists(ANSWERS, max_size=3), min_size=1, max_size=5)


def collected(answers: Sequence[Any]) -> Collected:
    """Return what comes of these answers, one after the other."""
    found = Collected()
    for answer in answers:
        if isinstance(answer, RuntimeError):
            found.fail(answer)
        else:
            found.add(answer, ("a", "b", "c") if answer.ndim > 1 else ())
    return found


def plain(said: Collected) -> Any:
    """Return all of it in values that can be compared, NaN included."""
    parts = [part if isinstance(part, int) else (part.dtype.str, repr(part.tolist())) for part in said.parts]
    coder = said.coder
    known = (list(coder.places), repr(coder.numbers), coder.numeric)
    return parts, known, said.names, said.items, said.examples


@given(PASSES)
def test_answers_put_together_are_those_of_one_pass(passes: list[list[Any]]) -> None:
    together = Collected()
    for answers in passes:
        together.extend(unpacked(packed(collected(answers))))

    assert plain(together) == plain(collected([answer for answers in passes for answer in answers]))


def test_no_word_of_errors_is_kept_where_none_may_be() -> None:
    together = replace(Collected(), quiet=True)
    together.extend(unpacked(packed(collected([RuntimeError("the hidden item")]))))

    assert (together.examples, together.items) == ((), 1)


def test_bytes_that_hold_a_pickle_are_refused() -> None:
    bad = packed(Collected(parts=[np.array([{}], dtype=object)]))

    with pytest.raises(ValueError, match="allow_pickle=False"):
        unpacked(bad)


def test_a_model_gets_the_frames_that_it_gets_in_one_process() -> None:
    table = pa.table(
        {
            "whole": pa.array([1, None, 3], pa.int64()),
            "text": pa.array(["a", None, "ü"], pa.string()),
            "coded": pa.array(["a", "b", "a"]).dictionary_encode(),
            "day": pa.array([dt.date(2026, 1, 1)] * 3),
            "money": pa.array([Decimal("1.50")] * 3),
            "list": pa.array([[1.0], [], None]),
            "truth": pa.array([True, None, False]),
        }
    )
    batches = table.to_batches(max_chunksize=1) * (BLOCK_BATCHES + 1)
    travelled = [frame for block in blocks(batches) for frame in frames(block)]

    assert len(list(blocks(batches))) == len(batches) // BLOCK_BATCHES + 1
    assert len(travelled) == len(batches)
    for batch, frame in zip(batches, travelled, strict=True):
        straight = batch.to_pandas()
        assert list(frame.dtypes) == list(straight.dtypes)
        assert repr(frame.to_dict()) == repr(straight.to_dict())
