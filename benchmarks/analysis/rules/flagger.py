"""As Flagger is set up: a check an interval, failed checks add up to a threshold; a good one moves the weight on."""

from dataclasses import dataclass

from benchmarks.analysis.rules.rule import MINUTE
from benchmarks.analysis.traffic import Numbers, Traffic, first_time


@dataclass(frozen=True)
class FlaggerLike:
    """The documentation's own interval and threshold."""

    success: float = 0.98
    interval: float = MINUTE
    threshold: int = 5

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return when the failed checks had added up."""
        windows = traffic.windows(self.interval)
        return first_time(self.failed(windows).cumsum(axis=1) >= self.threshold, windows.ends)

    def failed(self, windows: Traffic) -> Numbers:
        """Return 1 for each check that failed."""
        return (windows.candidate_failures > (1 - self.success) * windows.candidate_requests).astype(float)
