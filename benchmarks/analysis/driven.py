"""Sluice's own evidence, fed with counts: the part of the engine behind the reading of samples.

`tests/unit/benchmarks/test_driven.py` holds it against the whole path from raw samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from benchmarks.analysis.traffic import Traffic
from sluice.core.analysis import progress as passing
from sluice.core.analysis.breach import Breach
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings, Step


@dataclass(frozen=True)
class End:
    """How a rollout ended: one of the two times is finite, or none while it still waits."""

    promoted: float = inf
    rolled_back: float = inf


def breached(traffic: Traffic, run: int, settings: Settings) -> float:
    """Return the time at which one run's evidence crosses; infinity for never."""
    state = Breach()
    for one in rounds(traffic, run):
        state = state.extend(one, settings)
        if state.crossed_at is not None:
            return state.crossed_at
    return inf


def rollout(steps: list[tuple[Step, Traffic]], run: int, settings: Settings) -> End:
    """Return how one run ends that takes each step as soon as its evidence allows."""
    against, began = Breach(), 0.0
    for place, (step, traffic) in enumerate(steps):
        at = Step(step.index, began, step.weight, step.margin, step.floor)
        against = against.restart(began, settings) if place else against
        favour, passed = passing.fresh(), False
        for one in rounds(traffic, run, began):
            against, favour = against.extend(one, settings), favour.extend(one, at)
            if against.crossed_at is not None:
                return End(rolled_back=against.crossed_at)
            passed = _passed(favour, at, settings)
            if passed:
                began = one.end
                break
        if not passed:
            return End()
    return End(promoted=began)


def rounds(traffic: Traffic, run: int, since: float = 0.0) -> Iterator[Round]:
    """Yield the rounds of one run: one a bin."""
    arrays = (
        traffic.candidate_failures[run].tolist(),
        traffic.candidate_requests[run].tolist(),
        traffic.stable_failures[run].tolist(),
        traffic.stable_requests[run].tolist(),
    )
    for place, (failed, served, theirs, others) in enumerate(zip(*arrays, strict=True)):
        begin = since + place * traffic.bin_seconds
        yield Round(begin, begin + traffic.bin_seconds, Counts(failed, served, theirs, others), {})


def _passed(favour: passing.Progress, step: Step, settings: Settings) -> bool:
    if favour.rounds < settings.min_rounds or favour.seconds < settings.min_dwell_seconds:
        return False
    return passing.log_evidence(favour, step) >= passing.threshold(settings)
