"""Numbers as people read them, and lines of a table: nothing is cut, nothing is broken."""

from collections.abc import Sequence

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_FEW = 10
_GAP = 3


def duration(seconds: float) -> str:
    """Return a time in the unit that fits: 45 s, 12 min, 3.5 h, 2.0 d."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return _short(seconds / _HOUR, "h")
    return _short(seconds / _DAY, "d")


def percent(share: float) -> str:
    """Return a share with up to four digits: 0.25 %, 12 %."""
    return f"{100 * share:.4g} %"


def ratio(times: float) -> str:
    """Return a factor: 1.5x."""
    return f"{times:g}x"


def _short(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if value < _FEW else f"{value:.0f} {unit}"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with columns below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    gap = " " * _GAP
    return [gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
