"""How much more is needed until a step passes, if the candidate is as good as the stable arm."""

from collections.abc import Sequence
from math import ceil, exp, inf, log, log1p
from operator import mul

from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.mixture import log_sum
from sluice.core.analysis.progress import RATIO_PRIOR, Progress, floor_logs, parts, ratios, threshold
from sluice.core.analysis.settings import Settings, Step

MOST = 1e12
MOST_STEPS = 50
NEAR = 1e-3
"""ln E this close to what is wanted is as good as there."""


@frozen
class Outlook:
    """Candidate requests and seconds until enough; None where nothing can be said."""

    requests: int | None
    seconds: float | None


def outlook(progress: Progress, step: Step, settings: Settings, burst: float = 1.0) -> Outlook:
    """Return what is missing at the step's observed rates, where so many events as `burst` count for one."""
    logs = parts(progress, step, burst)
    requests = _until(
        threshold(settings), logs, [gain / burst for gain in _gains(progress, step, higher=settings.higher)]
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
    alone = min([(wanted - one) / gain for one, gain in zip(logs, gains, strict=True) if gain > 0], default=inf)
    if alone > MOST:
        return None
    for _ in range(MOST_STEPS):
        after = [one + alone * gain for one, gain in zip(logs, gains, strict=True)]
        top = max(after)
        held = [exp(one - top) for one in after]
        whole = sum(held)
        beyond = top + log(whole) - wanted
        if beyond < NEAR:
            return alone
        alone -= beyond * whole / sum(map(mul, gains, held))
    return alone


def _gains(progress: Progress, step: Step, *, higher: bool) -> Sequence[float]:
    """Return the expected gain of ln E per candidate request, for each part of the mixture."""
    counts = progress.counts
    share, bad = counts.share or step.weight, counts.stable_rate
    rate = 1 - bad if higher else bad
    floors = [_floor_gain(bad, lost, kept) for lost, kept in floor_logs(step.floor)]
    if not share:
        return (*(0.0,) * len(RATIO_PRIOR), *floors)
    null, others = ratios(step.margin, higher=higher)
    base = log1p(share * (null - 1))
    return (*[rate * (one + (base - log1p(share * over)) / share) for one, over in others], *floors)


def _floor_gain(rate: float, lost: float, kept: float) -> float:
    if not rate:
        return kept
    return rate * lost + (1 - rate) * kept if lost > -inf else 0.0
