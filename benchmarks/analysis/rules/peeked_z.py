"""What many dashboards do: a test for one look, at 1 %, looked at every minute."""

from dataclasses import dataclass
from statistics import NormalDist

from benchmarks.analysis.rules.rule import ALPHA
from benchmarks.analysis.rules.scores import each_minute
from benchmarks.analysis.traffic import Numbers, Traffic, first_time


@dataclass(frozen=True)
class PeekedZ:
    """A one-sided z test of all that came so far."""

    alpha: float = ALPHA

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return the first minute at which it rejects."""
        scores, times = each_minute(traffic)
        return first_time(scores > NormalDist().inv_cdf(1 - self.alpha), times)
