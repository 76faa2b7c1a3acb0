"""The oracle: Wald's test between the null and the very ratio that holds. Nobody has it; nobody can be much faster."""

from dataclasses import dataclass
from math import log

import numpy as np

from benchmarks.analysis.rules.rule import ALPHA
from benchmarks.analysis.traffic import Numbers, Traffic, first_time


@dataclass(frozen=True)
class Oracle:
    """Knows the ratio."""

    ratio: float
    alpha: float = ALPHA

    def rolled_back(self, traffic: Traffic) -> Numbers:
        """Return the first bin at which the likelihood ratio reaches 1/alpha."""
        requests = traffic.candidate_requests + traffic.stable_requests
        spread = np.log1p(traffic.candidate_requests / np.maximum(requests, 1) * (self.ratio - 1))
        failures = traffic.candidate_failures + traffic.stable_failures
        gains = traffic.candidate_failures * log(self.ratio) - failures * spread
        return first_time(np.cumsum(gains, axis=1) >= -log(self.alpha), traffic.ends)


def limit(ratio: float, baseline: float, share: float, alpha: float = ALPHA) -> float:
    """Return the candidate requests that any test needs on average, but for the overshoot: the information limit.

    What one of them and its part of the stable arm's tell two rates from the one rate that explains them best.
    """
    both = baseline * (1 + share * (ratio - 1))
    told = _divergence(ratio * baseline, both) + (1 - share) / share * _divergence(baseline, both)
    return -log(alpha) / told


def _divergence(rate: float, other: float) -> float:
    return rate * log(rate / other) + (1 - rate) * log((1 - rate) / (1 - other))
