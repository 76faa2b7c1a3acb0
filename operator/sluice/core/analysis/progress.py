"""Evidence, within one step, that the candidate is not unacceptable there.

Unacceptable is: `margin` times the stable's rate or more, *and* `floor` more failures per request. Either half may be
disproved: the ratio of rates (which learns from failures only), or, as the stable's rate is at least 0, that the
candidate's own rate reaches the floor (which a spotless candidate disproves by requests alone).
"""

from dataclasses import dataclass
from math import inf, log, log1p

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.likelihood import log_increments
from sluice.core.analysis.mixture import log_mean
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings, Step

DIGITS = 9
RATIO_PRIOR = (0.1, 0.2, 0.5, 0.2)
FLOOR_POINTS = (0.0, 0.25, 0.5)
"""Alternatives to the floor, as parts of it, equally likely."""
FLOOR_PRIOR = (1 / 3, 1 / 3, 1 / 3)
PRIOR = (*(part / 2 for part in RATIO_PRIOR), *(part / 2 for part in FLOOR_PRIOR))
"""The ratio and the floor hold half each."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the step's own rounds say: those that began after the step did."""

    counts: Counts
    wealth: tuple[float, ...]
    """ln of the ratio's e-process at each of its alternatives. The floor's follow from the counts."""
    rounds: int = 0
    seconds: float = 0.0
    """Time that the rounds cover."""

    def extend(self, done: Round, step: Step) -> "Progress":
        """Take in a round; one that began before the step is left out."""
        if done.begin < step.started_at:
            return self
        gains = log_increments(done.counts, step.margin, alternatives(step.margin))
        return Progress(
            self.counts + done.counts,
            tuple(round(old + gain, DIGITS) for old, gain in zip(self.wealth, gains, strict=True)),
            self.rounds + 1,
            self.seconds + done.end - done.begin,
        )


def fresh() -> Progress:
    """Return a step without rounds."""
    return Progress(Counts(), (0.0,) * len(RATIO_PRIOR))


def alternatives(margin: float) -> tuple[float, ...]:
    """Return the ratios that a good candidate may truly have."""
    return (0.6, 0.8, 1.0, 1 + 0.25 * (margin - 1))


def threshold(settings: Settings) -> float:
    """Return the ln E at which the step passes."""
    return -log(settings.beta)


def wealths(progress: Progress, step: Step) -> tuple[float, ...]:
    """Return ln E of every part of the mixture, in the order of `PRIOR`."""
    return (*progress.wealth, *(_below(progress.counts, step.floor, part * step.floor) for part in FLOOR_POINTS))


def log_evidence(progress: Progress, step: Step) -> float:
    """Return ln E against "unacceptable"."""
    return log_mean(PRIOR, wealths(progress, step))


def _below(counts: Counts, floor: float, rate: float) -> float:
    """Return ln of the likelihood of a failure rate over that of the floor; -inf for 0 once something failed."""
    failures = counts.candidate_failures
    answered = counts.candidate_requests - failures
    lost = 0.0 if not failures else failures * log(rate / floor) if rate else -inf
    return lost + answered * (log1p(-rate) - log1p(-floor))
