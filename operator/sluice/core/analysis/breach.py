"""Evidence that the candidate is worse: one e-process from the first round on, and others that began later.

The later ones find a fault that sets in late, when the first has already been persuaded of health: a few at step starts
and half hours, and a little at every minute (Shin, Ramdas and Rinaldo's e-detectors). Sticky once crossed.

One round gains all starts the same. So the wealth is kept once, and of a start what it was worth when it began.
"""

from dataclasses import field, replace
from itertools import pairwise
from math import exp, inf, log

from sluice.core.analysis.counts import Counts, Tally
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.methods import choose, gains
from sluice.core.analysis.mixture import grained, grown, log_sum
from sluice.core.analysis.pace import Pace
from sluice.core.analysis.points import LOG_LATE_PRIOR, LOG_PRIOR, POINTS
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings
from sluice.core.analysis.spread import Spread

LATE_STARTS = 3
"""So many later starts are kept apart; more are merged, the ones nearest in age first."""
Logs = tuple[float, ...]
_NOTHING: Logs = (0.0,) * len(POINTS)
_NONE: Logs = (-inf,) * len(POINTS)


@frozen
class Start:
    """One start of the mixture, or several merged: rounds since `since`."""

    since: float
    stake: Logs
    """ln of its part of the mixture at each of `POINTS`, less the wealth of that moment."""
    before: Tally = Tally()
    """The tally of that moment."""


@frozen
class Breach:
    """All starts so far (none before the first round), what is known of the stable arm, and when it crossed."""

    starts: tuple[Start, ...] = ()
    wealth: Logs = _NOTHING
    """ln of what the rounds so far gained at each of `POINTS`."""
    tally: Tally = Tally()
    pace: Pace = Pace()
    total: Counts = Counts()
    spread: Spread = Spread()
    crossed_at: float | None = None
    """Time of the round that crossed."""
    stakes: Logs = field(default=_NONE, compare=False)
    """The sum of the starts' stakes: follows from them."""

    def restart(self, since: float) -> "Breach":
        """Begin anew with the first round at or after `since`, beside what began before."""
        return replace(self, pace=self.pace.ask(since)) if self.starts else self

    def method(self, settings: Settings) -> str:
        """Return the name of the method for the next round."""
        return choose(self.total, self.spread, settings)

    def extend(self, done: Round, settings: Settings) -> "Breach":
        """Take in a round, and note whether the evidence now crosses."""
        grown = self.grow(done, settings)
        return replace(grown, crossed_at=done.end) if grown.crosses(settings) else grown

    def grow(self, done: Round, settings: Settings) -> "Breach":
        """Take in a round."""
        pace, part = self.pace.step(done.begin, settings)
        starts, stakes = self.starts, self.stakes
        if part:
            starts = self._begun(done.begin, part)
            stakes = staked(starts)
        counts = done.counts
        gained = gains(counts, self.total, self.spread, settings)
        return Breach(
            starts,
            grown(self.wealth, gained),
            self.tally.add(counts),
            pace,
            self.total + counts,
            self.spread.add(done.strata, counts, self.tally),
            self.crossed_at,
            stakes,
        )

    def watch(self, done: Round) -> "Breach":
        """Take note of the stable arm in a round that is not to count for or against anybody."""
        spread = self.spread.add(done.strata, done.counts, self.tally)
        return replace(self, total=self.total + done.counts, spread=spread)

    def crosses(self, settings: Settings) -> bool:
        """Return whether the evidence newly suffices, of the starts since which the candidate looks worse."""
        if self.crossed_at is not None or self.log_evidence() < threshold(settings):
            return False
        return self.log_against(settings) >= threshold(settings)

    def log_evidence(self) -> float:
        """Return ln of the mixture over all starts. What is still to start stays at 1."""
        logs = [stake + wealth for stake, wealth in zip(self.stakes, self.wealth, strict=True)]
        top = max(logs)
        if self.pace.left <= 0:
            return top + log(sum([exp(one - top) for one in logs])) if top > -inf else top
        top = max(top, 0.0)
        return top + log(sum([exp(one - top) for one in logs]) + self.pace.left * exp(-top))

    def log_against(self, settings: Settings) -> float:
        """Return the same over those starts since which the candidate looks worse enough to matter."""
        logs = [log(self.pace.left)] if self.pace.left > 0 else []
        for start in self.starts:
            if self.since(start).worse(settings.min_ratio, settings.min_excess):
                logs += [stake + wealth for stake, wealth in zip(start.stake, self.wealth, strict=True)]
        return log_sum(logs)

    def since(self, start: Start) -> Tally:
        """Return what the candidate did since a start."""
        return self.tally.less(start.before)

    def _begun(self, since: float, part: float) -> tuple[Start, ...]:
        share, priors = log(part), LOG_LATE_PRIOR if self.starts else LOG_PRIOR
        stake = [grained(share + prior - old) for prior, old in zip(priors, self.wealth, strict=True)]
        starts = (*self.starts, Start(since, tuple(stake), self.tally))
        return starts if len(starts) <= 1 + LATE_STARTS else _merged(starts)


def threshold(settings: Settings) -> float:
    """Return the ln E at which this metric alone is found guilty."""
    return -log(settings.alpha * settings.share)


def staked(starts: tuple[Start, ...]) -> Logs:
    """Return ln of what all starts hold together, at each of `POINTS`."""
    return tuple([log_sum(column) for column in zip(*(start.stake for start in starts), strict=True)]) or _NONE


def _merged(starts: tuple[Start, ...]) -> tuple[Start, ...]:
    """Merge the two later starts whose ages differ least in proportion; the older one's tally stays, being stricter."""
    now = starts[-1].since
    ages = [(later.since - earlier.since) / (now - earlier.since) for earlier, later in pairwise(starts[1:])]
    place = 1 + ages.index(min(ages))
    older, younger = starts[place], starts[place + 1]
    stake = tuple([grained(log_sum(pair)) for pair in zip(older.stake, younger.stake, strict=True)])
    return (*starts[:place], replace(older, stake=stake), *starts[place + 2 :])
