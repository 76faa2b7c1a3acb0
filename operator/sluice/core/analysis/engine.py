"""The way in: take in the samples read since last time, and say what they mean for the step."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from sluice.core.analysis.deltas import Cursor, Delta, Track, track
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.judge import Look, judge
from sluice.core.analysis.rounds import Clock, Joint, next_round
from sluice.core.analysis.routing import Seen
from sluice.core.analysis.samples import Arms, Pod, Series, pods
from sluice.core.analysis.settings import Settings, Step
from sluice.core.analysis.signals import Signal
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import MetricVerdict

FORGET_SECONDS = 600.0
"""A pod without samples for this long is forgotten: if it returns, it starts anew."""


@frozen
class Context:
    """What the samples are held against."""

    settings: Settings
    step: Step
    arms: Arms
    now: float
    """Unix seconds, by the clock that the samples were read at."""
    signal: Signal


@frozen
class Course:
    """What one metric made of the pods that were seen: the rounds that were complete, and its state after each."""

    pods: tuple[Pod, ...]
    context: Context
    before: State
    taken: Sequence[tuple[Joint, State]]
    after: State

    def shared(self, state: State, found: tuple[Pod, ...], context: Context) -> bool:
        """Return whether another metric comes by the same rounds, and they say the same of both arms."""
        mine = self.context
        return (
            found is self.pods
            and context.step == mine.step
            and context.settings.compares_as(mine.settings)
            and _wanted(state, context.settings) == _wanted(self.before, mine.settings)
            and state.compares_as(self.before)
        )


class Sightings:
    """What was made out of one read of samples: once for all metrics that count the same."""

    def __init__(self) -> None:
        self._made: list[tuple[Signal, Mapping[str, float], Sequence[Series], tuple[Pod, ...]]] = []
        self._courses: list[Course] = []

    def pods(self, series: Sequence[Series], context: Context, since: Mapping[str, float]) -> tuple[Pod, ...]:
        """Return the pods of both arms with their samples from `since` on."""
        for signal, times, given, made in self._made:
            if signal is context.signal and times == since and given == series:
                return made
        found = pods(series, context.arms, context.signal, context.settings.stale_seconds, since)
        self._made.append((context.signal, since, series, found))
        return found

    def course(self, state: State, found: tuple[Pod, ...], context: Context) -> Course:
        """Return every round that is complete, and the state after each."""
        for known in self._courses:
            if known.shared(state, found, context):
                return _followed(state, known, context)
        course = _course(state, found, context)
        self._courses.append(course)
        return course


def advance(
    state: State, series: Sequence[Series], context: Context, sightings: Sightings | None = None
) -> tuple[State, MetricVerdict]:
    """Take in raw samples and return the new state with the verdict on the metric.

    `series` may reach back as far as one likes: what was used before is not used again. However the samples are
    portioned, and whether or not the state went through a checkpoint in between, the outcome is the same. `sightings`
    are shared by the metrics of one candidate that were read at once.
    """
    course = take(state, series, context, sightings or Sightings())
    return course.after, verdict_on(course)


def take(state: State, series: Sequence[Series], context: Context, sightings: Sightings) -> Course:
    """Take in raw samples, as `advance` does, and return the way there."""
    since = {key: cursor.time for key, cursor in state.cursors.items()}
    return sightings.course(_enter(state, context), sightings.pods(series, context, since), context)


def unread(state: State, context: Context) -> Course:
    """Return the course of a metric of which the provider gave no samples."""
    entered = _enter(state, context)
    return Course((), context, entered, (), entered)


def verdict_on(course: Course, problem: str = "") -> MetricVerdict:
    """Return what the metric says now; `problem` says why nothing was read."""
    context = course.context
    look = Look(course.pods, context.arms, context.step, context.now, context.signal, problem)
    return judge(course.after, look, context.settings)


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


def _course(before: State, found: tuple[Pod, ...], context: Context) -> Course:
    """Use every round that is complete."""
    state, cursors, taken = before, before.cursors, []
    tracks = [track(pod, cursors.get(pod.key), context.signal, context.settings.warm_up_seconds) for pod in found]
    newest = max([_end(one) for one in tracks], default=0.0)
    if any(cursors.get(one.key) is not one.cursor for one in tracks):
        state = replace(state, cursors={**cursors, **{one.key: one.cursor for one in tracks}})
    candidate, stable = _arms(tracks, context.arms)
    while any(one.deltas for one in candidate):
        joint = next_round(candidate, stable, _clock(newest, state, context.settings))
        if joint is None:
            break
        state = _absorb(state, joint, context)
        taken.append((joint, state))
        candidate, stable = _rest(candidate, state.cursors), _rest(stable, state.cursors)
    return Course(found, context, before, taken, state)


def _followed(state: State, known: Course, context: Context) -> Course:
    """Return the same rounds as those of another metric that compares the same."""
    evidence, taken = state.evidence, []
    for joint, after in known.taken:
        evidence = evidence.beside(after.evidence, joint.channels, context.settings)
        taken.append((joint, replace(after, evidence=evidence)))
    return Course(known.pods, context, state, taken, replace(known.after, evidence=evidence))


def _clock(newest: float, state: State, settings: Settings) -> Clock:
    """Return the times that rounds depend on."""
    return Clock(newest, settings.stale_seconds, settings.pool_seconds, _wanted(state, settings))


def _wanted(state: State, settings: Settings) -> tuple[str, ...]:
    """Return the channels to count: once bounds are chosen no others are."""
    wanted = tuple(state.evidence.channels)
    if wanted and settings.hard_limit is not None and settings.hard_limit.channel not in wanted:
        return (*wanted, settings.hard_limit.channel)
    return wanted


def _arms(tracks: Sequence[Track], arms: Arms) -> tuple[list[Track], list[Track]]:
    return [one for one in tracks if one.arm == arms.candidate], [one for one in tracks if one.arm == arms.stable]


def _absorb(state: State, joint: Joint, context: Context) -> State:
    first = next(iter(joint.channels.values()), None)
    inside = joint.begin >= context.step.started_at and not _warming(joint, context.settings)
    forgotten = joint.end - FORGET_SECONDS
    cursors = {**state.cursors, **joint.cursors}
    return State(
        cursors={key: one for key, one in cursors.items() if one.time >= forgotten},
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


def _rest(tracks: Sequence[Track], cursors: Mapping[str, Cursor]) -> list[Track]:
    """Return what the pods have left."""
    left = [(one, cursors.get(one.key, one.cursor)) for one in tracks]
    return [Track(one.key, one.arm, cursor, _later(one.deltas, cursor.time)) for one, cursor in left]


def _later(deltas: tuple[Delta, ...], time: float) -> tuple[Delta, ...]:
    if not deltas or deltas[-1].end <= time:
        return ()
    return tuple([delta for delta in deltas if delta.end > time])


def _end(one: Track) -> float:
    return one.deltas[-1].end if one.deltas else one.cursor.time
