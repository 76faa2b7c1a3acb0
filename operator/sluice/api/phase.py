"""The phases of a candidate's life and which of them are final."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a candidate is. Holding (`Suspended`) is a condition, not a phase."""

    PENDING = "Pending"
    QUEUED = "Queued"
    EVALUATING = "Evaluating"
    SHIFTING = "Shifting"
    PROMOTING = "Promoting"
    ROLLING_BACK = "RollingBack"
    PROMOTED = "Promoted"
    REJECTED = "Rejected"
    ROLLED_BACK = "RolledBack"
    ABORTED = "Aborted"
    SUPERSEDED = "Superseded"
    FAILED = "Failed"


TERMINAL = frozenset({Phase.PROMOTED, Phase.REJECTED, Phase.ROLLED_BACK, Phase.ABORTED, Phase.SUPERSEDED, Phase.FAILED})
"""Phases that never change again."""
IN_FLIGHT = frozenset({Phase.EVALUATING, Phase.SHIFTING, Phase.PROMOTING, Phase.ROLLING_BACK})
"""Phases that occupy a target."""
NEXT: dict[Phase, frozenset[Phase]] = {
    Phase.PENDING: frozenset({Phase.QUEUED, Phase.ABORTED}),
    Phase.QUEUED: frozenset({Phase.EVALUATING, Phase.ABORTED, Phase.SUPERSEDED}),
    Phase.EVALUATING: frozenset(
        {Phase.EVALUATING, Phase.SHIFTING, Phase.REJECTED, Phase.FAILED, Phase.ABORTED, Phase.SUPERSEDED}
    ),
    Phase.SHIFTING: frozenset({Phase.PROMOTING, Phase.ROLLING_BACK, Phase.FAILED}),
    Phase.PROMOTING: frozenset({Phase.PROMOTED, Phase.ROLLING_BACK, Phase.FAILED}),
    Phase.ROLLING_BACK: frozenset({Phase.ROLLED_BACK, Phase.ABORTED, Phase.SUPERSEDED}),
} | dict.fromkeys(TERMINAL, frozenset())
"""What may follow a phase. Evaluating follows itself: a further attempt."""
