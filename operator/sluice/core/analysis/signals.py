"""What a live metric is made of: which counters it reads and what in them counts as a request and as a failure.

One signal a file; a new one is added to `SIGNALS`.
"""

from collections.abc import Mapping
from typing import Protocol

from sluice.core.analysis.error_rate import ErrorRate


class Signal(Protocol):
    """Reads requests and failures out of a pod's counters."""

    @property
    def arm_label(self) -> str:
        """Label that names the arm of a series."""

    def counter(self, labels: Mapping[str, str]) -> str | None:
        """Return the name of the series' counter inside its pod; None for a series that is not the signal's."""

    def tally(self, increase: Mapping[str, float]) -> tuple[float, float]:
        """Return (requests, failures) of what the counters gained."""


SIGNALS: Mapping[str, Signal] = {"ErrorRate": ErrorRate()}
"""By the name that a plan uses."""
