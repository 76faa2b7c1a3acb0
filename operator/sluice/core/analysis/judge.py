"""From evidence to verdict: an ordered chain of small checks, the first that has something to say decides."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from sluice.api.verdict import Verdict
from sluice.core.analysis import breach, progress, routing
from sluice.core.analysis.outlook import Outlook, outlook
from sluice.core.analysis.samples import Arms, Pod
from sluice.core.analysis.settings import Settings, Step
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import LN10, Finding, MetricVerdict

MISSED_SCRAPES = 3
"""A series is stale when it missed this many of its own scrapes."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was read just now, beside the state that has taken it in."""

    pods: tuple[Pod, ...]
    arms: Arms
    step: Step
    now: float
    problem: str = ""
    """Why nothing was read; empty when it was."""


@dataclass(frozen=True, slots=True)
class _Case:
    state: State
    look: Look
    settings: Settings
    outlook: Outlook


_Said = tuple[Verdict, Finding, str]


def judge(state: State, look: Look, settings: Settings) -> MetricVerdict:
    """Return the verdict on a state that has taken in everything read."""
    case = _Case(state, look, settings, outlook(state.progress, look.step, settings))
    verdict, finding, message = next(said for check in CHECKS if (said := check(case)))
    tally = state.breach.starts[0].tally if state.breach.starts else None
    return MetricVerdict(
        verdict=verdict,
        finding=finding,
        message=message,
        step=state.progress.counts,
        total=state.total,
        ratio=tally.ratio if tally else None,
        against=breach.log_evidence(state.breach.starts, settings) / LN10,
        against_needed=breach.threshold(settings) / LN10,
        share=settings.share,
        favour=progress.log_evidence(state.progress, look.step) / LN10,
        favour_needed=progress.threshold(settings) / LN10,
        rounds=state.progress.rounds,
        newest=state.end,
        requests_needed=case.outlook.requests,
        seconds_needed=case.outlook.seconds,
    )


def _breached(case: _Case) -> _Said | None:
    if case.state.breach.crossed_at is None:
        return None
    tally = case.state.breach.starts[0].tally
    message = (
        f"{tally.observed:,.0f} of {tally.requests:,.0f} candidate requests failed"
        f" where the stable predictor's rate let expect {tally.expected:,.1f}"
    )
    return Verdict.FAIL, Finding.BREACHED, message


def _unread(case: _Case) -> _Said | None:
    problem = case.look.problem
    return (Verdict.NO_DATA, Finding.UNREAD, problem) if problem else None


def _missing(case: _Case) -> _Said | None:
    for arm in (case.look.arms.candidate, case.look.arms.stable):
        if not _of(case.look.pods, arm):
            return Verdict.NO_DATA, Finding.NO_SAMPLES, f"no samples of predictor {arm} yet"
    return None


def _stale(case: _Case) -> _Said | None:
    for arm in (case.look.arms.candidate, case.look.arms.stable):
        mine = _of(case.look.pods, arm)
        age = case.look.now - max(pod.newest for pod in mine)
        if age > max(case.settings.stale_seconds, MISSED_SCRAPES * _interval(mine)):
            return Verdict.NO_DATA, Finding.STALE_SAMPLES, f"the last sample of predictor {arm} is {age:,.0f} s old"
    return None


def _misrouted(case: _Case) -> _Said | None:
    seen, weight = case.state.seen, case.look.step.weight
    if not routing.mismatch(seen, weight):
        return None
    message = f"the candidate gets {seen.share:.1%} of requests where {weight:.0%} are configured"
    return Verdict.NO_DATA, Finding.ROUTING_MISMATCH, message


def _dwelling(case: _Case) -> _Said | None:
    settings, rounds = case.settings, case.state.progress.rounds
    dwelt = case.look.now - case.look.step.started_at
    if rounds >= settings.min_rounds and dwelt >= settings.min_dwell_seconds:
        return None
    message = f"the step has {rounds} rounds of samples after {max(dwelt, 0):,.0f} s: too early to judge"
    return Verdict.INCONCLUSIVE, Finding.DWELLING, message


def _passed(case: _Case) -> _Said | None:
    step, counts = case.look.step, case.state.progress.counts
    if progress.log_evidence(case.state.progress, step) < progress.threshold(case.settings):
        return None
    message = (
        f"{counts.candidate_failures:,.0f} of {counts.candidate_requests:,.0f} candidate requests failed:"
        f" {step.margin:g} times the stable predictor's rate and {step.floor:.2%} more are ruled out"
    )
    return Verdict.PASS, Finding.PASSED, message


def _lacking(case: _Case) -> _Said:
    return Verdict.INCONCLUSIVE, Finding.EVIDENCE_LACKING, _need(case.outlook)


def _need(look: Outlook) -> str:
    if look.requests is None:
        return "needs more candidate requests"
    wait = f", about {_duration(look.seconds)} at the present rate" if look.seconds is not None else ""
    return f"needs about {look.requests:,} more candidate requests{wait}"


def _duration(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 100 else f"{seconds / 60:,.0f} min"  # noqa: PLR2004 -- two digits either way


def _of(pods: Iterable[Pod], arm: str) -> list[Pod]:
    return [pod for pod in pods if pod.arm == arm]


def _interval(pods: Iterable[Pod]) -> float:
    """Return the arm's own scrape interval; 0 while there is one scrape a pod."""
    gaps = [after.time - before.time for pod in pods for before, after in pairwise(pod.scrapes)]
    return median(gaps) if gaps else 0.0


CHECKS: tuple[Callable[[_Case], _Said | None], ...] = (
    _breached,
    _unread,
    _missing,
    _stale,
    _misrouted,
    _dwelling,
    _passed,
    _lacking,
)
