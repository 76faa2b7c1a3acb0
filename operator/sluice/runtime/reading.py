"""The samples of a step in force: the counters of all live metrics in one read of the plan's provider."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sluice.api.conditions import Reason
from sluice.api.live import Traffic
from sluice.core.analysis.rules import rules_of
from sluice.core.analysis.samples import Series
from sluice.core.judgement import window
from sluice.core.observed import Candidate
from sluice.core.target import Problem
from sluice.ports import CounterQuery, MetricsProvider, SluiceError

Answer = tuple[Series, ...] | Problem
Samples = Mapping[str, Answer] | None
Found = tuple[Series, ...] | SluiceError


async def samples_of(
    providers: Mapping[str, MetricsProvider], candidate: Candidate, plan: Traffic, now: datetime
) -> Mapping[str, Answer]:
    """Return by live metric its samples since the checkpoint, or why there are none."""
    name = plan.metrics_provider
    provider = providers.get(name)
    if provider is None:
        known = ", ".join(sorted(providers)) or "none"
        text = f"spec.traffic.metricsProvider: no provider is called {name}: use one of {known}"
        return {metric.name: Problem(reason=Reason.PROVIDER_MISSING, message=text) for metric in plan.metrics}
    wanted = _queries(candidate, plan, window(candidate, plan, now))
    queries = dict.fromkeys(query for each in wanted.values() for query in each)
    found = await provider.read(queries.keys(), now.timestamp())
    answers = {each: _answer(name, [found[query] for query in each]) for each in dict.fromkeys(wanted.values())}
    return {metric: answers[each] for metric, each in wanted.items()}


def _queries(candidate: Candidate, plan: Traffic, seconds: int) -> Mapping[str, tuple[CounterQuery, ...]]:
    """Return by metric what it counts; metrics that count the same share the answer."""
    target = candidate.spec.target_ref.name
    return {
        name: tuple(
            CounterQuery(namespace=candidate.namespace, target=target, spec=spec, seconds=seconds)
            for spec in rule.signal.counters
        )
        for name, rule in rules_of(plan).items()
    }


def _answer(provider: str, parts: Sequence[Found]) -> Answer:
    """Return the series of all of a metric's counters; without one of them it is not to be judged."""
    series: list[Series] = []
    for part in parts:
        if isinstance(part, SluiceError):
            return Problem(reason=Reason.NO_DATA, message=f"metrics provider {provider}: {_why(part)}")
        series += part
    return tuple(series)


def _why(error: SluiceError) -> str:
    """Return the message with the word by which the operator's metrics count it."""
    return str(error) if error.reason == type(error).__name__ else f"{error} ({error.reason})"
