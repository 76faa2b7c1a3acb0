"""S4 and S11: after a breach traffic only falls, in time, whoever else is away."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.support.history import History, Version, holder_of, target_of
from tests.support.movements import TAKING_BACK, first, restored_by_seldon, rises, title, weights_of

ABORT_SECONDS = 15.0
"""Within this time after a rollback is recorded the live weight is 0: generous, the machine is shared."""


def nothing_rises_after_a_breach(history: History) -> list[str]:
    """S4: after a rollback is recorded nothing of ours raises the candidate's weight, and in time it is 0 live.

    Seldon itself writes the spec's weight into the route again when its manager returns: that may happen, for a
    moment, until a pass of the manager that saw the spec's removal is through.
    """
    found = []
    for life in history.lives("ModelCandidate"):
        breach = first(life, TAKING_BACK)
        if breach is None or not breach.traffic:
            continue
        for rise in rises(history, life):
            if rise.version.revision < breach.revision:
                continue
            if not restored_by_seldon(history, rise):
                where = f"{rise.predictor} rises to {rise.weight} in {title(rise.version)}"
                found.append(f"S4: {title(breach)} is rolling back, yet {where}")
            found += _not_taken_back(history, breach, rise.version, "S4")
        found += _not_taken_back(history, breach, breach, "S4")
    return found


@dataclass(frozen=True)
class Outage:
    """A time, in Unix seconds, during which something was away."""

    what: str
    start: float
    end: float


def rollback_needs_nobody(history: History, outages: Sequence[Outage]) -> list[str]:
    """S11: a rollback that begins while something is away takes the traffic back in time all the same."""
    found = []
    for life in history.lives("ModelCandidate"):
        breach = first(life, TAKING_BACK)
        if breach is None or not breach.traffic:
            continue
        away = [outage.what for outage in outages if outage.start <= breach.received <= outage.end]
        if away:
            lines = _not_taken_back(history, breach, breach, "S11")
            found += [f"{line} ({' and '.join(away)} away)" for line in lines]
    return found


def _not_taken_back(history: History, breach: Version, since: Version, rule: str) -> list[str]:
    """Return that the route did not get to weight 0 in time; a target that is gone has no weight."""
    predictor, target = breach.traffic["predictor"], target_of(breach)
    seen = since if since.kind == "VirtualService" else history.before(since, "VirtualService", target)
    versions = (*((seen,) if seen else ()), *history.after(since, "VirtualService", target))
    safe = [one for one in versions if one.deleted or not weights_of(one).get(predictor, 0)]
    if not versions:
        return []
    if not safe:
        return [f"{rule}: {title(breach)} is rolling back, the route never gives {predictor} 0"]
    waited = safe[0].received - since.received - _without_leader(history, since.received, safe[0].received)
    return (
        [f"{rule}: {predictor} has traffic for {waited:.1f} s after {title(since)}"] if waited > ABORT_SECONDS else []
    )


def _without_leader(history: History, start: float, end: float) -> float:
    """Return the seconds between two moments in which no replica led: from the last renewal by one to the next one's.

    A leader that is killed or frozen by another story has to be replaced before anybody can act.
    """
    leases = [lease for lease in history.of("Lease") if not lease.deleted]
    changes = [(old, new) for old, new in pairwise(leases) if holder_of(old) != holder_of(new)]
    return sum(max(0.0, min(end, new.received) - max(start, old.received)) for old, new in changes)
