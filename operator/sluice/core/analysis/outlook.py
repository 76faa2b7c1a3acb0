"""How much more is needed until a step passes, if the candidate is as good as the stable arm."""

from dataclasses import dataclass
from math import ceil, log, log1p

from sluice.core.analysis.mixture import log_sum
from sluice.core.analysis.progress import FLOOR_POINTS, PRIOR, Progress, alternatives, threshold, wealths
from sluice.core.analysis.settings import Settings, Step

MOST = 1e12
PRECISION = 0.001


@dataclass(frozen=True, slots=True)
class Outlook:
    """Candidate requests and seconds until enough; None where nothing can be said."""

    requests: int | None
    seconds: float | None


def outlook(progress: Progress, step: Step, settings: Settings) -> Outlook:
    """Return what is missing at the step's observed rates."""
    logs = tuple(log(prior) + wealth for prior, wealth in zip(PRIOR, wealths(progress, step), strict=True))
    requests = _until(threshold(settings), logs, _gains(progress, step))
    if requests is None:
        return Outlook(None, None)
    served = progress.counts.candidate_requests
    return Outlook(ceil(requests), requests * progress.seconds / served if served else None)


def _until(wanted: float, logs: tuple[float, ...], gains: tuple[float, ...]) -> float | None:
    """Return how many requests bring ln Σ exp(logs + requests·gains) to `wanted`, by bisection; None beyond MOST."""

    def reached(requests: float) -> bool:
        return log_sum(one + requests * gain for one, gain in zip(logs, gains, strict=True)) >= wanted

    if reached(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while not reached(high):
        low, high = high, high * 2
        if high > MOST:
            return None
    while high - low > high * PRECISION:
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _gains(progress: Progress, step: Step) -> tuple[float, ...]:
    """Return the expected gain of ln E per candidate request, for each part of the mixture."""
    counts = progress.counts
    share = counts.share or step.weight
    ratio = (_ratio_gain(counts.stable_rate, share, (step.margin, other)) for other in alternatives(step.margin))
    return (*ratio, *(_floor_gain(counts.stable_rate, step.floor, part * step.floor) for part in FLOOR_POINTS))


def _ratio_gain(rate: float, share: float, ratios: tuple[float, float]) -> float:
    margin, other = ratios
    spread = log1p(share * (margin - 1)) - log1p(share * (other - 1))
    return rate * (log(other / margin) + spread / share) if share else 0.0


def _floor_gain(rate: float, floor: float, alternative: float) -> float:
    if not alternative and rate:
        return 0.0
    lost = rate * log(alternative / floor) if rate else 0.0
    return lost + (1 - rate) * (log1p(-alternative) - log1p(-floor))
