"""What changed between two looks at a candidate, as lines to append: nothing is said twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sluice.api.candidate import HistoryEntry, MetricStatus
from sluice.api.verdict import Verdict
from sluice.cli.view import View
from sluice.core.timeline import gate_line, line, metric_line

_INDENT = " " * 11


@dataclass
class Told:
    """What has been said."""

    last: HistoryEntry | None = None
    gates: str = ""
    """Digest of the evaluation whose gates were told."""
    metrics: dict[str, tuple[int, Verdict]] = field(default_factory=dict)
    """Step and verdict of each live metric."""
    waits_for: str = ""
    """The reason of what was waited for."""


def news(view: View, told: Told) -> Iterator[str]:
    """Yield the lines that were not said yet, and note them in `told`."""
    yield from _gates(view, told)
    yield from _metrics(view, told)
    yield from _history(view, told)
    waits_for = view.waits_for()
    reason = waits_for.partition(":")[0]
    if waits_for and reason != told.waits_for:
        yield f"{_INDENT}waits for {waits_for}"
    told.waits_for = reason


def _history(view: View, told: Told) -> Iterator[str]:
    history = view.status.history
    known = history.index(told.last) + 1 if told.last in history else 0
    for entry in history[known:]:
        yield line(entry, view.created)
        told.last = entry


def _gates(view: View, told: Told) -> Iterator[str]:
    evaluation = view.status.evaluation
    if evaluation is None or evaluation.verdict is None or told.gates == evaluation.job_name:
        return
    told.gates = evaluation.job_name
    for gate in evaluation.gates:
        yield f"{_INDENT}{gate_line(gate)}"


def _metrics(view: View, told: Told) -> Iterator[str]:
    step = view.status.traffic.step if view.status.traffic is not None else 0
    for metric in view.status.metrics:
        if _changed(metric, step, told):
            yield f"{_INDENT}{metric_line(metric)}"


def _changed(metric: MetricStatus, step: int, told: Told) -> bool:
    before, now = told.metrics.get(metric.name), (step, metric.verdict)
    told.metrics[metric.name] = now
    return before != now
