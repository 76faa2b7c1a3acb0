"""Evidence that the candidate is worse: one e-process from the first round on, and others that began later.

The later ones find a fault that sets in late, when the first has already been persuaded of health. Sticky once crossed.
"""

from dataclasses import dataclass, field, replace
from math import inf, log

from sluice.core.analysis.counts import Counts, Tally
from sluice.core.analysis.methods import METHODS
from sluice.core.analysis.mixture import log_sum
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings

METHOD = METHODS["Counts"]
FIRST_SHARE = 0.5
"""What the first start holds of the mixture when there are others."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the mixture: rounds that begin at `since` or later."""

    since: float
    wealth: tuple[float, ...]
    tally: Tally = field(default_factory=Tally)

    def extend(self, counts: Counts, null_ratio: float) -> "Start":
        """Take in a round."""
        return replace(self, wealth=METHOD.extend(self.wealth, counts, null_ratio), tally=self.tally.add(counts))


@dataclass(frozen=True, slots=True)
class Breach:
    """All starts so far (none before the first round), and when the threshold was crossed."""

    starts: tuple[Start, ...] = ()
    crossed_at: float | None = None
    """Time of the round that crossed."""

    def restart(self, since: float, settings: Settings) -> "Breach":
        """Begin anew at `since`, beside what began before; without effect before the first round or beyond the plan."""
        if not self.starts or len(self.starts) > settings.restarts:
            return self
        return replace(self, starts=(*self.starts, Start(since, METHOD.start())))

    def extend(self, done: Round, settings: Settings) -> "Breach":
        """Take in a round, and note whether the evidence now crosses."""
        begun = self if self.starts else replace(self, starts=(Start(done.begin, METHOD.start()),))
        if done.begin - begun.starts[-1].since >= settings.restart_seconds:
            begun = begun.restart(done.begin, settings)
        grown = tuple(
            start.extend(done.counts, settings.null_ratio) if done.begin >= start.since else start
            for start in begun.starts
        )
        crossed = begun.crossed_at
        if crossed is None and _mix(grown, settings, settings.min_excess) >= threshold(settings):
            crossed = done.end
        return Breach(grown, crossed)


def threshold(settings: Settings) -> float:
    """Return the ln E at which this metric alone is found guilty."""
    return -log(settings.alpha * settings.share)


def log_evidence(starts: tuple[Start, ...], settings: Settings) -> float:
    """Return ln of the mixture over starts. Starts still to come hold their part at 1."""
    return _mix(starts, settings, -inf)


def _mix(starts: tuple[Start, ...], settings: Settings, min_excess: float) -> float:
    """Mix the starts since which the candidate failed by `min_excess` more often than the stable arm."""
    parts = _parts(settings)
    waiting = sum(parts[len(starts) :])
    grown = [
        log(part) + METHOD.log_evidence(start.wealth)
        for part, start in zip(parts, starts, strict=False)
        if start.tally.excess >= min_excess
    ]
    return log_sum([*grown, log(waiting)] if waiting else grown)


def _parts(settings: Settings) -> tuple[float, ...]:
    if settings.restarts == 0:
        return (1.0,)
    return (FIRST_SHARE, *((1 - FIRST_SHARE) / settings.restarts,) * settings.restarts)
