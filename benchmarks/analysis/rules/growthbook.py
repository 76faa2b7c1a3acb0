"""GrowthBook's sequential test: an asymptotic confidence sequence (Waudby-Smith et al.) of the difference of rates."""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from benchmarks.analysis.rules.rule import ALPHA
from benchmarks.analysis.traffic import Numbers, Traffic, first_time

LEAST = 5
"""Its own minimum: no conclusion from fewer failures than this in both arms together."""


@dataclass(frozen=True)
class GrowthBook:
    """Its default tuning parameter; two-sided, as its intervals are."""

    alpha: float = ALPHA
    tuning: float = 5000.0

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return the first bin at which the interval of the difference of all that came so far lies above 0."""
        totals = traffic.summed()
        mine, theirs = np.maximum(totals.candidate_requests, 1), np.maximum(totals.stable_requests, 1)
        bad, worse = totals.stable_failures / theirs, totals.candidate_failures / mine
        variance = worse * (1 - worse) / mine + bad * (1 - bad) / theirs
        enough = (totals.candidate_failures + totals.stable_failures >= LEAST) & (variance > 0)
        return first_time(enough & (worse - bad > self._halfwidth(variance, mine + theirs)), traffic.ends)

    def _halfwidth(self, variance: Numbers, count: Numbers) -> Numbers:
        mixing = sqrt((-2 * log(self.alpha) + log(1 - 2 * log(self.alpha))) / self.tuning)
        grown = count * mixing**2 + 1
        width: Numbers = np.sqrt(variance * count * 2 * grown * np.log(np.sqrt(grown) / self.alpha)) / (count * mixing)
        return width
