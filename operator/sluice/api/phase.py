"""The phases of a candidate's life and which of them are final."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a candidate is. Holding (`Suspended`) is a condition, not a phase."""

    PENDING = "Pending"
    """It was seen; what it names is being looked up and pinned."""
    QUEUED = "Queued"
    """It waits for another candidate of its target."""
    EVALUATING = "Evaluating"
    """The evaluation Job scores it and the champion offline."""
    SHIFTING = "Shifting"
    """Traffic shifts to it, step by step."""
    PROMOTING = "Promoting"
    """It carries all traffic while the stable predictor gets its version."""
    ROLLING_BACK = "RollingBack"
    """Traffic is being taken back."""
    PROMOTED = "Promoted"
    """The stable predictor serves it. Final."""
    REJECTED = "Rejected"
    """A gate said no before any traffic. Final."""
    ROLLED_BACK = "RolledBack"
    """The live evidence, or trouble with its pods or its traffic, spoke against it. Final."""
    ABORTED = "Aborted"
    """A person took it back. Final."""
    SUPERSEDED = "Superseded"
    """A newer candidate took its place. Final."""
    FAILED = "Failed"
    """It could not be judged; that counts neither for nor against it. Final."""


TERMINAL = frozenset({Phase.PROMOTED, Phase.REJECTED, Phase.ROLLED_BACK, Phase.ABORTED, Phase.SUPERSEDED, Phase.FAILED})
"""Phases that never change again."""
IN_FLIGHT = frozenset({Phase.EVALUATING, Phase.SHIFTING, Phase.PROMOTING, Phase.ROLLING_BACK})
"""Phases that occupy a target."""
NEXT: dict[Phase, frozenset[Phase]] = {
    Phase.PENDING: frozenset({Phase.QUEUED, Phase.ABORTED}),
    Phase.QUEUED: frozenset({Phase.EVALUATING, Phase.ABORTED, Phase.SUPERSEDED, Phase.FAILED}),
    Phase.EVALUATING: frozenset(
        {Phase.EVALUATING, Phase.SHIFTING, Phase.REJECTED, Phase.FAILED, Phase.ABORTED, Phase.SUPERSEDED}
    ),
    Phase.SHIFTING: frozenset({Phase.PROMOTING, Phase.ROLLING_BACK, Phase.FAILED}),
    Phase.PROMOTING: frozenset({Phase.PROMOTED, Phase.ROLLING_BACK, Phase.FAILED}),
    Phase.ROLLING_BACK: frozenset({Phase.ROLLED_BACK, Phase.ABORTED, Phase.SUPERSEDED}),
} | dict.fromkeys(TERMINAL, frozenset())
"""What may follow a phase. Evaluating follows itself: a further attempt."""
