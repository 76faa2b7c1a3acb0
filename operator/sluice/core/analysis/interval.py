"""Between which ratios of rates the truth lies, whenever one looks.

For the true ratio r the sum M of "candidate's events less r times those expected" is a martingale; Robbins' normal
mixture bounds it at all times: M² < (V + η)·(ln((V + η)/η) + 2 ln(1/risk)), V its variance (Robbins 1970; Howard,
Ramdas, McAuliffe and Sekhon 2021, eq. 14; with an estimated variance Waudby-Smith et al. 2024). Solved for r it is a
quadratic. Its coverage with few events is shown in `tests/statistics`.
"""

from math import inf, log, sqrt

from sluice.core.analysis.counts import Tally
from sluice.core.analysis.frozen import frozen

RISK = 0.05
"""Chance that the interval ever misses the truth."""
ETA = 4.0
"""Where the bound is tightest: at some thirty events."""


@frozen
class Interval:
    """Bounds of the ratio; no upper one while too few events were expected."""

    low: float
    high: float

    @property
    def text(self) -> str:
        """The interval, for people."""
        return f"{self.low:.2f} to {self.high:.2f}" if self.high < inf else f"at least {self.low:.2f}"


def interval(tally: Tally, factor: float = 1.0, risk: float = RISK) -> Interval | None:
    """Return the interval; `factor` is how many times the variance of single events the true one is."""
    if not tally.expected:
        return None
    seen, expected = tally.observed, tally.expected
    mine, theirs, eta = seen * factor, tally.squares * factor, ETA * factor * factor
    ratio = max(seen, factor) / expected
    variance = mine + ratio * ratio * theirs + eta
    width = log(variance / eta) - 2 * log(risk)
    square, constant = expected * expected - width * theirs, seen * seen - width * (mine + eta)
    root = sqrt(max(seen * seen * expected * expected - square * constant, 0.0))
    low = constant / (seen * expected + root) if constant > 0 else 0.0
    return Interval(low, (seen * expected + root) / square if square > 0 else inf)
