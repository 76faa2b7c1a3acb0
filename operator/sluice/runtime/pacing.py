"""When a candidate is looked at next: soon after its samples can be read, in slots of one clock that share a read.

How soon follows from the samples themselves: scrapes are regular, so the next round of evidence is complete an interval
after the last one. What was expected and not there yet is waited for a little longer from then on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from zlib import crc32

from sluice.api.candidate import TrafficStatus
from sluice.core.analysis.rules import rules_of
from sluice.core.analysis.samples import Series
from sluice.core.observed import LivePlan, Observed
from sluice.core.sampled import sampled

SLOT_SECONDS = 0.25
"""Ticks begin at whole slots of one clock, so that those of a slot share a read, whatever their length."""
FIRST_MARGIN = 0.05
"""Seconds from a scrape until it is looked for, as long as it has always been there."""
MOST_MARGIN = 1.0
_ALIKE = 0.02
"""A tick and a scrape interval keep step when one is a multiple of the other, but for so much of it."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a candidate's evidence grows."""

    complete: float
    """Unix seconds of a moment at which a round was complete; others are whole intervals away."""
    margin: float = FIRST_MARGIN
    """How long after that it is read."""


def until_slot(now: float, tick_seconds: float, name: str, rhythm: Rhythm | None = None) -> float:
    """Return the seconds until the next tick of `name`; names without a rhythm are spread over the slots of a tick."""
    slots = max(1, int(tick_seconds // SLOT_SECONDS))
    slot = crc32(name.encode()) % slots if rhythm is None else ceil((rhythm.complete + rhythm.margin) / SLOT_SECONDS)
    wait = (slot * SLOT_SECONDS - now) % tick_seconds
    return wait if wait > tick_seconds / 10 else wait + tick_seconds


def rhythm_of(observed: Observed, last: Rhythm | None) -> Rhythm | None:
    """Return when evidence grows, by the samples of a pass; what was known before when they do not tell."""
    traffic, plan, samples = observed.candidate.status.traffic, observed.plan, observed.samples or {}
    if traffic is None or not isinstance(plan, LivePlan):
        return None
    rules = plan.spec.traffic
    for name, rule in rules_of(rules).items():
        series = samples.get(name)
        if isinstance(series, tuple) and series:
            newest = _newest(series, rule.signal.arm_label)
            interval = _interval(observed, name, rules.tick_seconds)
            return None if interval is None else _rhythm(newest, traffic, interval, observed, last)
    return last


def _newest(series: Sequence[Series], arm_label: str) -> Mapping[str, Sequence[float]]:
    """Return the times of the newest samples by arm."""
    found: dict[str, list[float]] = {}
    for one in series:
        found.setdefault(one.labels.get(arm_label, ""), []).append(one.newest)
    return found


def _interval(observed: Observed, metric: str, tick: float) -> float | None:
    """Return the scrape interval; None when ticks cannot keep step with it."""
    measured = sampled(observed, metric)
    if measured is None or not measured.interval:
        return None
    times = max(tick, measured.interval) / min(tick, measured.interval)
    return measured.interval if abs(times - round(times)) <= _ALIKE * times else None


def _rhythm(
    newest: Mapping[str, Sequence[float]],
    traffic: TrafficStatus,
    interval: float,
    observed: Observed,
    last: Rhythm | None,
) -> Rhythm | None:
    """Return it for two arms: a round ends with a candidate scrape, and is complete with the stable scrapes after."""
    mine, theirs = newest.get(traffic.predictor, ()), newest.get(traffic.stable, ())
    if not mine or not theirs:
        return None
    end, latest = max(mine), max(theirs)
    living = [time for time in theirs if time > latest - 2 * interval]
    complete = end + max((time - end) % interval for time in living)
    margin = FIRST_MARGIN if last is None else last.margin
    missed = last is not None and observed.late_seconds is not None and observed.now.timestamp() - latest > interval
    return Rhythm(complete, min(2 * margin, MOST_MARGIN, interval / 2) if missed else margin)
