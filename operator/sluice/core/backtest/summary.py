"""What many trials say together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from sluice.core.backtest.chance import clopper_pearson
from sluice.core.backtest.trial import Trial
from sluice.core.rehearsal import Outcome

PARTS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of all trials, with the exact 95 % interval of what that estimates."""

    hits: int
    runs: int

    @property
    def rate(self) -> float:
        """The share; 0 without trials."""
        return self.hits / self.runs if self.runs else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies."""
        return clopper_pearson(self.hits, self.runs) if self.runs else (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The 10th, 50th and 90th percentile."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What came of all trials that the history was long enough for."""

    outcomes: Mapping[Outcome, Share]
    unfinished: int
    promoted: Quantiles | None
    """Seconds until the promotion."""
    caught: Quantiles | None
    """Seconds until the breach."""
    caught_requests: Quantiles | None
    """Candidate requests until the breach."""
    steps: Sequence[Quantiles | None]
    """Seconds that each step took which was passed."""
    stuck: Mapping[int, int]
    """Trials without a verdict, by step."""
    dispersion: Mapping[str, float]
    """By metric, at the median trial: how many times the variance of single events the true one is."""


def summary(trials: Sequence[Trial], steps: int) -> Summary:
    """Return what the trials say together."""
    ended = [one for one in trials if one.outcome is not Outcome.UNFINISHED]
    breached = [one for one in ended if one.outcome is Outcome.BREACHED]
    stuck = [one.step for one in ended if one.outcome in {Outcome.UNDECIDED, Outcome.TAKEN_BACK}]
    return Summary(
        outcomes={
            outcome: Share(sum(one.outcome is outcome for one in ended), len(ended))
            for outcome in Outcome
            if outcome is not Outcome.UNFINISHED
        },
        unfinished=len(trials) - len(ended),
        promoted=quantiles([one.seconds for one in ended if one.outcome is Outcome.PROMOTED]),
        caught=quantiles([one.seconds for one in breached]),
        caught_requests=quantiles([one.requests for one in breached]),
        steps=[quantiles([one.steps[step] for one in ended if len(one.steps) > step]) for step in range(steps)],
        stuck={step: stuck.count(step) for step in sorted(set(stuck))},
        dispersion=_dispersion(trials),
    )


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """Return the percentiles of values, each one of them; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return Quantiles(*(ordered[ceil(part * len(ordered)) - 1] for part in PARTS))


def _dispersion(trials: Sequence[Trial]) -> Mapping[str, float]:
    names = trials[0].metrics if trials else ()
    found = {name: quantiles([one.metrics[name].dispersion for one in trials if name in one.metrics]) for name in names}
    return {name: one.median for name, one in found.items() if one is not None}
