"""The confusion matrix as a table: how the candidate predicts each class, and by how much that is more or less."""

from html import escape

from sluice.core.gates.wording import percent
from sluice.core.timeline import printable
from sluice.report.items import Confusion

STRONGEST = 55.0
"""So much of its colour, in percent, has the cell that changed most: words on it stay readable."""
_FULL = 0.1
"""A change by this share of a row is coloured fully."""


def confusion(found: Confusion) -> str:
    """Return the matrix: rows are true classes, columns what the candidate says, in shares of the row."""
    head = "".join(f"<th>{_name(name)}</th>" for name in found.predicted)
    rows = "".join(_row(found, actual) for actual in found.actual)
    change = " Below: change against the champion, in items and points." if found.champion is not None else ""
    note = f"Rows: the true class. Columns: what the candidate says, in items and as a share of the row.{change}"
    table = f'<table class="cells"><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="wide">{table}</div><p class="soft">{escape(note)}</p>'


def _row(found: Confusion, actual: str) -> str:
    items = sum(count for (label, _), count in found.candidate.items() if label == actual)
    cells = "".join(_cell(found, actual, said, items) for said in found.predicted)
    return f"<tr><th>{_name(actual)}<br><small>{items:,}</small></th>{cells}</tr>"


def _cell(found: Confusion, actual: str, said: str, items: int) -> str:
    now = found.candidate.get((actual, said), 0)
    body = f"<b>{percent(now / items)}</b><small>{now:,}</small>"
    if found.champion is None:
        return f"<td>{body}</td>"
    more = now - found.champion.get((actual, said), 0)
    kind = "" if not more else ("better" if (more > 0) is (actual == said) else "worse")
    part = min(abs(more) / items / _FULL, 1.0) * STRONGEST
    change = f"<br><small>{_signed(more)} ({_signed(more, 100 / items)})</small>"
    return f'<td class="{kind}" style="--part:{part:.0f}%">{body}{change}</td>'


def _signed(count: int, times: float | None = None) -> str:
    if not count:
        return "±0"
    size = f"{abs(count):,}" if times is None else f"{abs(count) * times:.1f}"
    return f"{'+' if count > 0 else '-'}{size}"


def _name(text: str) -> str:
    return escape(printable(text))
