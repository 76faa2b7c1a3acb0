"""Pictures as inline SVG: drawn for a phone's width and scaled up, coloured by the page's style sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 34
_TICKS = 4


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis: its range, what it shows, and how a number on it reads."""

    low: float
    high: float
    title: str = ""
    unit: str = ""

    def ticks(self) -> Sequence[float]:
        """Return round numbers over the range."""
        span = self.high - self.low
        if span <= 0:
            return [self.low]
        rough = span / _TICKS
        scale = 10.0 ** floor(log10(rough))
        step = next(scale * times for times in (1, 2, 2.5, 5, 10) if scale * times >= rough)
        return [step * place for place in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]

    def part(self, value: float) -> float:
        """Return where a value lies: 0..1."""
        return min(max((value - self.low) / ((self.high - self.low) or 1.0), 0.0), 1.0)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A frame with axes; `draw` puts marks into it."""

    x: Axis
    y: Axis
    label: str
    """What the picture shows, for those who do not see it."""
    height: int = HEIGHT

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point."""
        across = LEFT + self.x.part(x) * (WIDTH - LEFT - RIGHT)
        return across, self.height - BOTTOM - self.y.part(y) * (self.height - TOP - BOTTOM)

    def draw(self, *marks: str) -> str:
        """Return the picture."""
        body = "".join((*self._grid(), *marks))
        box = f'viewBox="0 0 {WIDTH} {self.height}"'
        return f'<svg {box} role="img" aria-label="{escape(self.label)}">{body}</svg>'

    def _grid(self) -> Iterator[str]:
        bottom = self.height - BOTTOM
        for value in self.y.ticks() if self.y.high > self.y.low else ():
            _, y = self.at(self.x.low, value)
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            yield text(LEFT - 5, y + 4, _number(value) + self.y.unit, "end")
        for value in self.x.ticks():
            x, _ = self.at(value, self.y.low)
            yield f'<path class="grid" d="M{x:.1f} {bottom}v4"/>'
            yield text(x, bottom + 15, _number(value) + self.x.unit, "middle")
        yield text((LEFT + WIDTH - RIGHT) / 2, self.height - 4, self.x.title, "middle")


def text(x: float, y: float, words: str, anchor: str = "start") -> str:
    """Return words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def line(chart: Chart, points: Sequence[tuple[float, float]], kind: str) -> str:
    """Return a line through points."""
    if not points:
        return ""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (chart.at(*point) for point in points))
    return f'<polyline class="line {kind}" points="{places}"/>'


def steps(chart: Chart, values: Sequence[float], of: int, kind: str) -> str:
    """Return the curve of how many of so many trials had come so far by when, in percent."""
    points = [(chart.x.low, 0.0)]
    for place, value in enumerate(sorted(values)):
        points += [(value, 100 * place / of), (value, 100 * (place + 1) / of)]
    if values:
        points.append((chart.x.high, points[-1][1]))
    return line(chart, points, kind)


def dot(chart: Chart, point: tuple[float, float], kind: str) -> str:
    """Return a dot."""
    x, y = chart.at(*point)
    return f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>'


def stack(parts: Sequence[tuple[str, int]], label: str) -> str:
    """Return one bar made of parts: kind and size."""
    total, x, pieces = sum(size for _, size in parts) or 1, 0.0, []
    for kind, size in parts:
        width = WIDTH * size / total
        pieces.append(f'<rect class="fill {kind}" x="{x:.1f}" y="0" width="{width:.1f}" height="26"/>')
        if width > WIDTH / 10:
            pieces.append(f'<text class="on" x="{x + width / 2:.1f}" y="18" text-anchor="middle">{size}</text>')
        x += width
    return f'<svg viewBox="0 0 {WIDTH} 26" role="img" aria-label="{escape(label)}">{"".join(pieces)}</svg>'


@dataclass(frozen=True, kw_only=True)
class Range:
    """A row of `ranges`: from low to high with the middle marked, and a limit."""

    name: str
    low: float
    middle: float
    high: float
    limit: float


def ranges(rows: Sequence[Range], axis: Axis, label: str) -> str:
    """Return ranges below each other."""
    row_height = 28
    chart = Chart(x=axis, y=Axis(low=0, high=0), label=label, height=TOP + BOTTOM + row_height * len(rows))
    marks = []
    for place, row in enumerate(rows):
        y = TOP + row_height * (place + 0.5)
        (low, _), (middle, _), (high, _), (limit, _) = (
            chart.at(value, 0) for value in (row.low, row.middle, row.high, row.limit)
        )
        marks.append(text(LEFT - 5, y + 4, row.name, "end"))
        marks.append(
            f'<rect class="fill good" x="{low:.1f}" y="{y - 5:.1f}" width="{high - low + 1:.1f}" height="10"/>'
        )
        marks.append(f'<path class="mark" d="M{middle:.1f} {y - 9:.1f}v18"/>')
        if axis.part(row.limit) < 1:
            marks.append(f'<path class="limit" d="M{limit:.1f} {y - 11:.1f}v22"/>')
    return chart.draw(*marks)


def _number(value: float) -> str:
    return f"{value:.4g}"
