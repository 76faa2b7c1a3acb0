"""Sluice's own evidence, fed with counts: the part of the engine behind the reading of samples.

`tests/unit/benchmarks/test_driven.py` holds it against the whole path from raw samples.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from benchmarks.analysis.traffic import Traffic
from sluice.core.analysis import progress as passing
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.evidence import ONLY, Evidence
from sluice.core.analysis.rounds import Joint, Round
from sluice.core.analysis.settings import Settings, Step

_STEP = Step(index=0, started_at=0.0, weight=0.1, margin=3.0, floor=0.005)
"""What nobody asks for here is whether it passes."""


@dataclass(frozen=True)
class End:
    """How a rollout ended: one of the two times is finite, or none while it still waits."""

    promoted: float = inf
    rolled_back: float = inf


def breached(traffic: Traffic, run: int, settings: Settings, turns: Sequence[float] = ()) -> float:
    """Return the time at which one run's evidence crosses; infinity for never. A step begins at each of `turns`."""
    return crossed(joints(traffic, run), settings, turns)


def crossed(rounds: Iterable[Joint], settings: Settings, turns: Sequence[float] = ()) -> float:
    """Return the same of any rounds."""
    evidence, step, later = Evidence().enter(_STEP, first=True), _STEP, list(turns)
    for joint in rounds:
        if later and joint.begin >= later[0]:
            step = replace(step, index=step.index + 1, started_at=later.pop(0))
            evidence = evidence.enter(step, first=False)
        evidence = evidence.extend(joint, step, settings)
        if evidence.crossed_at is not None:
            return evidence.crossed_at
    return inf


def rollout(steps: Sequence[tuple[Step, Traffic]], run: int, settings: Settings) -> End:
    """Return how one run ends that takes each step as soon as its evidence allows."""
    evidence, began = Evidence(), 0.0
    for place, (planned, traffic) in enumerate(steps):
        step = replace(planned, started_at=began)
        evidence, passed = evidence.enter(step, first=place == 0), False
        for joint in joints(traffic, run, began):
            evidence = evidence.extend(joint, step, settings)
            if evidence.crossed_at is not None:
                return End(rolled_back=evidence.crossed_at)
            passed = _passed(evidence, step, settings)
            if passed:
                began = joint.end
                break
        if not passed:
            return End()
    return End(promoted=began)


def joints(traffic: Traffic, run: int, since: float = 0.0) -> Iterator[Joint]:
    """Yield the rounds of one run: one a bin."""
    arrays = (
        traffic.candidate_failures[run].tolist(),
        traffic.candidate_requests[run].tolist(),
        traffic.stable_failures[run].tolist(),
        traffic.stable_requests[run].tolist(),
    )
    pods = [(served[run].tolist(), failed[run].tolist()) for served, failed in traffic.pods]
    for place, counts in enumerate(zip(*arrays, strict=True)):
        begin = since + place * traffic.bin_seconds
        end = begin + traffic.bin_seconds
        strata = [(served[place], failed[place]) for served, failed in pods]
        yield Joint(begin, end, {ONLY: Round(begin, end, Counts(*counts), strata)})


def _passed(evidence: Evidence, step: Step, settings: Settings) -> bool:
    channel = evidence.channels[ONLY]
    favour = channel.progress
    if favour.rounds < settings.min_rounds or favour.seconds < settings.min_dwell_seconds:
        return False
    return channel.favour(step, settings) >= passing.threshold(settings)
