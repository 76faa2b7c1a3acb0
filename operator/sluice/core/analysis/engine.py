"""The way in: take in the samples read since last time, and say what they mean for the step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sluice.core.analysis import progress as passing
from sluice.core.analysis.deltas import Cursor, Track, track
from sluice.core.analysis.judge import Look, judge
from sluice.core.analysis.rounds import Clock, Round, next_round
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
    found = pods(series, context.arms, signal, settings.stale_seconds)
    tracks = [track(pod, state.cursors.get(pod.key), signal, settings.warm_up_seconds) for pod in found]
    after = _take(_enter(state, context), tracks, context)
    return after, judge(after, Look(found, context.arms, context.step, context.now), settings)


def unread(state: State, problem: str, context: Context) -> MetricVerdict:
    """Return the verdict when the provider gave no samples: `problem` says why, and the state stays as it is."""
    look = Look((), context.arms, context.step, context.now, problem)
    return judge(_enter(state, context), look, context.settings)


def window_seconds(state: State, now: float, settings: Settings) -> int:
    """Return how far back samples must be read: to the last round, with room for one that is still open."""
    room = settings.pool_seconds + 2 * settings.stale_seconds
    since = now - state.end if state.end is not None else 0.0
    return int(min(max(since, 0.0) + room, FORGET_SECONDS))


def _enter(state: State, context: Context) -> State:
    """Begin the step's own evidence when it is a new step."""
    step = context.step
    if state.step == step.index:
        return state
    breach = state.breach if state.step is None else state.breach.restart(step.started_at, context.settings)
    return replace(state, step=step.index, breach=breach, progress=passing.fresh(), seen=Seen())


def _take(state: State, tracks: Sequence[Track], context: Context) -> State:
    """Use every round that is complete."""
    begun = {one.key: one.cursor for one in tracks}
    newest = max((_end(one) for one in tracks), default=0.0)
    clock = Clock(newest, context.settings.stale_seconds, context.settings.pool_seconds)
    state = replace(state, cursors={**state.cursors, **begun})
    while done := next_round(*_arms(tracks, context.arms), clock):
        state = _forget(_absorb(state, done, context))
        tracks = [_rest(one, state.cursors) for one in tracks]
    return state


def _arms(tracks: Sequence[Track], arms: Arms) -> tuple[list[Track], list[Track]]:
    return [one for one in tracks if one.arm == arms.candidate], [one for one in tracks if one.arm == arms.stable]


def _absorb(state: State, done: Round, context: Context) -> State:
    inside = done.begin >= context.step.started_at
    return replace(
        state,
        cursors={**state.cursors, **done.cursors},
        end=done.end,
        breach=state.breach.extend(done, context.settings),
        progress=state.progress.extend(done, context.step),
        seen=state.seen.extend(done.counts) if inside else state.seen,
        total=state.total + done.counts,
    )


def _forget(state: State) -> State:
    limit = (state.end or 0.0) - FORGET_SECONDS
    return replace(state, cursors={key: cursor for key, cursor in state.cursors.items() if cursor.time >= limit})


def _rest(one: Track, cursors: Mapping[str, Cursor]) -> Track:
    cursor = cursors.get(one.key, one.cursor)
    return replace(one, cursor=cursor, deltas=tuple(delta for delta in one.deltas if delta.end > cursor.time))


def _end(one: Track) -> float:
    return one.deltas[-1].end if one.deltas else one.cursor.time
