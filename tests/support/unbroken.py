"""What an operator that nobody killed would have said of a step: the same raw samples, sample by sample, in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import ceil

from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import signal_of
from sluice.core.judgement import Judgement, judge_step, window
from sluice.core.observed import Candidate, LivePlan, Observed, Settings
from sluice.core.turn import moment
from sluice.ports import CounterQuery
from tests.support.readings import asking

Samples = Mapping[str, tuple[Series, ...]]
"""By live metric."""


async def samples_of(url: str, candidate: Candidate, plan: LivePlan, until: float) -> Samples:
    """Return what Prometheus has of a candidate's step, and of the moment before it, as the first look of it reads."""
    traffic = candidate.status.traffic
    if traffic is None or traffic.applied_at is None:
        raise ValueError("no step is in force")
    begun = moment(traffic.applied_at)
    seconds = ceil(until - begun.timestamp()) + window(candidate, plan.spec.traffic, begun)
    found: dict[str, tuple[Series, ...]] = {}
    async with asking(url) as provider:
        for metric in plan.spec.traffic.metrics:
            target = candidate.spec.target_ref.name
            queries = [
                CounterQuery(namespace=candidate.namespace, target=target, spec=spec, seconds=seconds)
                for spec in signal_of(metric).counters
            ]
            answers = (await provider.read(queries, until)).values()
            found[metric.name] = tuple(one for answer in answers if isinstance(answer, tuple) for one in answer)
    return found


def judged(candidate: Candidate, plan: LivePlan, samples: Samples, end: float) -> Judgement:
    """Return the judgement as soon as the samples up to `end` are used; each sample has a look of its own."""
    traffic, checkpoint = candidate.status.traffic, candidate.status.checkpoint
    if traffic is None or traffic.applied_at is None:
        raise ValueError("no step is in force")
    begun = moment(traffic.applied_at)
    settings = Settings(evaluation_image="", registry_uris={})
    observed = Observed(now=begun, settings=settings, candidate=candidate, plan=plan)
    for at in _times(samples, begun.timestamp()):
        seen = {name: _until(series, at) for name, series in samples.items()}
        now = datetime.fromtimestamp(at, UTC)
        found = judge_step(replace(observed, now=now, samples=seen), traffic, checkpoint)
        if found is None or found.checkpoint is None:
            raise ValueError("there is nothing to judge")
        checkpoint = found.checkpoint
        if float(checkpoint.time) >= end:
            return found
    raise ValueError(f"the samples end before {end}")


def _times(samples: Samples, since: float) -> Sequence[float]:
    times = {time for series in samples.values() for one in series for time, _ in one.samples}
    return sorted(time for time in times if time >= since)


def _until(series: Sequence[Series], at: float) -> tuple[Series, ...]:
    cut = (Series(one.labels, tuple(sample for sample in one.samples if sample[0] <= at)) for one in series)
    return tuple(one for one in cut if one.samples)
