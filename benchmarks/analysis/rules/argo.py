"""As Argo Rollouts is set up: a threshold on the success rate, fails when more than `failureLimit` measurements did."""

from dataclasses import dataclass

from benchmarks.analysis.rules.rule import MINUTE
from benchmarks.analysis.traffic import Numbers, Traffic, first_time


@dataclass(frozen=True)
class ArgoLike:
    """One measurement an interval, over that interval; the documentation's own example allows three failed ones."""

    success: float = 0.98
    interval: float = MINUTE
    failure_limit: int = 3

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return when the measurement beyond the limit failed."""
        windows = traffic.windows(self.interval)
        failed = windows.candidate_failures > (1 - self.success) * windows.candidate_requests
        return first_time(failed.cumsum(axis=1) > self.failure_limit, windows.ends)
