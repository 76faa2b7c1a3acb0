"""The way in: take in the samples read since last time, and say what they mean for the step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from sluice.core.analysis.deltas import Cursor, Track, track
from sluice.core.analysis.judge import Look, judge
from sluice.core.analysis.rounds import Clock, Joint, next_round
from sluice.core.analysis.routing import Seen
from sluice.core.analysis.samples import Arms, Series, pods
from sluice.core.analysis.settings import Settings, Step
from sluice.core.analysis.signals import Signal
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import MetricVerdict

FORGET_SECONDS = 600.0
"""A pod without samples for this long is forgotten: if it returns, it starts anew."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the samples are held against."""

    settings: Settings
    step: Step
    arms: Arms
    now: float
    """Unix seconds, by the clock that the samples were read at."""
    signal: Signal


def advance(state: State, series: Sequence[Series], context: Context) -> tuple[State, MetricVerdict]:
    """Take in raw samples and return the new state with the verdict on the metric.

    `series` may reach back as far as one likes: what was used before is not used again. However the samples are
    portioned, and whether or not the state went through a checkpoint in between, the outcome is the same.
    """
    signal, settings = context.signal, context.settings
    since = {key: cursor.time for key, cursor in state.cursors.items()}
    found = pods(series, context.arms, signal, settings.stale_seconds, since)
    tracks = [track(pod, state.cursors.get(pod.key), signal, settings.warm_up_seconds) for pod in found]
    after = _take(_enter(state, context), tracks, context)
    return after, judge(after, Look(found, context.arms, context.step, context.now, signal), settings)


def unread(state: State, problem: str, context: Context) -> MetricVerdict:
    """Return the verdict when the provider gave no samples: `problem` says why, and the state stays as it is."""
    look = Look((), context.arms, context.step, context.now, context.signal, problem)
    return judge(_enter(state, context), look, context.settings)


def window_seconds(state: State, now: float, settings: Settings) -> int:
    """Return how far back samples must be read: to the oldest that a pod which still lives was left at, and some."""
    end, stale = state.end or 0.0, settings.stale_seconds
    awaited = [cursor.time for cursor in state.cursors.values() if cursor.time >= end - cursor.patience(stale)]
    if not awaited:
        return ceil(settings.pool_seconds + 2 * stale)
    return ceil(min(max(now - min(awaited), 0.0) + stale, FORGET_SECONDS))


def _enter(state: State, context: Context) -> State:
    """Begin the step's own evidence when it is a new step."""
    step = context.step
    if state.step == step.index:
        return state
    evidence = state.evidence.enter(step, first=state.step is None)
    return replace(state, step=step.index, evidence=evidence, seen=Seen())


def _take(state: State, tracks: Sequence[Track], context: Context) -> State:
    """Use every round that is complete."""
    begun = {one.key: one.cursor for one in tracks}
    newest = max([_end(one) for one in tracks], default=0.0)
    state = replace(state, cursors={**state.cursors, **begun})
    while any(one.deltas for one in tracks if one.arm == context.arms.candidate):
        joint = next_round(*_arms(tracks, context.arms), _clock(newest, state, context.settings))
        if joint is None:
            break
        state = _absorb(state, joint, context)
        tracks = [_rest(one, state.cursors) for one in tracks]
    return state


def _clock(newest: float, state: State, settings: Settings) -> Clock:
    """Return the times that rounds depend on. Once bounds are chosen no others are counted."""
    wanted = dict.fromkeys(state.evidence.channels)
    if wanted and settings.hard_limit is not None:
        wanted[settings.hard_limit.channel] = None
    return Clock(newest, settings.stale_seconds, settings.pool_seconds, tuple(wanted))


def _arms(tracks: Sequence[Track], arms: Arms) -> tuple[list[Track], list[Track]]:
    return [one for one in tracks if one.arm == arms.candidate], [one for one in tracks if one.arm == arms.stable]


def _absorb(state: State, joint: Joint, context: Context) -> State:
    first = next(iter(joint.channels.values()), None)
    inside = joint.begin >= context.step.started_at and not _warming(joint, context.settings)
    cursors = {**state.cursors, **joint.cursors}
    return State(
        cursors={key: one for key, one in cursors.items() if one.time >= joint.end - FORGET_SECONDS},
        end=joint.end,
        step=state.step,
        seen=state.seen.extend(first.counts) if inside and first is not None else state.seen,
        disjoint=joint.disjoint,
        evidence=state.evidence.extend(joint, context.step, context.settings),
    )


def _warming(joint: Joint, settings: Settings) -> bool:
    """Return whether requests of a pod are left out: the shares of the others then say nothing about routing."""
    warm_up = settings.warm_up_seconds
    return warm_up > 0 and any(one.since + warm_up > joint.begin for one in joint.cursors.values())


def _rest(one: Track, cursors: Mapping[str, Cursor]) -> Track:
    cursor = cursors.get(one.key, one.cursor)
    return Track(one.key, one.arm, cursor, tuple([delta for delta in one.deltas if delta.end > cursor.time]))


def _end(one: Track) -> float:
    return one.deltas[-1].end if one.deltas else one.cursor.time
