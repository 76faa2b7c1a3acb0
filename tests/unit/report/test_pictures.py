"""Pictures: axes with round numbers, and marks inside their frame."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sluice.report.pictures import LEFT, RIGHT, WIDTH, Axis, Chart, Range, dot, line, ranges, stack, steps

numbers = some.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("low", "high", "want"),
    [
        pytest.param(0, 100, [0, 25, 50, 75, 100], id="percent"),
        pytest.param(0, 38, [0, 10, 20, 30], id="minutes"),
        pytest.param(0, 0.011, [0, 0.005, 0.01], id="a small share"),
        pytest.param(3, 9, [4, 6, 8], id="not from 0"),
        pytest.param(5, 5, [5], id="a point"),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, want: list[float]) -> None:
    assert list(Axis(low=low, high=high).ticks()) == pytest.approx(want)


@given(low=numbers, span=some.floats(1e-6, 1e6), x=numbers, y=numbers)
def test_marks_stay_inside_the_frame(low: float, span: float, x: float, y: float) -> None:
    chart = Chart(x=Axis(low=low, high=low + span), y=Axis(low=0, high=1), label="")
    across, down = chart.at(x, y)
    assert LEFT <= across <= WIDTH - RIGHT
    assert 0 <= down <= chart.height
    assert 1 <= len(chart.x.ticks()) <= 6


def test_a_picture_is_well_formed_and_says_what_it_shows() -> None:
    chart = Chart(x=Axis(low=0, high=10, title="<minutes>"), y=Axis(low=0, high=100), label='a "b" <c>')
    marks = (line(chart, [(0, 1), (5, 50)], "plain"), steps(chart, [1.0, 2.0], 4, "good"), dot(chart, (3, 3), "bad"))
    root = ET.fromstring(chart.draw(*marks))  # noqa: S314 -- our own text
    assert root.attrib["aria-label"] == 'a "b" <c>'
    assert "<minutes>" in [one.text for one in root.iter("text")]


def test_the_curve_ends_at_the_share_of_all() -> None:
    chart = Chart(x=Axis(low=0, high=10), y=Axis(low=0, high=100), label="")
    found = re.findall(r"([\d.]+),([\d.]+)", steps(chart, [4.0, 2.0], 4, "good"))
    assert [float(part) for part in found[-1]] == pytest.approx(chart.at(10, 50), abs=0.06)
    assert line(chart, [], "plain") == ""


def test_parts_fill_the_bar() -> None:
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height="26"', stack([("a", 3), ("b", 1)], ""))]
    assert widths == [270.0, 90.0]


def test_a_limit_is_drawn_only_where_it_can_be_seen() -> None:
    rows = [Range(name=str(limit), low=1, middle=2, high=3, limit=limit) for limit in (4, 40)]
    assert ranges(rows, Axis(low=0, high=5), "").count('class="limit"') == 1
