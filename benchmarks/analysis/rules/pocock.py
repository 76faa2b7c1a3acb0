"""Group sequential, by Pocock: sixty looks in one hour at one constant bound, which spends 1 % over all of them."""

from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np

from benchmarks.analysis.rules.rule import ALPHA
from benchmarks.analysis.rules.scores import each_minute
from benchmarks.analysis.traffic import Numbers, Traffic, first_time

LOOKS = 60
_STEP = 0.02


@dataclass(frozen=True)
class Pocock:
    """Looks once a minute, sixty times, and no more."""

    alpha: float = ALPHA

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return the first look that lies above the bound."""
        scores, times = each_minute(traffic)
        return first_time(scores[:, :LOOKS] > bound(self.alpha, LOOKS), times[:LOOKS])


@cache
def bound(alpha: float, looks: int) -> float:
    """Return the bound that a standard random walk, scaled at each look, ever exceeds with chance `alpha`."""
    low, high = 2.0, 6.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (middle, high) if crossing(middle, looks) > alpha else (low, middle)
    return high


def crossing(level: float, looks: int) -> float:
    """Return the chance that S_k > level·√k at any of the looks, by integrating density after density."""
    gaussian = _density(np.arange(-6, 6 + _STEP, _STEP))
    values = np.arange(-8 * sqrt(looks), level * sqrt(looks) + 6, _STEP)
    density = _density(values)
    crossed = 0.0
    for look in range(1, looks + 1):
        above = np.clip((values - level * sqrt(look)) / _STEP + 0.5, 0.0, 1.0)
        crossed += float((density * above).sum() * _STEP)
        density *= 1 - above
        density = np.convolve(density, gaussian, mode="same") * _STEP
    return crossed


def _density(values: Numbers) -> Numbers:
    density: Numbers = np.exp(-(values**2) / 2) / sqrt(2 * np.pi)
    return density
