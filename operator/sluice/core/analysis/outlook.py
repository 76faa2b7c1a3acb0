"""How much more is needed until a step passes, if the candidate is as good as the stable arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, inf, log, log1p

from sluice.core.analysis.mixture import log_sum
from sluice.core.analysis.progress import FLOOR_POINTS, Progress, alternatives, parts, threshold
from sluice.core.analysis.settings import Settings, Step

MOST = 1e12
MOST_STEPS = 50
NEAR = 1e-3
"""ln E this close to what is wanted is as good as there."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Candidate requests and seconds until enough; None where nothing can be said."""

    requests: int | None
    seconds: float | None


def outlook(progress: Progress, step: Step, settings: Settings, factor: float = 1.0) -> Outlook:
    """Return what is missing at the step's observed rates, where bursts of `factor` events count for one."""
    logs = parts(progress, step)
    requests = _until(
        threshold(settings), logs, [gain / factor for gain in _gains(progress, step, higher=settings.higher)]
    )
    if requests is None:
        return Outlook(None, None)
    served = progress.counts.candidate_requests
    return Outlook(ceil(requests), requests * progress.seconds / served if served else None)


def _until(wanted: float, logs: Sequence[float], gains: Sequence[float]) -> float | None:
    """Return how many requests bring ln Σ exp(logs + requests·gains) to `wanted`; None beyond MOST.

    The first at which one part alone suffices is more than enough, and where the sum rises it is convex: Newton's
    steps come down from there.
    """
    if log_sum(logs) >= wanted:
        return 0.0
    alone = min(((wanted - one) / gain for one, gain in zip(logs, gains, strict=True) if gain > 0), default=inf)
    if alone > MOST:
        return None
    for _ in range(MOST_STEPS):
        after = [one + alone * gain for one, gain in zip(logs, gains, strict=True)]
        whole = log_sum(after)
        if whole - wanted < NEAR:
            return alone
        slope = sum([gain * exp(part - whole) for gain, part in zip(gains, after, strict=True)])
        alone -= (whole - wanted) / slope
    return alone


def _gains(progress: Progress, step: Step, *, higher: bool) -> Sequence[float]:
    """Return the expected gain of ln E per candidate request, for each part of the mixture."""
    counts = progress.counts
    share, bad = counts.share or step.weight, counts.stable_rate
    if higher:
        pairs = [(1 / step.margin, 1 / other) for other in alternatives(step.margin)]
    else:
        pairs = [(step.margin, other) for other in alternatives(step.margin)]
    ratio = [_ratio_gain(1 - bad if higher else bad, share, pair) for pair in pairs]
    return (*ratio, *[_floor_gain(bad, step.floor, part * step.floor) for part in FLOOR_POINTS])


def _ratio_gain(rate: float, share: float, ratios: tuple[float, float]) -> float:
    margin, other = ratios
    spread = log1p(share * (margin - 1)) - log1p(share * (other - 1))
    return rate * (log(other / margin) + spread / share) if share else 0.0


def _floor_gain(rate: float, floor: float, alternative: float) -> float:
    if not alternative and rate:
        return 0.0
    lost = rate * log(alternative / floor) if rate else 0.0
    return lost + (1 - rate) * (log1p(-alternative) - log1p(-floor))
