"""One line a decision: the history of a candidate as people read it, in the CLI, the demo and the golden files."""

from collections.abc import Sequence
from datetime import datetime
from math import isfinite

from sluice.api.candidate import GateStatus, HistoryEntry, MetricStatus
from sluice.api.verdict import Severity

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400


def line(entry: HistoryEntry, start: datetime) -> str:
    """Return one decision as one line: time since `start`, phase that follows, weight, reason, message."""
    passed = elapsed((datetime.fromisoformat(entry.time) - start).total_seconds())
    return f"{passed:>9}  {entry.phase:<12} {entry.weight:>3} %  {entry.reason:<19} {printable(entry.message)}".rstrip()


def lines(history: Sequence[HistoryEntry], start: datetime) -> list[str]:
    """Return the whole history, a line each."""
    return [line(entry, start) for entry in history]


def gate_line(gate: GateStatus) -> str:
    """Return what one offline gate said."""
    name = gate.name if gate.severity is Severity.BLOCKING else f"{gate.name} (advisory)"
    return f"{gate.verdict:<12} {name}: {printable(gate.message)}"


def metric_line(metric: MetricStatus) -> str:
    """Return the evidence on one live metric: bad events/requests of both arms, their ratio, and what they prove."""
    name = metric.name if metric.required else f"{metric.name} (not required)"
    arms = f"candidate {metric.candidate or '-'}, stable {metric.stable or '-'}{_ratio(metric)}"
    evidence = f"against {metric.evidence_against or '-'}, for {metric.evidence_for or '-'}"
    return f"{metric.verdict:<12} {name}: {arms}; evidence {evidence}; {printable(metric.message)}".rstrip(" ;")


def _ratio(metric: MetricStatus) -> str:
    interval = f" ({metric.ratio_interval})" if metric.ratio_interval else ""
    return f", ratio {metric.ratio}{interval}" if metric.ratio else ""


def part_of(evidence: str) -> float | None:
    """Return "1.20 of 2.40" as 0.5; None for anything else."""
    reached, _, needed = evidence.partition(" of ")
    try:
        part = float(reached) / float(needed)
    except (ValueError, ZeroDivisionError):
        return None
    return part if isfinite(part) else None


def elapsed(seconds: float) -> str:
    """Return a duration as +MM:SS, +H:MM:SS or +Dd HH:MM; a negative one (clocks differ) as +00:00."""
    whole = max(0, int(seconds))
    if whole < _HOUR:
        return f"+{whole // _MINUTE:02d}:{whole % _MINUTE:02d}"
    if whole < _DAY:
        return f"+{whole // _HOUR}:{whole % _HOUR // _MINUTE:02d}:{whole % _MINUTE:02d}"
    return f"+{whole // _DAY}d {whole % _DAY // _HOUR:02d}:{whole % _HOUR // _MINUTE:02d}"


def printable(text: str) -> str:
    """Return text on one line, without control characters: it may hold what a stranger wrote."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
