"""What every rule is: something that, told what was served and what failed, says when it rolls back."""

from typing import Protocol

from benchmarks.analysis.traffic import Numbers, Traffic

ALPHA = 0.01
"""The chance of a false rollback that rules which have one are set to."""
MINUTE = 60.0


class Rule(Protocol):
    """Judges runs one by one or all at once; sees no more than what was served so far."""

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return the seconds at which each run is rolled back; infinity for never."""
