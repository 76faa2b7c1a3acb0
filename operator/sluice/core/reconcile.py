"""The one decision: dispatch by phase. A rollout is understood by reading this file and `phases/`."""

from typing import assert_never

from sluice.api.phase import Phase
from sluice.core.observed import Observed
from sluice.core.phases import ended, evaluating, pending, promoting, queued, rolling_back, shifting
from sluice.core.plan import Plan
from sluice.core.turn import Turn


def reconcile(observed: Observed) -> Plan:
    """Return what follows from what was observed. Pure: the same snapshot gives the same plan."""
    turn = Turn.start(observed)
    phase = turn.status.phase
    match phase:
        case Phase.PENDING:
            return pending.decide(turn)
        case Phase.QUEUED:
            return queued.decide(turn)
        case Phase.EVALUATING:
            return evaluating.decide(turn)
        case Phase.SHIFTING:
            return shifting.decide(turn)
        case Phase.PROMOTING:
            return promoting.decide(turn)
        case Phase.ROLLING_BACK:
            return rolling_back.decide(turn)
        case Phase.PROMOTED | Phase.REJECTED | Phase.ROLLED_BACK | Phase.ABORTED | Phase.SUPERSEDED | Phase.FAILED:
            return ended.decide(turn)
        case _:
            assert_never(phase)
