"""What every method returns, and what several of them need: arrays by name, the normal quantile, unseen items."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Booleans: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Interval:
    """A point estimate between its two one-sided bounds."""

    estimate: float
    lower: float
    upper: float

    def within(self, least: float, most: float) -> "Interval":
        """Return the interval with its bounds cut to what the quantity can be."""
        return Interval(self.estimate, max(self.lower, least), min(self.upper, most))


def normal_quantile(level: float) -> float:
    """Return z, which a standard normal number is below with chance `level`."""
    return float(ndtri(level))


def unseen(units: int, level: float) -> float:
    """Return the share that a kind of unit may have although none of `units` is of it: 1 % at 300 and 95 %."""
    return float(1 - (1 - level) ** (1 / units))
