"""The state of one metric's analysis: a small value that, with the raw samples since, gives the same verdict again."""

from collections.abc import Mapping
from dataclasses import field

from sluice.core.analysis.deltas import Cursor
from sluice.core.analysis.evidence import Evidence
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.routing import Seen


@frozen
class State:
    """Everything that is remembered between two looks."""

    cursors: Mapping[str, Cursor] = field(default_factory=dict)
    """How far each pod's samples were used, by pod."""
    end: float | None = None
    """Time of the last round."""
    step: int | None = None
    """Index of the step that is judged."""
    seen: Seen = Seen()
    disjoint: bool = False
    """Whether the arms had no channel in common in the last round."""
    evidence: Evidence = field(default_factory=Evidence)

    def compares_as(self, other: "State") -> bool:
        """Return whether another metric has come to the same, but for its hard limit and what decides."""
        mine = self.cursors, self.end, self.step, self.seen, self.disjoint
        theirs = other.cursors, other.end, other.step, other.seen, other.disjoint
        return mine == theirs and self.evidence.compares_as(other.evidence)
