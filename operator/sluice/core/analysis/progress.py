"""Evidence, within one step, that the candidate is not unacceptable there.

Unacceptable is: `margin` times the stable's rate or more, *and* `floor` more bad events per request. Either half may be
disproved: the ratio of rates (which learns from events only), or, as the stable's rate is at least 0, that the
candidate's own rate reaches the floor (which a spotless candidate disproves by requests alone).
Where events are the good thing, the ratio is that of their rates, and too low at 1/`margin`.
"""

from dataclasses import replace
from functools import lru_cache
from math import inf, log, log1p
from operator import add

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.likelihood import Others, beyond, log_increments
from sluice.core.analysis.mixture import grown, log_sum
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings, Step

RATIO_PRIOR = (0.05, 0.1, 0.65, 0.2)
FLOOR_POINTS = (0.0, 0.25, 0.5)
"""Alternatives to the floor, as parts of it."""
FLOOR_PRIOR = (0.6, 0.2, 0.2)
HALF, MOST = 0.5, 0.95
"""The ratio holds half of the evidence, or nearly all or nothing where rounds before the step tell which half wins."""
ENOUGH = 100
"""So many requests of the stable arm tell."""


@frozen
class Progress:
    """What the step's own rounds say: those that began after the step did."""

    counts: Counts
    wealth: tuple[float, ...]
    """ln of the ratio's e-process at each of its alternatives."""
    rounds: int = 0
    begun: float = 0.0
    """When the first round began."""
    ended: float = 0.0
    """When the last round ended."""
    ratio_part: float = HALF
    """What the ratio holds of the evidence: fixed by the rounds before the step's first."""

    def extend(self, done: Round, step: Step, *, higher: bool = False) -> "Progress":
        """Take in a round; one that began before the step is left out."""
        if done.begin < step.started_at:
            return self
        return Progress(
            self.counts + done.counts,
            grown(self.wealth, _gains(done.counts, step.margin, higher=higher)),
            self.rounds + 1,
            self.begun if self.rounds else done.begin,
            done.end,
            self.ratio_part,
        )

    def informed(self, before: Counts, step: Step) -> "Progress":
        """Divide the evidence between ratio and floor by what was counted before the step's first round, and once."""
        return self if self.rounds else replace(self, ratio_part=_ratio_part(before, step.floor))

    @property
    def seconds(self) -> float:
        """Time that the rounds cover."""
        return self.ended - self.begun


def fresh() -> Progress:
    """Return a step without rounds."""
    return Progress(Counts(), (0.0,) * len(RATIO_PRIOR))


@lru_cache(maxsize=256)
def ratios(margin: float, *, higher: bool) -> tuple[float, Others]:
    """Return the ratio that is unacceptable, and those that a good candidate may truly have."""
    good = (0.6, 0.8, 1.0, 1 + 0.25 * (margin - 1))
    null, others = (1 / margin, [1 / one for one in good]) if higher else (margin, good)
    return null, beyond(null, others)


def threshold(settings: Settings) -> float:
    """Return the ln E at which the step passes."""
    return -log(settings.beta)


def parts(progress: Progress, step: Step, burst: float = 1.0) -> list[float]:
    """Return ln of every part of the mixture, its prior included: those of the ratio, then those of the floor.

    So many events as `burst` count for one: all that were seen, whenever it became known that they come in bursts.
    """
    failures = progress.counts.candidate_failures
    good, floors = progress.counts.candidate_requests - failures, floor_logs(step.floor)
    if failures:
        logs = [*progress.wealth, *[failures * lost + good * kept for lost, kept in floors]]
    else:
        logs = [*progress.wealth, *[good * kept for _, kept in floors]]
    if burst > 1:
        logs = [one / burst for one in logs]
    return list(map(add, _log_prior(progress.ratio_part), logs))


def log_evidence(progress: Progress, step: Step, burst: float = 1.0) -> float:
    """Return ln E against "unacceptable", where so many events as `burst` count for one."""
    return log_sum(parts(progress, step, burst))


def _gains(counts: Counts, margin: float, *, higher: bool) -> tuple[float, ...]:
    return log_increments(counts.others if higher else counts, *ratios(margin, higher=higher))


def _ratio_part(before: Counts, floor: float) -> float:
    """Return what the ratio shall hold: where many events come the floor cannot win, and where none came the ratio."""
    if before.stable_requests < ENOUGH:
        return HALF
    return MOST if before.stable_rate >= floor else HALF if before.stable_failures else 1 - MOST


@lru_cache(maxsize=8)
def _log_prior(ratio_part: float) -> tuple[float, ...]:
    ratios = [log(ratio_part * part) for part in RATIO_PRIOR]
    return (*ratios, *[log((1 - ratio_part) * part) for part in FLOOR_PRIOR])


@lru_cache(maxsize=256)
def floor_logs(floor: float) -> tuple[tuple[float, float], ...]:
    """Return, for each alternative to a rate of bad events, ln of its odds against it by a bad event and by another."""
    return tuple((log(part) if part else -inf, log1p(-part * floor) - log1p(-floor)) for part in FLOOR_POINTS)
