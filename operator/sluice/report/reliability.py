"""The reliability curve: how often a model is right where it is so sure, for both models."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

from sluice.report.items import Bin
from sluice.report.pages import figure
from sluice.report.pictures import Axis, Chart, dot, line

FEW = 10
"""A bin of fewer items says little: it is left out."""
_KINDS = {"champion": "none", "candidate": "plain"}
_CAPTION = (
    "Across: how sure a model is of what it says. Up: how often it is right then. On the grey line its confidence "
    f"can be believed; below it is too sure. Bins with fewer than {FEW} items are left out."
)


def reliability(found: Mapping[str, Sequence[Bin]]) -> str:
    """Return the picture, with what is which above it; nothing where all bins are too small."""
    curves = {arm: [one for one in found.get(arm, ()) if one.items >= FEW] for arm in _KINDS}
    told = [one for bins in curves.values() for one in bins]
    if not told:
        return ""
    low = min(100 * min(one.confidence, one.right) for one in told)
    up = Axis(low=10 * (low // 10), high=100.0, unit=" %")
    chart = Chart(
        x=replace(up, title="confidence, in percent", unit=""),
        y=up,
        label="How often each model is right when it is so sure",
    )
    marks = [line(chart, [(chart.x.low, chart.x.low), (100.0, 100.0)], "ideal")]
    for arm, bins in curves.items():
        points = [(100 * one.confidence, 100 * one.right) for one in bins]
        marks += [line(chart, points, _KINDS[arm]), *(dot(chart, point, _KINDS[arm]) for point in points)]
    keys = " ".join(
        f'<span class="key {_KINDS[arm]}"></span>{escape(arm)}' for arm, bins in reversed(curves.items()) if bins
    )
    return f'<p class="soft">{keys}</p>{figure(chart.draw(*marks), _CAPTION)}'
