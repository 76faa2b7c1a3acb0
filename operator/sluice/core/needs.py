"""What a decision has to see, by phase: nothing is read that the phase does not look at."""

from enum import StrEnum

from sluice.api.phase import TERMINAL, Phase
from sluice.core.observed import Candidate


class Need(StrEnum):
    """One part of `Observed` that must be read."""

    RIVALS = "Rivals"
    PLAN = "Plan"
    TARGET = "Target"
    MODEL = "Model"
    CHAMPION = "Champion"
    USES = "Uses"
    JOB = "Job"
    SAMPLES = "Samples"


_NEEDS = {
    Phase.PENDING: frozenset({Need.RIVALS, Need.PLAN, Need.TARGET, Need.MODEL}),
    Phase.QUEUED: frozenset({Need.RIVALS, Need.PLAN, Need.TARGET, Need.CHAMPION, Need.USES}),
    Phase.EVALUATING: frozenset({Need.PLAN, Need.RIVALS, Need.JOB, Need.TARGET}),
    Phase.SHIFTING: frozenset({Need.PLAN, Need.RIVALS, Need.TARGET, Need.SAMPLES}),
    Phase.PROMOTING: frozenset({Need.PLAN, Need.TARGET, Need.SAMPLES}),
    Phase.ROLLING_BACK: frozenset({Need.TARGET}),
} | dict.fromkeys(TERMINAL, frozenset())


def needs(candidate: Candidate) -> frozenset[Need]:
    """Return what the next decision about this candidate has to see.

    Who is to leave while traffic shifts is not judged any more: taking traffic back waits for no metrics provider.
    """
    wanted, leaves = _NEEDS[candidate.status.phase], candidate.deleting or candidate.spec.abort
    return wanted - {Need.SAMPLES} if leaves and candidate.status.phase is Phase.SHIFTING else wanted
