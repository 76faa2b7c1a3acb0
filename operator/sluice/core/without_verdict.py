"""What a plan wants of a step that has neither passed nor failed: the same in a rollout and in its rehearsal.

The step's time stands still while there is no data: what nobody could see counts neither for nor against a candidate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sluice.api.live import OnInconclusive, OnNoData, Traffic
from sluice.core.analysis.verdict import MetricVerdict
from sluice.core.error_budget import next_cost


class Answer(StrEnum):
    """What follows."""

    WAIT = "Wait"
    """There is time left: it waits for evidence."""
    PAUSE = "Pause"
    """Somebody paused it."""
    BLIND = "Blind"
    """There is no data: it holds."""
    CALL = "Call"
    """There has been no data for the plan's time-out: it holds, and a person should look."""
    HOLD = "Hold"
    """Its time is over: it holds until evidence or a person decides."""
    ADVANCE = "Advance"
    """Its time is over and the next step is within the budget: that begins."""
    RETURN_BLIND = "ReturnBlind"
    """There has been no data for the plan's time-out: it is taken back."""
    RETURN = "Return"
    """Its time is over: it is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """A step without a verdict."""

    index: int
    seconds: float
    """Since it began, without those that had no data."""
    judged_seconds: float
    """The same since its weight was in the route."""
    blind_seconds: float
    """Without data until now, without a break."""
    unseen: bool
    """There is no data now."""
    verdicts: Mapping[str, MetricVerdict]
    """By the metric's name."""
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether the next step may begin without a verdict, and why (not)."""

    granted: bool
    message: str


def answer(plan: Traffic, step: OpenStep) -> Answer:
    """Return what follows of a step without a verdict."""
    return given_up(plan, step) or (_unseen(plan, step) if step.unseen else _inconclusive(plan, step))


def allowance(plan: Traffic, step: OpenStep) -> Allowance:
    """Return whether what the next step could cost at worst is within the plan's budget. The last step has none."""
    budget, following = plan.error_budget, step.index + 1
    if plan.on_inconclusive is not OnInconclusive.ADVANCE or budget is None:
        return Allowance(granted=False, message="")
    if following == len(plan.steps):
        return Allowance(granted=False, message="; a promotion needs proof, errorBudget or not")
    required = [metric.name for metric in plan.metrics if metric.required]
    costs = {name: next_cost(step.verdicts[name], plan.steps[following], step.judged_seconds) for name in required}
    name = max(costs, key=lambda metric: costs[metric])
    message = f"; {name}: the next step may bring {costs[name]:,.0f} more bad events, errorBudget allows {budget:,}"
    return Allowance(granted=costs[name] <= budget, message=message)


def given_up(plan: Traffic, step: OpenStep) -> Answer | None:
    """Return why it is taken back, if it is: that waits for nothing."""
    if plan.on_no_data is OnNoData.ROLLBACK and _long_blind(plan, step):
        return Answer.RETURN_BLIND
    if plan.on_inconclusive is OnInconclusive.ROLLBACK and _over(plan, step) and not step.paused:
        return Answer.RETURN
    return None


def _unseen(plan: Traffic, step: OpenStep) -> Answer:
    return Answer.CALL if _long_blind(plan, step) else Answer.BLIND


def _inconclusive(plan: Traffic, step: OpenStep) -> Answer:
    if step.paused:
        return Answer.PAUSE
    if not _over(plan, step):
        return Answer.WAIT
    return Answer.ADVANCE if allowance(plan, step).granted else Answer.HOLD


def _over(plan: Traffic, step: OpenStep) -> bool:
    return step.seconds >= plan.steps[step.index].max_duration_seconds


def _long_blind(plan: Traffic, step: OpenStep) -> bool:
    return step.blind_seconds >= plan.no_data_timeout_seconds
