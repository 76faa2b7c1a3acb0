"""Judging the step in force, in every pass that has one: also while the next weight is still on its way."""

from sluice.api.verdict import Verdict
from sluice.core.judgement import Judgement, judge_step
from sluice.core.observed import LivePlan
from sluice.core.phases.undecided import tracked
from sluice.core.turn import Turn


def judged(turn: Turn) -> tuple[Turn, Judgement | None]:
    """Return the turn with the evidence on record, and the judgement; None while there is no step to judge.

    While a weight is on its way only a failure says something new: what is on record stays that of the step that
    passed, and the samples since are read again.
    """
    if not isinstance(turn.observed.plan, LivePlan) or turn.observed.samples is None:
        return turn, None
    judgement = judge_step(turn.observed, turn.traffic, turn.status.checkpoint)
    if judgement is None:
        return turn, None
    if turn.traffic.applied_at is not None or judgement.verdict is Verdict.FAIL:
        turn = turn.note(metrics=judgement.metrics, checkpoint=judgement.checkpoint)
    if turn.traffic.applied_at is not None:
        turn = tracked(turn, judgement)
    return turn, judgement
