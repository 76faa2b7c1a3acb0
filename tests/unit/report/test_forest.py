"""Forest plots: where bounds, estimate, limit and the line of no change stand."""

import re

import pytest

from sluice.report.forest import Branch, forest
from sluice.report.pictures import LEFT, RIGHT, WIDTH

LOW, HIGH = -4.0, 2.0
ROWS = (
    Branch(name="all (600)", lower=-1.0, estimate=0.5, upper=HIGH, limit=-2.0, kind="none"),
    Branch(name="price < 10 (40)", lower=LOW, estimate=-1.0, upper=1.0, limit=-2.0, kind="bad"),
    Branch(name="price ≥ 10 (560)", lower=0.0, estimate=0.5, upper=1.0, limit=None, kind="good"),
)


def places(*values: float) -> object:
    """Return where values stand on an axis that leaves 6 % of its range free on both sides, to a tenth of a pixel."""
    room = 0.06 * (HIGH - LOW)
    across = [(value - LOW + room) / (HIGH - LOW + 2 * room) for value in values]
    return pytest.approx([LEFT + part * (WIDTH - LEFT - RIGHT) for part in across], abs=0.051)


def found(pattern: str) -> list[tuple[str, list[float]]]:
    """Return the marks of the picture that fit: how each is coloured, and its numbers."""
    shown = forest(ROWS, "accuracy", " points", zero=True)
    return [(kind, [float(number) for number in numbers]) for kind, *numbers in re.findall(pattern, shown)]


def test_a_line_goes_from_bound_to_bound_with_an_end_at_each() -> None:
    lines = found(r'<path class="line (\w+)" d="M([\d.]+) \d+H([\d.]+)M([\d.]+) \d+v10M([\d.]+) \d+v10"')

    assert lines == [(row.kind, places(row.lower, row.upper, row.lower, row.upper)) for row in ROWS]


def test_dots_mark_the_estimates_row_by_row() -> None:
    dots = found(r'<circle class="dot (\w+)" cx="([\d.]+)"')
    rows = found(r'<circle class="dot (\w+)" cx="[\d.]+" cy="(\d+)"')

    assert dots == [(row.kind, places(row.estimate)) for row in ROWS]
    assert [place for _, (place,) in rows] == [42, 88, 134]


def test_limits_and_the_line_of_no_change_stand_upright() -> None:
    uprights = found(r'<path class="(limit|grid)" d="M([\d.]+) [\d.]+V')

    assert [at for kind, at in uprights if kind == "limit"] == [places(-2)] * 2
    assert [at for kind, at in uprights if kind == "grid"][-len(ROWS) :] == [places(0)] * len(ROWS)
