"""Whose turn it is on a target: one at a time, in the order of creation."""

from collections.abc import Iterable

from sluice.api.phase import IN_FLIGHT, Phase
from sluice.core.observed import Candidate, Rival


def flying(rivals: Iterable[Rival]) -> Rival | None:
    """Return the rival that occupies the target, or None."""
    return next((rival for rival in rivals if rival.phase in IN_FLIGHT), None)


def ahead(me: Candidate, rivals: Iterable[Rival]) -> Rival | None:
    """Return who goes first: anyone in flight, else the oldest in the queue; None when it is our turn."""
    known = tuple(rivals)
    waiting = [rival for rival in known if rival.phase is Phase.QUEUED and not rival.deleting]
    older = [rival for rival in waiting if (rival.created, rival.uid) < (me.created, me.uid)]
    return flying(known) or min(older, key=lambda rival: (rival.created, rival.uid), default=None)
