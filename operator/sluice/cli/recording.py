"""`sluice record`: the raw samples that a plan judges, in a file to be replayed, attached or tried a plan on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sluice.api.conditions import Reason
from sluice.api.live import Traffic
from sluice.cli.plan_file import load_plan
from sluice.cli.reader import Reader
from sluice.cli.recording_file import Header, Rollout, Step, write
from sluice.cli.sources import Asked, source_of
from sluice.cli.spans import Wanted, shown, target
from sluice.cli.view import View, viewed
from sluice.ports import Rejected

ROOM_SECONDS = 900
"""Recorded before the first step and after the last decision."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to record, and where to."""

    plan: Path
    asked: Asked
    out: Path
    candidate: View | None = None
    """Whose rollout it was, if it was one."""


def record(order: Order, now: datetime) -> str:
    """Write the recording and return what was done, as one sentence."""
    _, spec = load_plan(order.plan)
    rollout = None if order.candidate is None else _rollout(order.candidate, spec.traffic)
    source = source_of(_timed(order, now), spec.traffic, now)
    header = Header(origin=source.header.origin, rollout=rollout)
    samples = write(order.out, header, source.portions("recording"))
    span = f"from {shown(header.origin.begin)} to {shown(header.origin.end)}"
    return f"{order.out}: {samples:,} samples of {header.origin.namespace}/{header.origin.target} {span}"


def candidate_of(reader: Reader, asked: Asked, name: str) -> View:
    """Return the candidate whose rollout is to be recorded; it is in the target's namespace."""
    namespace, wanted = target(asked.target) if asked.target else (reader.namespace, "")
    view = viewed(reader.candidate(namespace, name))
    if wanted not in ("", view.spec.target_ref.name):
        raise Rejected(f"--candidate: {name} is a candidate of {view.spec.target_ref.name}, not of {wanted}")
    return view


def _timed(order: Order, now: datetime) -> Asked:
    """Return what to ask for: without times those of the candidate's rollout, without a target the candidate's."""
    asked, view = order.asked, order.candidate
    if view is None:
        return asked
    if not asked.target:
        asked = replace(asked, target=f"{view.namespace}/{view.spec.target_ref.name}")
    if asked.wanted != Wanted():
        return asked
    times = [datetime.fromisoformat(entry.time).timestamp() for entry in view.status.history]
    begin, end = min(times) - ROOM_SECONDS, min(max(times) + ROOM_SECONDS, now.timestamp())
    return replace(asked, wanted=Wanted(begin=shown(begin), end=shown(end)))


def _rollout(view: View, plan: Traffic) -> Rollout:
    traffic = view.status.traffic
    steps = _steps(view, [step.weight for step in plan.steps])
    if traffic is None or not steps:
        raise Rejected(f"--candidate: {view.name} had no live traffic yet: there is nothing to replay")
    return Rollout(candidate=traffic.predictor, stable=traffic.stable, steps=tuple(steps))


def _steps(view: View, weights: Sequence[int]) -> list[Step]:
    """Return when steps took effect, by the candidate's history."""
    begun = [entry for entry in view.status.history if entry.reason is Reason.STEP_STARTED]
    strangers = [entry.weight for entry in begun if entry.weight not in weights]
    if strangers:
        raise Rejected(f"--candidate: {view.name} had {strangers[0]} % of traffic, no step of this plan: name its plan")
    return [
        Step(index=weights.index(entry.weight), began=datetime.fromisoformat(entry.time).timestamp()) for entry in begun
    ]
