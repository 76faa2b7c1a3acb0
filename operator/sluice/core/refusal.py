"""What follows when a write was refused: nothing moves, the candidate says so, and it is tried again later."""

from sluice.api.conditions import Reason
from sluice.core.observed import Observed
from sluice.core.plan import Plan
from sluice.core.target import Problem
from sluice.core.turn import Turn

RETRY_SECONDS = 15.0


def refused(observed: Observed, message: str) -> Plan:
    """Return the plan that replaces one whose write was refused."""
    problem = Problem(reason=Reason.WRITE_REFUSED, message=message)
    return Turn.start(observed).complain(problem).wait(problem.reason, problem.message, RETRY_SECONDS)
