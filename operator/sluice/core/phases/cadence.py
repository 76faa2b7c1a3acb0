"""Whether ticks happen as the plan has them: said once, and a condition while it lasts: never silently stretched."""

from dataclasses import dataclass

from sluice.api.conditions import ConditionType, Reason, find
from sluice.core.analysis.cadence import too_short
from sluice.core.sampled import sampled
from sluice.core.turn import Turn

MISSED_TICKS = 3
"""Fewer in a row are a hiccup: saying so of every candidate would be another load on an operator that has too much."""
CALM_SECONDS = 60.0
"""The condition stays for at least so long: ticks that are late now and then do not make it flicker."""


@dataclass(frozen=True)
class Misfit:
    """Why a tick is not what the plan has."""

    reason: Reason
    message: str


def watched(turn: Turn, tick_seconds: int) -> Turn:
    """Set or drop the condition."""
    misfit = _misfit(turn, tick_seconds)
    if misfit is not None:
        return _told(turn, misfit).condition(ConditionType.CADENCE_MISMATCH, "True", misfit.reason, misfit.message)
    held = find(turn.status.conditions, ConditionType.CADENCE_MISMATCH)
    calm = held is not None and turn.seconds_since(held.last_transition_time) >= CALM_SECONDS
    return turn.without(ConditionType.CADENCE_MISMATCH) if calm else turn


def _misfit(turn: Turn, tick: int) -> Misfit | None:
    missed, late = turn.observed.missed_ticks, turn.observed.late_seconds or 0.0
    if missed >= MISSED_TICKS:
        message = f"{missed} ticks in a row began late, this one by {late:.0f} s: the operator cannot keep {tick} s"
        return Misfit(Reason.TICK_LATE, message)
    slow = (too_short(tick, sampled(turn.observed, metric)) for metric in turn.observed.samples or ())
    message = next(filter(None, slow), "")
    return Misfit(Reason.TICK_TOO_SHORT, message) if message else None


def _told(turn: Turn, misfit: Misfit) -> Turn:
    """Say it, unless that was said before."""
    known = any(entry.reason is misfit.reason for entry in turn.status.history)
    return turn if known else turn.say(misfit.reason, misfit.message)
