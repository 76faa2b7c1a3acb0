"""Passes that only wait for evidence: nothing but samples is new to them, so nothing but samples is read for them."""

from sluice.api.candidate import Stage
from sluice.api.phase import Phase
from sluice.core.observed import LivePlan, Observed
from sluice.core.plan import Plan
from sluice.core.target import Target


def steady(observed: Observed, plan: Plan) -> bool:
    """Return whether a pass found a step in force in an undisturbed world, and left everything as it was.

    The next pass may then look at the objects of this one, as long as no watch reports a change of any of them.
    """
    return _undisturbed(observed) and not plan.actions and not plan.news and _same_step(observed, plan)


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
