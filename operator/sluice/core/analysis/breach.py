"""Evidence that the candidate is worse: one e-process from the first round on, and others that began later.

The later ones find a fault that sets in late, when the first has already been persuaded of health: a few at step starts
and half hours, and a little at every minute (Shin, Ramdas and Rinaldo's e-detectors). Sticky once crossed.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf, log

from sluice.core.analysis.counts import Counts, Tally
from sluice.core.analysis.methods import METHODS, choose
from sluice.core.analysis.mixture import grained, log_sum
from sluice.core.analysis.pace import Pace
from sluice.core.analysis.points import LOG_PRIOR
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings
from sluice.core.analysis.spread import Spread

LATE_STARTS = 3
"""So many later starts are kept apart; more are merged, the ones nearest in age first."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the mixture, or several merged: rounds since `since`."""

    since: float
    wealth: tuple[float, ...]
    """ln of the wealth at each of `POINTS`, its part of the mixture included."""
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Breach:
    """All starts so far (none before the first round), what is known of the stable arm, and when it crossed."""

    starts: tuple[Start, ...] = ()
    pace: Pace = Pace()  # noqa: RUF009 -- frozen
    total: Counts = Counts()  # noqa: RUF009 -- frozen
    spread: Spread = Spread()  # noqa: RUF009 -- frozen
    crossed_at: float | None = None
    """Time of the round that crossed."""

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
        starts = _begun(self.starts, done.begin, part)
        counts = done.counts
        gains = METHODS[self.method(settings)].gains(counts, settings.null_ratio, self.total.stable_rate)
        watched = self.watch(done)
        return replace(watched, starts=tuple([_extended(start, gains, counts) for start in starts]), pace=pace)

    def watch(self, done: Round) -> "Breach":
        """Take note of the stable arm in a round that is not to count for or against anybody."""
        theirs = (done.counts.stable_requests, done.counts.stable_failures)
        return replace(self, total=self.total + done.counts, spread=self.spread.add(done.strata, theirs))

    def crosses(self, settings: Settings) -> bool:
        """Return whether the evidence newly suffices, of the starts since which the candidate looks worse."""
        if self.crossed_at is not None or self.log_evidence() < threshold(settings):
            return False
        return self.log_evidence(settings.min_ratio, settings.min_excess) >= threshold(settings)

    def log_evidence(self, min_ratio: float = 0.0, min_excess: float = -inf) -> float:
        """Return ln of the mixture over starts that look worse by so much. What is still to start stays at 1."""
        logs = [log(self.pace.left)] if self.pace.left > 0 else []
        for start in self.starts:
            if start.tally.worse(min_ratio, min_excess):
                logs += start.wealth
        return log_sum(logs)


def threshold(settings: Settings) -> float:
    """Return the ln E at which this metric alone is found guilty."""
    return -log(settings.alpha * settings.share)


def log_evidence(breach: Breach) -> float:
    """Return ln of the whole mixture."""
    return breach.log_evidence()


def _begun(starts: tuple[Start, ...], since: float, part: float) -> tuple[Start, ...]:
    if not part:
        return starts
    begun = (*starts, Start(since, tuple([grained(log(part) + prior) for prior in LOG_PRIOR])))
    return begun if len(begun) <= 1 + LATE_STARTS else _merged(begun)


def _merged(starts: tuple[Start, ...]) -> tuple[Start, ...]:
    """Merge the two later starts whose ages differ least in proportion; the older one's tally stays, being stricter."""
    now = starts[-1].since
    ages = [(later.since - earlier.since) / (now - earlier.since) for earlier, later in pairwise(starts[1:])]
    place = 1 + ages.index(min(ages))
    older, younger = starts[place], starts[place + 1]
    wealth = tuple([grained(log_sum(pair)) for pair in zip(older.wealth, younger.wealth, strict=True)])
    return (*starts[:place], replace(older, wealth=wealth), *starts[place + 2 :])


def _extended(start: Start, gains: tuple[float, ...], counts: Counts) -> Start:
    wealth = tuple([grained(old + gain) for old, gain in zip(start.wealth, gains, strict=True)])
    return Start(start.since, wealth, start.tally.add(counts))
