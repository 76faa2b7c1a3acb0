"""What a plan comes to, as a small value that a table can state."""

from dataclasses import dataclass

from sluice.api.candidate import Stage
from sluice.api.conditions import ConditionType, Reason, find
from sluice.api.phase import Phase
from sluice.core.plan import (
    ClearFinalizer,
    CountUse,
    DeleteOrphan,
    NoteInRegistry,
    PatchTarget,
    PinPlan,
    Plan,
    SetFinalizer,
    StartJob,
    StopJob,
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Phase, stage and weight after the pass; writes in order; why it holds; what it told."""

    phase: Phase = Phase.SHIFTING
    stage: Stage | None = None
    weight: int | None = None
    writes: tuple[str, ...] = ()
    held: Reason | None = None
    told: tuple[Reason, ...] = ()


def word(action: object) -> str:
    """Return an action in a word or a clause."""
    match action:
        case PatchTarget(intent=intent, route_if_unavailable=None):
            return intent
        case PatchTarget(intent=intent):
            return f"{intent}, or by the route"
        case StopJob(name=name):
            return f"stop {name}"
        case DeleteOrphan(name=name):
            return f"delete {name}"
        case NoteInRegistry(tags=tags, alias=alias):
            return f"tag {tags['sluice.verdict']}" + (f", alias {alias}" if alias else "")
        case SetFinalizer() | ClearFinalizer() | PinPlan() | CountUse() | StartJob():
            return type(action).__name__
        case _:
            raise TypeError(action)


def outcome(plan: Plan) -> Outcome:
    """Return what a plan comes to."""
    traffic, held = plan.status.traffic, find(plan.status.conditions, ConditionType.SUSPENDED)
    return Outcome(
        phase=plan.status.phase,
        stage=None if traffic is None else traffic.stage,
        weight=None if traffic is None else traffic.weight,
        writes=tuple(word(action) for action in plan.actions),
        held=None if held is None else held.reason,
        told=tuple(entry.reason for entry in plan.news),
    )
