"""Evidence from the share of each round's events that is the candidate's: for events that may come in bursts.

A burst is one surprise, however many events it holds, so a round is one bet on that share. If bursts hit requests of
both arms alike, its mean is at most the candidate's share of requests, whatever their number and sizes; each stake's
factor 1 + λx then has a mean of at most 1 (Waudby-Smith and Ramdas). Where most requests are bad, the bet is on the
good ones.
"""

from dataclasses import dataclass
from math import log1p

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.points import POINTS

_MOST = 0.5
_EXCESSES = tuple(point - 1 for point in POINTS)
_NOTHING = (0.0,) * len(POINTS)
MOST_STAKED = 0.9
"""Of the wealth, in one round."""
_MOST_ODDS = MOST_STAKED / (1 - MOST_STAKED)


@dataclass(frozen=True, slots=True)
class Bets:
    """The robust method.

    The stake is u / (1 + u), where u are the events of the candidate beyond the fair ones that a ratio of `POINTS` lets
    expect of the round: then a bet on a single event says what its likelihood does. It may depend on how many events
    there are in all, for that says nothing about whose they are.
    """

    def gains(self, counts: Counts, null: float, rate: float) -> tuple[float, ...]:
        """Return ln of what each stake made of the round."""
        if not counts.comparable:
            return _NOTHING
        if rate > _MOST and null == 1:
            good = counts.others
            return _gains(good.stable_failures, good.candidate_failures, 1 - counts.share)
        share = counts.share
        fair = share * null / (1 + share * (null - 1))
        return _gains(counts.candidate_failures, counts.stable_failures, fair)


def _gains(mine: float, theirs: float, fair: float) -> tuple[float, ...]:
    """Return ln of the factors of a bet on those whose part of the events would be `fair`."""
    events = mine + theirs
    if events <= 0:
        return _NOTHING
    expected = events * fair
    surprise = mine / expected - 1
    most = log1p(MOST_STAKED * surprise)
    return tuple(
        [
            log1p(surprise * (odds / (1 + odds))) if (odds := expected * excess) < _MOST_ODDS else most
            for excess in _EXCESSES
        ]
    )
