"""Whether requests reach the arms in the configured share: if not, the data say something about routing instead."""

from math import inf, log

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.frozen import frozen

MEMORY = 0.9
"""A round's weight in the check after one more round: about the last 20 rounds decide, so a repaired route recovers."""
SLACK_PART, SLACK = 0.5, 0.02
"""Shares this far off (in part of the share, or absolute) are put down to staggered scrapes and sticky connections."""
SURPRISE = log(1e6)
"""Beyond the slack, a share is a mismatch when chance explains it less often than once in a million looks."""


@frozen
class Seen:
    """Requests by arm, fading."""

    candidate: float = 0.0
    stable: float = 0.0

    def extend(self, counts: Counts) -> "Seen":
        """Take in a round."""
        return Seen(
            round(self.candidate * MEMORY + counts.candidate_requests, 3),
            round(self.stable * MEMORY + counts.stable_requests, 3),
        )

    @property
    def share(self) -> float:
        """The candidate's share of requests; 0 without any."""
        requests = self.candidate + self.stable
        return self.candidate / requests if requests else 0.0


def mismatch(seen: Seen, weight: float) -> bool:
    """Return whether the candidate's share cannot be `weight` (0..1): a bound on the binomial tail (Chernoff)."""
    slack = max(SLACK, SLACK_PART * min(weight, 1 - weight))
    nearest = min(max(seen.share, weight - slack), weight + slack)
    requests = seen.candidate + seen.stable
    return requests * _divergence(seen.share, min(max(nearest, 0.0), 1.0)) > SURPRISE


def _divergence(share: float, expected: float) -> float:
    return _part(share, expected) + _part(1 - share, 1 - expected)


def _part(share: float, expected: float) -> float:
    if share <= 0:
        return 0.0
    return inf if expected <= 0 else share * log(share / expected)
