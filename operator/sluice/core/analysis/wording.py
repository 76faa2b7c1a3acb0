"""What a verdict says: one sentence with its numbers."""

from sluice.core.analysis.counts import Tally
from sluice.core.analysis.limit import Limit
from sluice.core.analysis.progress import Progress
from sluice.core.analysis.settings import Settings, Step

LONG = 100


def worse(compared: Tally, phrase: str) -> str:
    """Say that the candidate is worse than the stable predictor."""
    return (
        f"{compared.observed:,.0f} of {compared.requests:,.0f} candidate requests {phrase}"
        f" where the stable predictor's rate let expect {compared.expected:,.1f}"
    )


def beyond(limit: Limit, settings: Settings, phrase: str) -> str:
    """Say that the candidate is beyond its hard limit."""
    rate = settings.hard_limit.rate if settings.hard_limit else 0.0
    seen, bound, side = limit.observed, rate, "at most"
    if settings.higher:
        seen, bound, side = limit.requests - limit.observed, 1 - rate, "at least"
    shown = f"{seen:,.0f} of {limit.requests:,.0f} candidate requests {phrase}"
    return f"{shown}: the hard limit is {side} {bound:.3g} of them"


def acceptable(progress: Progress, step: Step, settings: Settings, phrase: str) -> str:
    """Say what is ruled out."""
    counts = progress.counts.others if settings.higher else progress.counts
    seen = f"{counts.candidate_failures:,.0f} of {counts.candidate_requests:,.0f} candidate requests {phrase}"
    if settings.higher:
        return f"{seen}: the stable predictor's rate over {step.margin:g} and {step.floor:.2%} less are ruled out"
    return f"{seen}: {step.margin:g} times the stable predictor's rate and {step.floor:.2%} more are ruled out"


def need(requests: int | None, seconds: float | None) -> str:
    """Say what is missing until the step passes."""
    if requests is None:
        return "needs more candidate requests"
    wait = f", about {duration(seconds)} at the present rate" if seconds is not None else ""
    return f"needs about {requests:,} more candidate requests{wait}"


def duration(seconds: float) -> str:
    """Say how long, with two digits or so."""
    return f"{seconds:,.0f} s" if seconds < LONG else f"{seconds / 60:,.0f} min"
