"""The style of all pages: what is written on a colour can be read by day and by night."""

import re

import pytest

from sluice.report.pages import STYLE

LEAST = 4.5
"""The contrast that WCAG 2.2 (1.4.3, level AA) asks for."""
KINDS = ("good", "bad", "held", "none")
DAY, NIGHT = (dict(re.findall(r"--(\w+):(#\w+)", part)) for part in STYLE.split("prefers-color-scheme:dark"))


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * one for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [pytest.param(DAY, id="by day"), pytest.param(NIGHT, id="by night")])
def test_words_can_be_read_on_paper_and_on_every_colour(colours: dict[str, str]) -> None:
    pairs = {kind: contrast(colours["paper"], colours[kind]) for kind in (*KINDS, "ink", "soft")}
    assert {kind: ratio for kind, ratio in pairs.items() if ratio < LEAST} == {}
