"""Where figures go: a JSON file each, and a section each between markers in a page."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1] / "docs/explanation"
PAGE = DOCS / "figures.md"
_HEAD = """# Figures

Measured, not promised: each section is written by its benchmark (`python -m benchmarks.NAME`), which says how, on what
and how often. Numbers for machines are beside this page in `figures/`.
"""


def record(name: str, title: str, text: str, data: Mapping[str, Any], *, page: Path = PAGE) -> None:
    """Write one benchmark's JSON, and its section of the page; all else on the page stays as it is."""
    file = page.parent / "figures" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    known = page.read_text(encoding="utf-8") if page.exists() else _HEAD
    page.write_text(with_section(known, name, f"## {title}\n\n{text.strip()}"), encoding="utf-8")


def recorded(name: str, *, page: Path = PAGE) -> dict[str, Any] | None:
    """Return what a benchmark wrote last; None if it never did."""
    file = page.parent / "figures" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def with_section(page: str, name: str, text: str) -> str:
    """Return the page with this section in the place of the one of that name, or at the end."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = f"{begin}\n{text}\n{end}"
    there = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if there.search(page):
        return there.sub(lambda _: section, page)
    return f"{page.rstrip()}\n\n{section}\n"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in Markdown, its columns aligned so that it also reads well in a terminal."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
