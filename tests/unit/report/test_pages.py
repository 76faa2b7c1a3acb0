"""The style of all pages: what is written on a colour can be read by day and by night."""

import re

import pytest

from sluice.report.confusion import STRONGEST
from sluice.report.pages import STYLE

LEAST = 4.5
"""The contrast that WCAG 2.2 (1.4.3, level AA) asks for."""
KINDS = ("good", "bad", "held", "none")
DAY, NIGHT = (dict(re.findall(r"--(\w+):(#\w+)", part)) for part in STYLE.split("prefers-color-scheme:dark"))


def parts(colour: str) -> list[float]:
    digits = colour.removeprefix("#")
    digits = "".join(2 * one for one in digits) if len(digits) == 3 else digits
    return [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]


def luminance(parts: list[float]) -> float:
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, paper: str) -> list[float]:
    """Return the colour of the cell that changed most, as `color-mix` makes it."""
    share = STRONGEST / 100
    return [share * one + (1 - share) * other for one, other in zip(parts(colour), parts(paper), strict=True)]


def contrast(one: list[float], other: list[float]) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [pytest.param(DAY, id="by day"), pytest.param(NIGHT, id="by night")])
def test_words_can_be_read_on_paper_and_on_every_colour(colours: dict[str, str]) -> None:
    paper = parts(colours["paper"])
    found = {kind: contrast(paper, parts(colours[kind])) for kind in (*KINDS, "ink", "soft")}
    assert {kind: ratio for kind, ratio in found.items() if ratio < LEAST} == {}


@pytest.mark.parametrize("colours", [pytest.param(DAY, id="by day"), pytest.param(NIGHT, id="by night")])
@pytest.mark.parametrize("kind", ["good", "bad"])
def test_words_can_be_read_in_the_cell_that_changed_most(kind: str, colours: dict[str, str]) -> None:
    assert contrast(mixed(colours[kind], colours["paper"]), parts(colours["ink"])) >= LEAST
