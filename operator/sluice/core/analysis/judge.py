"""From evidence to verdict: an ordered chain of small checks, the first that has something to say decides."""

from collections.abc import Callable, Iterable, Mapping

from sluice.api.verdict import Verdict
from sluice.core.analysis import bounds, breach, progress, routing, wording
from sluice.core.analysis.evidence import ONLY, Channel, by_limit
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.interval import interval
from sluice.core.analysis.outlook import Outlook, outlook
from sluice.core.analysis.samples import Arms, Pod
from sluice.core.analysis.settings import Settings, Step
from sluice.core.analysis.signals import Signal
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import LN10, Finding, MetricVerdict

MISSED_SCRAPES = 3
"""A series is stale when it missed this many of its own scrapes."""
_UNKNOWN = Outlook(None, None)


@frozen
class Look:
    """What was read just now, beside the state that has taken it in."""

    pods: tuple[Pod, ...]
    arms: Arms
    step: Step
    now: float
    signal: Signal
    problem: str = ""
    """Why nothing was read; empty when it was."""


@frozen
class _Case:
    state: State
    look: Look
    settings: Settings
    name: str
    """The channel that decides."""
    channel: Channel
    favour: float
    """ln E of the channel that is furthest from a pass."""
    outlook: Outlook
    effect: float
    """How many events of a burst count for one."""


_Said = tuple[Verdict, Finding, str]


def judge(state: State, look: Look, settings: Settings) -> MetricVerdict:
    """Return the verdict on a state that has taken in everything read."""
    case = _case(state, look, settings)
    verdict, finding, message = _said(case)
    channel = case.channel
    return MetricVerdict(
        verdict=verdict,
        finding=finding,
        message=message,
        step=channel.progress.counts,
        total=channel.breach.total,
        ratio=channel.compared.ratio,
        against=state.evidence.against / LN10,
        against_needed=breach.threshold(settings) / LN10,
        favour=case.favour / LN10,
        favour_needed=progress.threshold(settings) / LN10,
        rounds=channel.progress.rounds,
        newest=state.end,
        requests_needed=case.outlook.requests,
        seconds_needed=case.outlook.seconds,
        interval=interval(channel.compared, case.effect),
        required=settings.required,
        channel=case.name,
        method=channel.breach.method(settings),
        dispersion=channel.breach.spread.factor,
    )


def _said(case: _Case) -> _Said:
    for check in CHECKS:
        said = check(case)
        if said is not None:
            return said
    return _lacking(case)


def _case(state: State, look: Look, settings: Settings) -> _Case:
    """Find the channel that decides: of a breach the one with most evidence, else the one furthest from a pass."""
    channels = state.evidence.channels or {ONLY: Channel()}
    asked = _asked(channels)
    favours = {name: channels[name].favour(look.step, settings) for name in asked}
    last = min(favours, key=favours.__getitem__)
    if state.evidence.crossed_at is not None:
        name = max(channels, key=lambda one: channels[one].breach.log_against(settings))
        effect = channels[name].breach.spread.effect
        return _Case(state, look, settings, name, channels[name], favours[last], _UNKNOWN, effect)
    channel = channels[last]
    missing = outlook(channel.progress, look.step, settings, channel.burst(settings))
    return _Case(state, look, settings, last, channel, favours[last], missing, channel.breach.spread.effect)


def _asked(channels: Mapping[str, Channel]) -> Iterable[str]:
    """Return the channels that a pass waits for."""
    if len(channels) == 1:
        return channels
    return bounds.passing({name: one.breach.total for name, one in channels.items()})


def _breached(case: _Case) -> _Said | None:
    evidence, settings = case.state.evidence, case.settings
    if evidence.crossed_at is None:
        return None
    if settings.hard_limit is not None and by_limit(evidence):
        phrase = case.look.signal.phrase(settings.hard_limit.channel)
        return Verdict.FAIL, Finding.BREACHED, wording.beyond(evidence.limit, settings, phrase)
    message = wording.worse(case.channel.compared, case.look.signal.phrase(case.name))
    return Verdict.FAIL, Finding.BREACHED, message


def _unread(case: _Case) -> _Said | None:
    problem = case.look.problem
    return (Verdict.NO_DATA, Finding.UNREAD, problem) if problem else None


def _missing(case: _Case) -> _Said | None:
    arms, seen = case.look.arms, {pod.arm for pod in case.look.pods}
    if arms.candidate in seen and arms.stable in seen:
        return None
    arm = arms.stable if arms.candidate in seen else arms.candidate
    return Verdict.NO_DATA, Finding.NO_SAMPLES, f"no samples of predictor {arm} yet"


def _stale(case: _Case) -> _Said | None:
    for arm in (case.look.arms.candidate, case.look.arms.stable):
        mine = [pod for pod in case.look.pods if pod.arm == arm]
        age = case.look.now - max([pod.newest for pod in mine])
        if age > case.settings.stale_seconds and age > MISSED_SCRAPES * _interval(case.state, mine):
            return Verdict.NO_DATA, Finding.STALE_SAMPLES, f"the last sample of predictor {arm} is {age:,.0f} s old"
    return None


def _disjoint(case: _Case) -> _Said | None:
    if not case.state.disjoint:
        return None
    message = "the predictors' histograms have no bound in common: nothing can be compared"
    return Verdict.NO_DATA, Finding.NO_COMMON_BOUNDS, message


def _unlimited(case: _Case) -> _Said | None:
    """Find a hard limit on a bound that rounds do not have."""
    wanted, evidence = case.settings.hard_limit, case.state.evidence
    if wanted is None or wanted.channel == ONLY or not evidence.channels or evidence.limit.wealth:
        return None
    known = ", ".join(evidence.channels)
    message = f"hardLimit.slowerThanSeconds: {wanted.channel} is no bound of the histogram; among others {known} are"
    return Verdict.NO_DATA, Finding.UNKNOWN_LIMIT_BOUND, message


def _misrouted(case: _Case) -> _Said | None:
    seen, weight = case.state.seen, case.look.step.weight
    if not routing.mismatch(seen, weight):
        return None
    message = f"the candidate gets {seen.share:.1%} of requests where {weight:.0%} are configured"
    return Verdict.NO_DATA, Finding.ROUTING_MISMATCH, message


def _dwelling(case: _Case) -> _Said | None:
    settings, rounds = case.settings, case.channel.progress.rounds
    dwelt = case.look.now - case.look.step.started_at
    if rounds >= settings.min_rounds and dwelt >= settings.min_dwell_seconds:
        return None
    if settings.matures_seconds and dwelt < settings.matures_seconds + settings.min_dwell_seconds:
        message = f"requests are judged when they are {wording.duration(settings.matures_seconds)} old: none is yet"
        return Verdict.INCONCLUSIVE, Finding.DWELLING, message
    message = f"the step has {rounds} rounds of samples after {max(dwelt, 0):,.0f} s: too early to judge"
    return Verdict.INCONCLUSIVE, Finding.DWELLING, message


def _passed(case: _Case) -> _Said | None:
    if case.favour < progress.threshold(case.settings):
        return None
    phrase = case.look.signal.phrase(case.name)
    return (
        Verdict.PASS,
        Finding.PASSED,
        wording.acceptable(case.channel.progress, case.look.step, case.settings, phrase),
    )


def _lacking(case: _Case) -> _Said:
    missing = case.outlook
    return Verdict.INCONCLUSIVE, Finding.EVIDENCE_LACKING, wording.need(missing.requests, missing.seconds)


def _interval(state: State, pods: Iterable[Pod]) -> float:
    """Return the arm's own scrape interval; 0 while there is one scrape a pod."""
    gaps = [state.cursors[pod.key].gap for pod in pods if pod.key in state.cursors]
    return min([gap for gap in gaps if gap], default=0.0)


CHECKS: tuple[Callable[[_Case], _Said | None], ...] = (
    _breached,
    _unread,
    _missing,
    _stale,
    _disjoint,
    _unlimited,
    _misrouted,
    _dwelling,
    _passed,
)
