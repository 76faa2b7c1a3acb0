"""Lindon and Malek (2022): a sequential multinomial test of whose the failures are, with a Dirichlet mixture.

Where requests fall to the arms by the configured weight, so do the failures of two arms with one rate.
"""

from dataclasses import dataclass
from math import log

import numpy as np
from scipy.special import betaln

from benchmarks.analysis.rules.rule import ALPHA
from benchmarks.analysis.traffic import Numbers, Traffic, first_time


@dataclass(frozen=True)
class LindonMalek:
    """Two-sided, as published; only more failures than due count here."""

    alpha: float = ALPHA
    prior: tuple[float, float] = (1.0, 1.0)

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return the first bin whose Bayes factor reaches 1/alpha with the candidate failing too often."""
        share = traffic.weights
        null = traffic.candidate_failures * np.log(share) + traffic.stable_failures * np.log1p(-share)
        due = np.cumsum((traffic.candidate_failures + traffic.stable_failures) * share, axis=1)
        totals = traffic.summed()
        first, second = self.prior
        mixed = betaln(first + totals.candidate_failures, second + totals.stable_failures) - betaln(first, second)
        above = totals.candidate_failures > due
        return first_time(above & (mixed - np.cumsum(null, axis=1) >= -log(self.alpha)), traffic.ends)
