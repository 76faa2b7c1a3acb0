"""What changed between two looks at a candidate, as lines to append: nothing is said twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sluice.api.candidate import HistoryEntry, MetricStatus
from sluice.api.conditions import Reason
from sluice.api.verdict import Verdict
from sluice.cli.view import View
from sluice.core.timeline import gate_line, line, metric_line

_INDENT = " " * 11
_VERDICTS = frozenset({Reason.GATES_PASSED, Reason.GATES_FAILED, Reason.GATES_INCONCLUSIVE})
"""Decisions that the gates' own lines stand before."""


@dataclass
class Told:
    """What has been said."""

    last: HistoryEntry | None = None
    metrics: dict[str, tuple[int, Verdict]] = field(default_factory=dict)
    """Step and verdict of each live metric."""
    waits_for: str = ""
    """The reason of what was waited for."""


def news(view: View, told: Told) -> Iterator[str]:
    """Yield the lines that were not said yet, and note them in `told`."""
    yield from _metrics(view, told)
    yield from _history(view, told)
    waits_for = view.waits_for()
    reason = waits_for.partition(":")[0]
    just_said = told.last is not None and told.last.reason == reason
    if waits_for and reason != told.waits_for and not just_said:
        yield f"{_INDENT}waits for {waits_for}"
    told.waits_for = reason


def _history(view: View, told: Told) -> Iterator[str]:
    history = view.status.history
    known = history.index(told.last) + 1 if told.last in history else 0
    for entry in history[known:]:
        if entry.reason in _VERDICTS and view.status.evaluation is not None:
            yield from (f"{_INDENT}{gate_line(gate)}" for gate in view.status.evaluation.gates)
        yield line(entry, view.created)
        told.last = entry


def _metrics(view: View, told: Told) -> Iterator[str]:
    step = view.status.traffic.step if view.status.traffic is not None else 0
    for metric in view.status.metrics:
        if _changed(metric, step, told):
            yield f"{_INDENT}{metric_line(metric)}"


def _changed(metric: MetricStatus, step: int, told: Told) -> bool:
    before, now = told.metrics.get(metric.name), (step, metric.verdict)
    told.metrics[metric.name] = now
    return before != now
