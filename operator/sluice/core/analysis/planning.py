"""Before the rollout: how many candidate requests a step needs to pass a good candidate, and to catch a worse one.

The real engine is walked along the expected path: counters that grow by exactly what the rates let expect, rounded to
whole requests. So planning cannot disagree with the engine about mixtures, restarts, parts of alpha or warm-up. What
it says is near the median; half of all candidates need longer. Events are taken to be known to come one by one: while
that is in doubt, in the first minute or two of a rollout, a fault takes a little longer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sluice.api.live import Better, LiveMetric, Signal, Traffic
from sluice.api.verdict import Verdict
from sluice.core.analysis.engine import Context, advance
from sluice.core.analysis.pretend import ARMS, Pretended, counters_of, gains_of
from sluice.core.analysis.rules import settings_of, step_of
from sluice.core.analysis.signals import signal_of
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import Finding

REGRESSIONS = (1.5, 2.0, 5.0)
"""How many times the stable's rate a worse candidate has."""
BODY = (0.5, 0.25, 0.1, 0.05)
"""Latency is planned for a histogram with bounds that so many requests exceed, the baseline's, and one above."""
TAIL = 0.2
"""So many of those that exceed the baseline's bound exceed the one above."""
BOUND = 1.0
"""What the baseline's bound is called in seconds, where no limit says so: it is of no consequence."""
GROWTH = 0.03
"""Rounds grow by this part of the time already walked: so precise is the outcome, and so few are the rounds."""
LONGEST_SECONDS = 30 * 86_400.0
"""What takes longer is taken to never happen."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What is expected of a metric: opportunities a second of both arms together, and the stable's share of events."""

    requests_per_second: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What a verdict takes."""

    requests: int
    """Of the candidate."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """One metric at one step. None: not within `LONGEST_SECONDS`."""

    step: int
    metric: str
    to_pass: Expected | None
    waits_for_time: bool
    """The evidence of a good candidate is there before `minDwellSeconds` and `warmUpSeconds` are over."""
    to_detect: Mapping[float, Expected | None]
    """By the regression, when it sets in as the step begins."""


def outlooks(plan: Traffic, metric: LiveMetric, rates: Rates) -> Iterator[Outlook]:
    """Yield what each step takes; the steps before are passed by a good candidate."""
    walk = _Walk(plan, metric, rates)
    for index in range(len(plan.steps)):
        begun = walk.begun(index)
        detected = {ratio: begun.until(Verdict.FAIL, ratio)[1] for ratio in REGRESSIONS}
        walk, passed = begun.until(Verdict.PASS, 1.0)
        waited = passed is not None and walk.dwelt
        yield Outlook(index, metric.name, passed, waited, detected)


@dataclass(frozen=True)
class _Walk:
    """How far the engine has come; a value, so that several candidates may go on from the same place."""

    plan: Traffic
    metric: LiveMetric
    rates: Rates
    state: State = State()  # noqa: RUF009 -- frozen
    now: float = 0.0
    step: int = 0
    began: float = 0.0
    dwelt: bool = False
    """The last look but one had to wait for time, not for evidence."""

    def begun(self, index: int) -> "_Walk":
        return replace(self, step=index, began=self.now, dwelt=False)

    def until(self, wanted: Verdict, ratio: float) -> tuple["_Walk", Expected | None]:
        """Walk until a verdict, with a candidate that is `ratio` times as bad as the stable."""
        planned, signal = self.plan.steps[self.step], signal_of(self.metric)
        settings = replace(settings_of(self.plan, self.metric), singly=True)
        step = step_of(planned, self.step, self.began)
        rates = _channels(self.metric, self.rates.baseline)
        world = Pretended(counters_of(self.metric, tuple(rates)), signal.arm_label, self.now)
        worse = tuple(_worse(self.metric, rate, self.rates.baseline, ratio) for rate in rates.values())
        arms = (_Arm(step.weight, worse), _Arm(1 - step.weight, tuple(rates.values())))
        state, finding = self.state, Finding.DWELLING
        for before, now in _times(self.now, float(self.plan.tick_seconds)):
            span = (
                (before - self.now) * self.rates.requests_per_second,
                (now - self.now) * self.rates.requests_per_second,
            )
            samples = world.scrape(now, *(gains_of(self.metric, *arm.counts(*span)) for arm in arms))
            state, said = advance(state, samples, Context(settings, step, ARMS, now, signal))
            if said.verdict is wanted:
                spent = Expected(round(said.step.candidate_requests), now - self.began)
                return replace(self, state=state, now=now, dwelt=finding is Finding.DWELLING), spent
            finding = said.finding
        return replace(self, state=state, now=now), None


@dataclass(frozen=True, slots=True)
class _Arm:
    weight: float
    rates: tuple[float, ...]
    """By channel."""

    def counts(self, begin: float, end: float) -> tuple[float, list[float]]:
        """Return requests, and events of each channel, between two numbers of all requests."""
        first, last = round(self.weight * begin), round(self.weight * end)
        return float(last - first), [float(round(last * rate) - round(first * rate)) for rate in self.rates]


def _channels(metric: LiveMetric, baseline: float) -> Mapping[str, float]:
    """Return the stable's share of events by channel."""
    if metric.signal is not Signal.LATENCY:
        return {"": baseline}
    limit = metric.hard_limit.slower_than_seconds if metric.hard_limit is not None else None
    bound = BOUND if limit is None else float(limit)
    body = [share for share in BODY if share > baseline]
    lower = {f"{bound * (place + 1) / (len(body) + 1):.12g}": share for place, share in enumerate(body)}
    return {**lower, f"{bound:.12g}": baseline, f"{2 * bound:.12g}": baseline * TAIL}


def _worse(metric: LiveMetric, rate: float, baseline: float, ratio: float) -> float:
    """Return a candidate's share of events. Of latency, the tail gets longer: what is seldom becomes more frequent."""
    if rate > baseline:
        return rate
    return rate / ratio if metric.better is Better.HIGHER else min(1.0, rate * ratio)


def _times(begin: float, tick: float) -> Iterator[tuple[float, float]]:
    """Yield the stretches between looks."""
    now = begin
    while now - begin < LONGEST_SECONDS:
        after = now + max(tick, GROWTH * (now - begin))
        yield now, after
        now = after
