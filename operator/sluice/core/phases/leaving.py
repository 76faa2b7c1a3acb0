"""Ways out that people choose: delete, abort, supersede. Checked first in every phase."""

from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.api.plan import Concurrency
from sluice.core.observed import LivePlan
from sluice.core.plan import Plan, StopJob
from sluice.core.turn import Turn


def wish(turn: Turn) -> tuple[Phase, Reason, str] | None:
    """Return the terminal phase that somebody asked for, with reason and message; None to go on."""
    candidate = turn.observed.candidate
    if candidate.deleting:
        return Phase.ABORTED, Reason.DELETED, "the candidate is being deleted"
    if candidate.spec.abort:
        return Phase.ABORTED, Reason.ABORTED, "spec.abort is set"
    newer = _newer_rival(turn)
    if newer:
        return Phase.SUPERSEDED, Reason.SUPERSEDED, f"candidate {newer} is newer and the plan says Supersede"
    return None


def _newer_rival(turn: Turn) -> str:
    """Return the newest queued rival that takes this candidate's place, if its plan wants that."""
    plan, me = turn.observed.plan, turn.observed.candidate
    if not isinstance(plan, LivePlan) or plan.spec.concurrency is not Concurrency.SUPERSEDE:
        return ""
    newer = [
        rival
        for rival in turn.observed.rivals
        if rival.phase is Phase.QUEUED and not rival.deleting and (rival.created, rival.uid) > (me.created, me.uid)
    ]
    return max(newer, key=lambda rival: (rival.created, rival.uid)).name if newer else ""


def before_traffic(turn: Turn) -> Plan | None:
    """End a candidate that has no predictor yet: nothing has to be taken back but its Job."""
    wanted = wish(turn)
    if wanted is None:
        return None
    phase, reason, message = wanted
    evaluation = turn.status.evaluation
    if evaluation is not None and evaluation.verdict is None and evaluation.job_uid:
        turn = turn.act(StopJob(name=evaluation.job_name, uid=evaluation.job_uid))
    turn = turn.enter(phase, reason, f"{message}: no traffic had moved")
    return turn.wait(reason, message, 0)
