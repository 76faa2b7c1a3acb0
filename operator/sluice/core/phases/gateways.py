"""Gateways follow a route a moment after it is written: whoever depends on that waits here.

Before the first weight, so that they know the candidate's cluster; before the candidate's pods go, so that nobody is
sent to them any more.
"""

from math import inf

from sluice.api.conditions import Reason
from sluice.core.plan import Plan
from sluice.core.turn import Turn, timestamp


def follow(turn: Turn, reason: Reason, message: str, at_most: float = inf) -> Plan | None:
    """Return the wait for gateways, counted from the first pass that saw the route; None when they had their time.

    `at_most`: look again after so many seconds, for what has to happen meanwhile.
    """
    if turn.traffic.applied_at is None:
        turn = turn.shift(applied_at=timestamp(turn.now))
    left = turn.observed.settings.gateway_seconds - turn.seconds_since(turn.traffic.applied_at or turn.traffic.since)
    return turn.wait(reason, message, min(left, at_most)) if left > 0 else None
