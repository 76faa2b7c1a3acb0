"""The collector of reference cycles, once it is set for the operator."""

import gc
from collections.abc import Iterator

import pytest

from sluice.runtime import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


class Ring:
    def __init__(self) -> None:
        self.me = self


def test_what_is_there_is_left_aside_and_young_cycles_still_go() -> None:
    garbage.settle()
    assert gc.get_freeze_count() > 0
    for _ in range(3 * garbage.ALLOCATIONS):
        Ring()
    assert sum(isinstance(one, Ring) for one in gc.get_objects()) <= garbage.ALLOCATIONS
