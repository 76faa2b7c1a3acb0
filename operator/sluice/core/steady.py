"""Passes that may go by the objects of the last one: nothing but samples is new to them.

Those that only wait for evidence, and those that find a breach in it: they take traffic back, which waits for nothing,
by a write that is refused where the target is no longer what it was.
"""

from sluice.api.candidate import Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.observed import LivePlan, Observed
from sluice.core.plan import PatchTarget, Plan
from sluice.core.target import Target


def steady(observed: Observed, plan: Plan) -> bool:
    """Return whether a pass found a step in force in an undisturbed world, and left everything as it was.

    The next pass may then look at the objects of this one, as long as no watch reports a change of any of them.
    """
    return _undisturbed(observed) and not plan.actions and not plan.news and _same_step(observed, plan)


def breached(observed: Observed, plan: Plan) -> bool:
    """Return whether a pass found a breach in an undisturbed world, and does nothing but take traffic back."""
    before, after = observed.candidate.status, plan.status
    back = before.phase is Phase.SHIFTING and after.phase is Phase.ROLLING_BACK
    evident = after.traffic is not None and after.traffic.cause is Reason.BREACHED
    guarded = all(isinstance(action, PatchTarget) for action in plan.actions)
    return back and evident and guarded and _undisturbed(observed)


def _undisturbed(observed: Observed) -> bool:
    target = observed.target
    whole = isinstance(target, Target) and not target.deleting and all(one.rolled for one in target.workloads)
    return whole and isinstance(observed.plan, LivePlan) and not observed.candidate.deleting


def _same_step(observed: Observed, plan: Plan) -> bool:
    before, after = observed.candidate.status, plan.status
    return (
        before.phase is after.phase is Phase.SHIFTING
        and before.traffic == after.traffic
        and after.traffic is not None
        and after.traffic.stage is Stage.STEPPING
        and after.traffic.applied_at is not None
    )
