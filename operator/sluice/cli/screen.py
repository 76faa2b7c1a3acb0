"""The picture of one candidate on a terminal: who, where, the gates and metrics with their evidence, the timeline."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from sluice.api.candidate import MetricStatus
from sluice.api.verdict import Verdict
from sluice.cli.view import View, of_phase
from sluice.core.timeline import gate_line, lines, metric_line, part_of, printable

_SHOWN = 30
_BAR = 40
_SHORT_BAR = 20
_MARGIN = 15
_COLOURS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.NO_DATA: "yellow",
    Verdict.ERROR: "red",
}


def screen(view: View | None, trouble: str) -> RenderableType:
    """Return the picture; `trouble` says why it may be out of date."""
    parts = [] if view is None else list(_parts(view))
    if trouble:
        parts.append(Text(printable(trouble), style="yellow"))
    return Group(*parts)


def _parts(view: View) -> Iterator[Text]:
    yield _headline(view)
    yield from _weights(view)
    if view.status.evaluation is not None:
        for gate in view.status.evaluation.gates:
            yield Text(f"  {gate_line(gate)}", style=_COLOURS[gate.verdict])
    for metric in view.status.metrics:
        yield Text(f"  {metric_line(metric)}", style=_COLOURS[metric.verdict])
        yield from _evidence(metric)
    yield Text("")
    for text in lines(view.status.history[-_SHOWN:], view.created):
        yield Text(text)
    if not view.over:
        yield Text(f"\nwaits for {view.waits_for()}", style="dim")


def _evidence(metric: MetricStatus) -> Iterator[Text]:
    """Yield how far the evidence has come on its way to a breach and to a pass."""
    against, favour = part_of(metric.evidence_against), part_of(metric.evidence_for)
    if against is None or favour is None:
        return
    bars = Text(" " * _MARGIN + "breach ", style="dim").append(_bar(against), style="red")
    yield bars.append("  pass ", style="dim").append(_bar(favour), style="green")


def _bar(part: float) -> str:
    filled = round(min(max(part, 0.0), 1.0) * _SHORT_BAR)
    return "█" * filled + "░" * (_SHORT_BAR - filled)


def _headline(view: View) -> Text:
    head = Text.assemble((view.name, "bold"), f"  {view.model} for {view.spec.target_ref.name}  ")
    return head.append(view.status.phase, style=f"bold {of_phase(view.status.phase)}")


def _weights(view: View) -> Iterator[Text]:
    traffic = view.status.traffic
    if traffic is None:
        return
    seen = traffic.weight if traffic.observed_weight is None else traffic.observed_weight
    filled = round(seen * _BAR / 100)
    bar = Text("  ").append("█" * filled, style="cyan").append("░" * (_BAR - filled), style="dim")
    yield bar.append(f"  {seen} % candidate (wanted {traffic.weight} %), step {traffic.step + 1}, {traffic.stage}")
