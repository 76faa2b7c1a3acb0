"""`sluice get`: candidates as a table or as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from sluice.api.conditions import ConditionType
from sluice.api.phase import Phase
from sluice.cli.reader import Reader
from sluice.cli.view import View, of_phase, viewed
from sluice.core.timeline import part_of

FORMATS = ("table", "json")
COLUMNS = ("NAME", "TARGET", "MODEL", "PHASE", "STEP", "WEIGHT", "EVIDENCE", "READY", "REASON", "AGE")
_GAP = 3
_UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which candidates to list (a namespace of None: all), and how."""

    reader: Reader
    namespace: str | None
    name: str
    output: str


def show(request: Request, now: datetime) -> None:
    """Print the candidates."""
    raws = _wanted(request)
    console = Console(soft_wrap=True)
    if request.output == "json":
        console.print(as_json(raws), markup=False, highlight=False)
    elif raws:
        for line in table([viewed(raw) for raw in raws], now, with_namespace=request.namespace is None):
            console.print(line)
    else:
        where = "in any namespace" if request.namespace is None else f"in the namespace {request.namespace}"
        Console(stderr=True).print(f"No ModelCandidate {where}.", highlight=False)


def _wanted(request: Request) -> Sequence[Mapping[str, Any]]:
    if request.name and request.namespace is not None:
        return [request.reader.candidate(request.namespace, request.name)]
    found = request.reader.candidates(request.namespace)
    return [raw for raw in found if request.name in ("", raw["metadata"]["name"])]


def table(views: Sequence[View], now: datetime, *, with_namespace: bool) -> list[Text]:
    """Return the lines that `kubectl get` would print, oldest candidate first: no cell is cut, no line broken."""
    ordered = sorted(views, key=lambda view: (view.namespace, view.created, view.name))
    rows = [[Text(column, style="bold") for column in ("NAMESPACE", *COLUMNS)]]
    rows += [[Text(view.namespace), *row(view, now)] for view in ordered]
    if not with_namespace:
        rows = [cells[1:] for cells in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(cells, widths) for cells in rows]


def _line(cells: Sequence[Text], widths: Sequence[int]) -> Text:
    line = Text()
    for cell, width in zip(cells, widths, strict=True):
        line.append_text(cell).append(" " * (width - len(cell) + _GAP))
    line.rstrip()
    return line


def row(view: View, now: datetime) -> list[Text]:
    """Return the cells of one candidate."""
    traffic, ready = view.status.traffic, view.condition(ConditionType.READY)
    cells = [
        view.name,
        view.spec.target_ref.name,
        view.model,
        view.status.phase.value,
        "" if traffic is None else str(traffic.step + 1),
        "" if traffic is None else f"{traffic.weight}%",
        evidence(view),
        "Unknown" if ready is None else ready.status,
        "" if ready is None else ready.reason.value,
        age((now - view.created).total_seconds()),
    ]
    return [Text(cell, style=of_phase(view.status.phase) if cell is cells[3] else "") for cell in cells]


def evidence(view: View) -> str:
    """Return how far a step's evidence has come: on its way to a breach, or to the pass of the slowest metric."""
    metrics = view.status.metrics
    against = [part for metric in metrics if (part := part_of(metric.evidence_against)) is not None]
    favour = [part for metric in metrics if metric.required and (part := part_of(metric.evidence_for)) is not None]
    if view.status.phase is not Phase.SHIFTING or not against or not favour:
        return ""
    worst, least = _percent(max(against)), _percent(min(favour))
    return f"breach {worst}%" if worst > least else f"pass {least}%"


def _percent(part: float) -> int:
    return round(min(max(part, 0.0), 1.0) * 100)


def age(seconds: float) -> str:
    """Return a duration in its largest whole unit."""
    return next((f"{int(seconds // size)}{unit}" for unit, size in _UNITS if seconds >= size), "0s")


def as_json(raws: Sequence[Mapping[str, Any]]) -> str:
    """Return the objects as the API server has them, as one JSON list."""
    return json.dumps(list(raws), indent=2, ensure_ascii=False)
