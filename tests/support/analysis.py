"""Builders for the live analysis: contexts, rounds and a way to feed a scraped world."""

from collections.abc import Iterable

from sluice.core.analysis.checkpoint import dumps, loads
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.engine import Context, advance
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.samples import Arms
from sluice.core.analysis.settings import Settings, Step
from sluice.core.analysis.signals import Signal
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import MetricVerdict
from tests.support.scraped import Scraped

ARMS = Arms("candidate", "stable")


def step(**overrides: float) -> Step:
    """Build a step at 10 % that began at 0."""
    base = {"index": 0, "started_at": 0.0, "weight": 0.1, "margin": 3.0, "floor": 0.005}
    return Step(**{**base, **overrides})  # type: ignore[arg-type]


def context(
    now: float, *, at: Step | None = None, settings: Settings | None = None, signal: Signal | None = None
) -> Context:
    """Build what samples are held against."""
    return Context(settings or Settings(), at or step(), ARMS, now, signal or ErrorRate())


def counts(candidate: tuple[float, float] = (0, 0), stable: tuple[float, float] = (0, 0)) -> Counts:
    """Build counts from (failures, requests) of both arms."""
    return Counts(*candidate, *stable)


def done(of: Counts, begin: float = 0.0, end: float | None = None) -> Round:
    """Build a round of five seconds."""
    return Round(begin, begin + 5 if end is None else end, of)


def feed(
    world: Scraped,
    reads: Iterable[float],
    *,
    at: Step | None = None,
    settings: Settings | None = None,
    signal: Signal | None = None,
) -> tuple[State, MetricVerdict]:
    """Read the world at these times, each through a checkpoint, and return the last state and verdict."""
    state, verdict = State(), None
    for now in reads:
        asked = context(now, at=at, settings=settings, signal=signal)
        state, verdict = advance(through(state), world.series(until=now), asked)
    assert verdict is not None
    return state, verdict


def through(state: State) -> State:
    """Write a state to a checkpoint and read it back."""
    return loads(dumps({"metric": state}))["metric"]
