"""As Kayenta's judge classifies: Mann-Whitney on two series of one rate a minute, looked at every minute.

High is: the lower end of the 98 % interval of the shift lies above a quarter of the Hodges-Lehmann estimate.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from benchmarks.analysis.rules.rule import MINUTE
from benchmarks.analysis.traffic import Numbers, Traffic, Truths, first_time

LEAST = 3


@dataclass(frozen=True)
class KayentaLike:
    """The judge's own confidence and tolerance."""

    confidence: float = 0.98
    tolerance: float = 0.25

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return the first minute whose series so far are classified as High."""
        minutes = traffic.windows(MINUTE)
        mine = minutes.candidate_failures / np.maximum(minutes.candidate_requests, 1)
        theirs = minutes.stable_failures / np.maximum(minutes.stable_requests, 1)
        high = np.zeros(mine.shape, dtype=bool)
        for count in range(LEAST, mine.shape[1] + 1):
            high[:, count - 1] = self._high(mine[:, :count], theirs[:, :count])
        return first_time(high, minutes.ends)

    def _high(self, mine: Numbers, theirs: Numbers) -> Truths:
        """Ask whether the interval lies above the tolerance: whether a shift by just that is rejected."""
        shift = self.tolerance * np.abs(np.median(_differences(mine, theirs), axis=1))
        shifted = mine - shift[:, None]
        wins = _differences(shifted, theirs)
        count = mine.shape[1]
        above = (wins > 0).sum(axis=1) + 0.5 * (wins == 0).sum(axis=1) - count**2 / 2
        spread = _spread(np.concatenate([shifted, theirs], axis=1), count)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = (above - 0.5 * np.sign(above)) / spread
        high: Truths = (spread > 0) & (score > NormalDist().inv_cdf((1 + self.confidence) / 2))
        return high


def _differences(mine: Numbers, theirs: Numbers) -> Numbers:
    return (mine[:, :, None] - theirs[:, None, :]).reshape(len(mine), -1)


def _spread(values: Numbers, count: int) -> Numbers:
    """Return the standard deviation of the statistic, less what ties take from it."""
    ties = (values[:, :, None] == values[:, None, :]).sum(axis=2) ** 2 - 1
    both = 2 * count
    spread: Numbers = np.sqrt(count**2 / 12 * (both + 1 - ties.sum(axis=1) / (both * (both - 1))))
    return spread
