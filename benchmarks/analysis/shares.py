"""Shares and means of runs with their standard errors, as they are written."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from benchmarks.analysis.traffic import Numbers, Truths


@dataclass(frozen=True)
class Share:
    """So many of so many runs."""

    hits: int
    runs: int

    @classmethod
    def of(cls, hit: Truths) -> "Share":
        """Count."""
        return cls(int(hit.sum()), len(hit))

    @property
    def value(self) -> float:
        """The share."""
        return self.hits / self.runs

    @property
    def error(self) -> float:
        """Its standard error; at none or all of the runs that of one run more."""
        near = min(max(self.hits, 1), self.runs - 1) / self.runs
        return sqrt(near * (1 - near) / self.runs)

    @property
    def text(self) -> str:
        """In percent."""
        return f"{100 * self.value:.1f} ± {100 * self.error:.1f}"


@dataclass(frozen=True)
class Mean:
    """The mean over the runs that ended, and how many did not."""

    value: float
    error: float
    missed: float
    """Share of the runs that never ended."""

    @classmethod
    def of(cls, values: Numbers) -> "Mean":
        """Average what is finite."""
        found = values[np.isfinite(values)]
        missed = 1 - len(found) / max(len(values), 1)
        if len(found) == 0:
            return cls(float("nan"), float("nan"), missed)
        error = float(found.std(ddof=1)) / sqrt(len(found)) if len(found) > 1 else float("nan")
        return cls(float(found.mean()), error, missed)

    def text(self, digits: int = 2) -> str:
        """With what was missed, if anything was."""
        if np.isnan(self.value):
            return "never"
        missed = f" ({100 * self.missed:.0f} % missed)" if self.missed else ""
        return f"{self.value:,.{digits}f} ± {self.error:,.{digits}f}{missed}"
