"""The likelihood ratio of two ratios of rates, given how many requests each arm served.

Of all failures in a round, the candidate's part is binomial with θ(r) = sr / (1 + s(r-1)), s its share of requests.
Given exposures this holds whatever the baseline and the split are at that moment, so rounds multiply.
"""

from math import log, log1p

from sluice.core.analysis.counts import Counts


def log_increment(counts: Counts, null: float, alternative: float) -> float:
    """Return ln of the likelihood of `alternative` over that of `null`; 0 when only one arm served."""
    if not counts.comparable:
        return 0.0
    share, failures = counts.share, counts.candidate_failures + counts.stable_failures
    spread = log1p(share * (null - 1)) - log1p(share * (alternative - 1))
    return counts.candidate_failures * log(alternative / null) + failures * spread
