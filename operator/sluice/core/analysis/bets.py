"""Evidence from the share of each round's events that is the candidate's: for events that come in bursts.

A burst is one surprise, however many events it holds, so a round is one bet on that share. If bursts hit requests of
both arms alike, its mean is at most the candidate's share of requests; each stake's factor 1 + λx then has a mean of at
most 1 (Waudby-Smith and Ramdas). Where most requests are bad, the bet is on the good ones.
"""

from dataclasses import dataclass
from math import log1p

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.points import STAKES

_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Bets:
    """The robust method."""

    def gains(self, counts: Counts, null: float, rate: float) -> tuple[float, ...]:
        """Return ln of what each stake made of the round."""
        surprise = _of_good(counts) if rate > _MOST and null == 1 else _of_bad(counts, null)
        return tuple([log1p(stake * surprise) for stake in STAKES])


def _of_bad(counts: Counts, null: float) -> float:
    failures = counts.candidate_failures + counts.stable_failures
    if not failures or not counts.comparable:
        return 0.0
    fair = counts.share * null / (1 + counts.share * (null - 1))
    return (counts.candidate_failures / failures - fair) / fair


def _of_good(counts: Counts) -> float:
    mine = counts.candidate_requests - counts.candidate_failures
    good = mine + counts.stable_requests - counts.stable_failures
    if good <= 0 or not counts.comparable:
        return 0.0
    return (counts.share - mine / good) / (1 - counts.share)
