"""Terminal phases: the registry is told once, the finalizer goes; nothing else ever changes."""

from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.plan import ClearFinalizer, NoteInRegistry, Plan
from sluice.core.turn import Turn


def decide(turn: Turn) -> Plan:
    """Tell the registry, then let the object go; a registry that is away never holds a deletion up."""
    candidate, last = turn.observed.candidate, _last_words(turn)
    if candidate.deleting:
        return (turn.act(ClearFinalizer()) if candidate.has_finalizer else turn).wait(*last)
    if turn.status.model is not None and not turn.status.registry_noted:
        return turn.act(_note(turn)).note(registry_noted=True).wait(*last, 0)
    if candidate.has_finalizer:
        turn = turn.act(ClearFinalizer())
    return turn.wait(*last)


def _last_words(turn: Turn) -> tuple[Reason, str]:
    """Return reason and message of the decision that ended it."""
    if not turn.status.history:
        return Reason.ACCEPTED, ""
    entry = turn.status.history[-1]
    return entry.reason, entry.message


def _note(turn: Turn) -> NoteInRegistry:
    model, candidate, phase = turn.status.model, turn.observed.candidate, turn.status.phase
    if model is None:
        raise ValueError("nothing was pinned")
    tags = {
        "sluice.verdict": phase.value,
        "sluice.reason": _last_words(turn)[0].value,
        "sluice.candidate": f"{candidate.namespace}/{candidate.name}",
    }
    alias = turn.observed.settings.champion_alias if phase is Phase.PROMOTED else ""
    return NoteInRegistry(model=model, tags=tags, alias=alias)
