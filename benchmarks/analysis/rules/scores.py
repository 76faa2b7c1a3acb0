"""The two-sample score that several rules look at: how far the candidate's rate lies above the stable's."""

import numpy as np

from benchmarks.analysis.rules.rule import MINUTE
from benchmarks.analysis.traffic import Numbers, Traffic


def each_minute(traffic: Traffic) -> tuple[Numbers, Numbers]:
    """Return the pooled z score of all that came so far, minute by minute, and the times of those looks."""
    minutes = traffic.windows(MINUTE)
    totals = minutes.summed()
    mine, theirs = np.maximum(totals.candidate_requests, 1), np.maximum(totals.stable_requests, 1)
    pooled = (totals.candidate_failures + totals.stable_failures) / (mine + theirs)
    error = np.sqrt(pooled * (1 - pooled) * (1 / mine + 1 / theirs))
    above = totals.candidate_failures / mine - totals.stable_failures / theirs
    return np.divide(above, error, out=np.zeros_like(above), where=error > 0), minutes.ends
