"""A step that cannot be decided: no verdict in its time, or no data to judge by. What the plan wants, in words."""

from sluice.api.conditions import Reason
from sluice.api.live import Traffic as Rules
from sluice.api.phase import Phase
from sluice.api.verdict import UNSEEN, Verdict
from sluice.core.judgement import Judgement
from sluice.core.turn import Turn, moment, timestamp
from sluice.core.without_verdict import Answer, OpenStep, given_up

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


def open_step(turn: Turn, judgement: Judgement) -> OpenStep:
    """Return the step in force as the plan's rules see it."""
    traffic = turn.traffic
    blind = 0.0 if traffic.no_data_since is None else turn.seconds_since(traffic.no_data_since)
    seen = turn.now if traffic.no_data_since is None else moment(traffic.no_data_since)
    return OpenStep(
        index=traffic.step,
        seconds=(seen - moment(traffic.since)).total_seconds() - traffic.no_data_seconds,
        judged_seconds=(seen - moment(traffic.applied_at or traffic.since)).total_seconds() - traffic.no_data_seconds,
        blind_seconds=blind,
        unseen=judgement.verdict in UNSEEN,
        verdicts=judgement.verdicts,
        paused=turn.observed.candidate.spec.paused,
    )


def reason_to_return(turn: Turn, rules: Rules, judgement: Judgement) -> Return | None:
    """Return the rollback that the plan wants of a step that cannot be decided; None: it does not, or it may yet be."""
    if turn.traffic.applied_at is None or judgement.verdict in {Verdict.PASS, Verdict.FAIL}:
        return None
    match given_up(rules, open_step(turn, judgement)):
        case Answer.RETURN_BLIND:
            message = f"no data for {rules.no_data_timeout_seconds} s, so the plan takes it back: {judgement.message}"
            return Phase.ROLLED_BACK, Reason.NO_DATA, message
        case Answer.RETURN:
            message = f"no verdict within {limit(turn, rules)} s, so the plan takes it back: {judgement.message}"
            return Phase.ROLLED_BACK, Reason.STEP_INCONCLUSIVE, message
        case _:
            return None


def limit(turn: Turn, rules: Rules) -> int:
    """Return the longest duration of the step, in seconds."""
    return rules.steps[turn.traffic.step].max_duration_seconds
