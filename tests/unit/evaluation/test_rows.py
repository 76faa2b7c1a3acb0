"""One number in one of several columns is what the same numbers in full are."""

import numpy as np
import pytest

from sluice.evaluation.intervals.bootstrap import MOST_UNITS
from sluice.evaluation.intervals.interval import Integers
from sluice.evaluation.outcomes import Full, Placed

COLUMNS = 4


def rows(items: int, seed: int = 1) -> tuple[Placed, Full]:
    draw = np.random.default_rng(seed)
    values, places = draw.integers(-2, 3, items) / 4, draw.integers(0, COLUMNS, items).astype(np.int8)
    full = np.zeros((items, COLUMNS + 1))
    full[np.arange(items), places], full[:, COLUMNS] = values, 1.0
    return Placed(values, places, COLUMNS), Full(full)


@pytest.mark.parametrize(
    ("items", "clusters"),
    [
        pytest.param(50, None, id="items"),
        pytest.param(60, np.arange(60) // 3, id="clusters"),
        pytest.param(MOST_UNITS + 500, None, id="groups of items"),
        pytest.param(2 * MOST_UNITS + 500, np.arange(2 * MOST_UNITS + 500) // 2, id="groups of clusters"),
    ],
)
def test_sums_are_those_of_full_rows(items: int, clusters: Integers | None) -> None:
    placed, full = rows(items)

    assert placed.width == full.width
    assert placed.total == pytest.approx(full.total)
    assert placed.units(clusters) == pytest.approx(full.units(clusters))
    assert len(placed.units(clusters)) <= MOST_UNITS


def test_the_same_rows_differ() -> None:
    (placed, full), (others, full_others) = rows(200), rows(200, seed=2)

    assert np.array_equal(placed.differing(others), full.differing(full_others))
    assert np.array_equal(placed.counted, full.counted)


@pytest.mark.parametrize("odd", [0, 1, 40])
def test_the_same_rows_vary_where_most_are_alike(odd: int) -> None:
    values, places = np.full(100, 0.25), np.full(100, 2, dtype=np.int8)
    values[:odd], places[: odd // 2] = -0.5, 1
    full = np.zeros((100, COLUMNS + 1))
    full[np.arange(100), places], full[:, COLUMNS] = values, 1.0
    placed = Placed(values, places, COLUMNS)

    assert np.array_equal(placed.varying, Full(full).varying)
    assert placed.varying.sum() == odd


def test_no_row_is_usual_where_half_are_different() -> None:
    placed, full = rows(400)

    assert min(placed.varying.sum(), full.varying.sum()) >= 200


def test_rows_of_zeros_do_not_count_and_do_not_vary() -> None:
    full = Full.of([0, 1, 1, 1, 0], [0, 2, 2, 3, 0])

    assert full.counted.tolist() == [False, True, True, True, False]
    assert full.varying.tolist() == [False, False, False, True, False]
