"""When evidence begins anew, and with which part of the whole: fixed by the plan, so that all parts sum to 1."""

from dataclasses import replace

from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.settings import Settings

FIRST = 0.6
"""What the first start holds of the mixture when there are later ones."""
MINUTE = 60.0
STEPS = 0.5
"""What the planned later starts hold of the rest; the minutes hold what remains."""


@frozen
class Pace:
    """How much is left for later starts, and what of it was used."""

    left: float = 1.0
    minute: float | None = None
    """When the last small start was."""
    planned: int = 0
    """How many of the planned later starts were used."""
    large: float = 0.0
    """When the last large start was."""
    asked: float | None = None
    """A step began then: the next round begins anew."""

    def ask(self, since: float) -> "Pace":
        """Want a start with the first round at or after `since`."""
        return replace(self, asked=since)

    def step(self, begin: float, settings: Settings) -> tuple["Pace", float]:
        """Return the part that starts with a round which begins then (mostly none), and the pace after it."""
        if self.minute is None:
            part = FIRST if settings.restarts else 1.0
            return Pace(1.0 - part, begin, 0, begin), part
        if not settings.restarts or self.left <= 0:
            return self, 0.0
        asked = self.asked is not None and begin >= self.asked
        large = asked or begin - self.large >= settings.restart_seconds
        minutes = max(0, int((begin - self.minute) // MINUTE))  # a pod that was silent comes with an older round
        if not large and not minutes:
            return self, 0.0
        part = self._part(large, minutes, settings)
        after = Pace(
            self.left - part,
            self.minute + minutes * MINUTE,
            self.planned + large,
            begin if large else self.large,
            None if asked else self.asked,
        )
        return after, part

    def _part(self, large: bool, minutes: int, settings: Settings) -> float:  # noqa: FBT001
        rest = 1.0 - FIRST
        part = rest * (1 - STEPS) * MINUTE / settings.horizon_seconds * minutes
        if large and self.planned < settings.restarts:
            part += rest * STEPS / settings.restarts
        return min(part, self.left)
