"""Whether events come one by one or in bursts: how far the stable arm's pods lie apart, beyond what chance explains.

Pearson's X² of the pods of one round against their common rate: what moves all alike cancels, and a candidate at fault
does not choose its own judge. Where the stable arm has a single pod the two arms stand for pods, the candidate with as
many times the requests as it has so far had times the stable's rate: then only a fault that comes and goes is a burst.
"""

from collections.abc import Sequence
from math import exp, inf, sqrt

from sluice.core.analysis.counts import Counts, Tally
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.mixture import grained

LIMIT = 1.2
"""X² per degree of freedom above which events are taken to come in bursts."""
SURE = 2.33
"""In standard errors: so far above 1 it must be for chance to explain it once in a hundred times."""
UNSEEN = 0.2
"""A ratio of which nothing is known may be anything: the variance of its logarithm is 1 over this."""
LIKELY = 1.65
"""The same for what a pass is held to, which may be wrong in one of twenty."""
EXACT = 0.25
"""The standard error of X² per degree of freedom at which it is known."""
ROUGH = 0.5
"""The same at which bursts that would matter to a pass would show."""
MOST = 10.0
"""Per degree of freedom a round says no more than this: a single blip is no habit."""

GRANTED = 4.0
"""So many degrees of freedom."""
FAR = 50.0
LARGEST = 20.0
"""So many events a burst is taken to have at most before the pods showed more."""

Stratum = tuple[float, float]
"""Requests and events."""


@frozen
class Spread:
    """X², its degrees of freedom and its variance, summed over rounds."""

    squares: float = 0.0
    freedom: float = 0.0
    noise: float = 0.0
    whole: float = 0.0
    """X² with all that a single round said."""

    def add(self, strata: Sequence[Stratum], counts: Counts, before: Tally) -> "Spread":
        """Take in a round: its stable pods; for want of several both arms, whose ratio is known from `before`."""
        served, doubt = [one for one in strata if one[0] > 0], 0.0
        if len(served) < 2:  # noqa: PLR2004 -- one pod has no other to be held against
            if not counts.candidate_failures and not counts.stable_failures:
                return self
            served = _arms(counts, (before.observed + 1) / (before.expected + 1))
            doubt = 1 / (before.observed + UNSEEN) + 1 / (before.expected + 1)
        requests, events = sum([of for of, _ in served]), sum([mine for _, mine in served])
        if len(served) < 2 or not 0 < events < requests:  # noqa: PLR2004
            return self
        freedom = len(served) - 1
        between = sum([mine * mine / of for of, mine in served]) - events * events / requests
        squares = between * requests * (requests - 1) / (events * (requests - events))
        squares /= 1 + doubt * events * served[0][0] * served[-1][0] / requests**2
        # The variance of X² where few events are expected in a pod (Haldane 1937).
        parts = requests * sum([1 / of for of, _ in served]) - len(served) ** 2 - 2 * freedom
        return Spread(
            grained(self.squares + min(squares, MOST * freedom)),
            self.freedom + freedom,
            grained(self.noise + 2 * freedom + max(parts, 0.0) / min(events, requests - events)),
            grained(self.whole + squares),
        )

    @property
    def factor(self) -> float:
        """How many times the variance of single events the true one is; at least 1."""
        return max(1.0, self.squares / self.freedom) if self.freedom else 1.0

    @property
    def guess(self) -> float:
        """The same for want of better: as if some pods that are alike had been seen before."""
        return max(1.0, (self.squares + GRANTED) / (self.freedom + GRANTED))

    @property
    def most(self) -> float:
        """How many times it may still be: X² so small has a chance of one in a hundred then (about log-normal)."""
        return self.factor * self._doubt(SURE)

    @property
    def reckoned(self) -> float:
        """How many events to count for one before they show that a candidate is acceptable: rather too many.

        As many as were seen, the largest bursts included; and as many as are likely, up to LARGEST, unless events were
        seen to come one by one. Where none came there is nothing to count.
        """
        if not self.freedom:
            return 1.0
        seen = max(1.0, self.whole / self.freedom)
        singly = self.noise <= (ROUGH * self.freedom) ** 2 and not self._in_bursts(self.whole)
        return seen if singly else max(seen, min(seen * self._doubt(LIKELY), LARGEST))

    @property
    def effect(self) -> float:
        """The same where events come in bursts; else 1."""
        return self.factor if self.bursty else 1.0

    @property
    def known(self) -> bool:
        """Whether enough was seen to tell that events come one by one."""
        return self.noise <= (EXACT * self.freedom) ** 2 and self.freedom > 0

    @property
    def bursty(self) -> bool:
        """Whether events come in bursts."""
        return self._in_bursts(self.squares)

    def _doubt(self, errors: float) -> float:
        """Return how many times what was seen may be true, so many standard errors off."""
        return inf if self.freedom <= 1 else exp(min(errors * sqrt(self.noise) / (self.freedom - 1), FAR))

    def _in_bursts(self, squares: float) -> bool:
        return squares > LIMIT * self.freedom and squares - self.freedom > SURE * sqrt(self.noise)


def _arms(counts: Counts, ratio: float) -> list[Stratum]:
    """Return both arms as if of one rate: of the same requests in all, the candidate has `ratio` times its part."""
    if not counts.comparable:
        return []
    mine, theirs = counts.candidate_requests * ratio, counts.stable_requests
    scale = (counts.candidate_requests + theirs) / (mine + theirs)
    return [(mine * scale, counts.candidate_failures), (theirs * scale, counts.stable_failures)]
