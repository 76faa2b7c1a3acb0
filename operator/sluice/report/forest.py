"""Forest plots: rows below each other, each with its estimate, its bounds and perhaps a limit, on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluice.core.timeline import printable
from sluice.report.pictures import BOTTOM, LEFT, TOP, Axis, Chart, text
from sluice.report.rows import Rule

_ROW = 46
_LETTERS = 52
"""As many letters of a name as the picture is wide."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One row: from the lower to the upper bound, the estimate marked, and the limit."""

    name: str
    lower: float
    estimate: float
    upper: float
    limit: float | None
    """None where nothing is to be held against it."""
    kind: str
    """How it is coloured: good, held, bad, none, plain."""


def branch(name: str, rule: Rule, scale: float, kind: str) -> Branch:
    """Return the row of a rule."""
    about = rule.question.quantity
    lower, estimate, upper, limit = (scale * value for value in (about.lower, about.estimate, about.upper, rule.limit))
    return Branch(name=name, lower=lower, estimate=estimate, upper=upper, limit=limit, kind=kind)


def forest(branches: Sequence[Branch], title: str, unit: str, *, zero: bool) -> str:
    """Return the picture; `zero` draws the line of no change."""
    axis = _axis(branches, title, unit, zero=zero)
    chart = Chart(x=axis, y=Axis(low=0, high=0), label=title, height=TOP + BOTTOM + _ROW * len(branches))
    marks = []
    for place, row in enumerate(branches):
        top = TOP + _ROW * place
        marks += [_upright(chart, 0.0, top + 18, top + 38, "grid")] if zero else []
        marks += _branch(chart, row, top)
    return chart.draw(*marks)


def _axis(branches: Sequence[Branch], title: str, unit: str, *, zero: bool) -> Axis:
    values = [value for one in branches for value in (one.lower, one.upper, one.limit) if value is not None]
    low, high = min([*values, *([0.0] if zero else [])]), max([*values, *([0.0] if zero else [])])
    room = (high - low) * 0.06 or abs(high) * 0.06 or 1.0
    return Axis(low=low - room, high=high + room, title=title, unit=unit)


def _branch(chart: Chart, row: Branch, top: float) -> list[str]:
    middle = top + 28
    (low, _), (high, _), (at, _) = (chart.at(value, 0) for value in (row.lower, row.upper, row.estimate))
    line = f'<path class="line {row.kind}" d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 5}v10'
    marks = [
        text(LEFT, top + 14, _short(row.name)),
        f'{line}M{high:.1f} {middle - 5}v10"/>',
        f'<circle class="dot {row.kind}" cx="{at:.1f}" cy="{middle}" r="4.5"/>',
    ]
    return marks if row.limit is None else [*marks, _upright(chart, row.limit, middle - 9, middle + 9, "limit")]


def _short(name: str) -> str:
    plain = printable(name)
    return plain if len(plain) <= _LETTERS else f"{plain[: _LETTERS - 1]}…"


def _upright(chart: Chart, value: float, top: float, bottom: float, kind: str) -> str:
    x, _ = chart.at(value, 0)
    return f'<path class="{kind}" d="M{x:.1f} {top:.1f}V{bottom:.1f}"/>'
