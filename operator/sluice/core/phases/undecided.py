"""A step that cannot be decided: no verdict in its time, or no data to judge by. It holds, or does what the plan says.

The step's time stands still while there is no data: what nobody could see counts neither for nor against a candidate.
"""

from dataclasses import dataclass

from sluice.api.conditions import Reason
from sluice.api.live import OnInconclusive, OnNoData
from sluice.api.live import Traffic as Rules
from sluice.api.phase import Phase
from sluice.api.verdict import UNSEEN, Verdict
from sluice.core.error_budget import next_cost
from sluice.core.judgement import Judgement
from sluice.core.plan import Plan
from sluice.core.turn import Turn, moment, timestamp

Return = tuple[Phase, Reason, str]
"""Outcome, cause and detail of a rollback."""


def tracked(turn: Turn, judgement: Judgement) -> Turn:
    """Note when data went missing; when they are back, take the time without them off the step's."""
    since = turn.traffic.no_data_since
    if judgement.verdict in UNSEEN:
        return turn.shift(no_data_since=timestamp(turn.now)) if since is None else turn
    if since is None:
        return turn
    lost = turn.traffic.no_data_seconds + max(0, round(turn.seconds_since(since)))
    return turn.shift(no_data_since=None, no_data_seconds=lost)


def reason_to_return(turn: Turn, rules: Rules, judgement: Judgement) -> Return | None:
    """Return the rollback that the plan wants of a step that cannot be decided; None: it does not, or it may yet be."""
    if turn.traffic.applied_at is None or judgement.verdict in {Verdict.PASS, Verdict.FAIL}:
        return None
    if rules.on_no_data is OnNoData.ROLLBACK and _long_without(turn, rules):
        message = f"no data for {rules.no_data_timeout_seconds} s, so the plan takes it back: {judgement.message}"
        return Phase.ROLLED_BACK, Reason.NO_DATA, message
    paused = turn.observed.candidate.spec.paused
    if rules.on_inconclusive is OnInconclusive.ROLLBACK and over(turn, rules) and not paused:
        message = f"no verdict within {limit(turn, rules)} s, so the plan takes it back: {judgement.message}"
        return Phase.ROLLED_BACK, Reason.STEP_INCONCLUSIVE, message
    return None


def without_data(turn: Turn, rules: Rules, judgement: Judgement) -> Plan:
    """Hold; when it has lasted for the plan's time-out, say once that a person should look."""
    tick = float(rules.tick_seconds)
    if not _long_without(turn, rules):
        return turn.hold(judgement.reason, judgement.message, tick)
    message = f"no data for {rules.no_data_timeout_seconds} s: {judgement.message}; set spec.abort to give up"
    return turn.hold(Reason.NO_DATA_TIMEOUT, message, tick)


def over(turn: Turn, rules: Rules) -> bool:
    """Return whether the step's longest duration has passed, the time without data left out."""
    traffic = turn.traffic
    seen = turn.now if traffic.no_data_since is None else moment(traffic.no_data_since)
    spent = (seen - moment(traffic.since)).total_seconds() - traffic.no_data_seconds
    return spent >= limit(turn, rules)


def limit(turn: Turn, rules: Rules) -> int:
    """Return the longest duration of the step, in seconds."""
    return rules.steps[turn.traffic.step].max_duration_seconds


@dataclass(frozen=True)
class Allowance:
    """Whether the next step may begin without a verdict, and why (not)."""

    granted: bool
    message: str


def allowance(turn: Turn, rules: Rules, judgement: Judgement) -> Allowance:
    """Return whether what the next step could cost at worst is within the plan's budget. The last step has none."""
    budget, following = rules.error_budget, turn.traffic.step + 1
    if rules.on_inconclusive is not OnInconclusive.ADVANCE or budget is None:
        return Allowance(granted=False, message="")
    if following == len(rules.steps):
        return Allowance(granted=False, message="; a promotion needs proof, errorBudget or not")
    costs = {metric.name: _cost(turn, rules, judgement, metric.name) for metric in rules.metrics if metric.required}
    name = max(costs, key=lambda metric: costs[metric])
    message = f"; {name}: the next step may bring {costs[name]:,.0f} more bad events, errorBudget allows {budget:,}"
    return Allowance(granted=costs[name] <= budget, message=message)


def _cost(turn: Turn, rules: Rules, judgement: Judgement, metric: str) -> float:
    """Return how many more bad events than the stable's the next step brings at worst, by one metric."""
    judged = turn.seconds_since(turn.traffic.applied_at or turn.traffic.since) - turn.traffic.no_data_seconds
    return next_cost(judgement.verdicts[metric], rules.steps[turn.traffic.step + 1], judged)


def _long_without(turn: Turn, rules: Rules) -> bool:
    since = turn.traffic.no_data_since
    return since is not None and turn.seconds_since(since) >= rules.no_data_timeout_seconds
