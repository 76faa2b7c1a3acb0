"""When a breach can be read in the stub Prometheus, by the operator's own rule from the last checkpoint before."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from benchmarks.healthy import result, scrape
from benchmarks.turning import STABLE, Turned
from sluice.adapters.prometheus_portions import selector
from sluice.api.candidate import Checkpoint, TrafficStatus
from sluice.api.verdict import Verdict
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec, signal_of
from sluice.core.judgement import Judgement, judge_step, window
from sluice.core.observed import Candidate, LivePlan, Observed, Settings
from sluice.ports import CounterQuery

LONGEST_SECONDS = 120.0
_ROUNDING = 0.001
_SETTINGS = Settings(evaluation_image="", registry_uris={})


def breach_readable(candidate: Candidate, plan: LivePlan, since: float) -> float:
    """Return when a breach can first be read of a candidate all of whose requests fail since then."""
    traffic, checkpoint = candidate.status.traffic, candidate.status.checkpoint
    if traffic is None:
        raise ValueError("no step is in force")
    replay = _Replay(candidate, plan, traffic, since)
    at = since if checkpoint is None else min(since, float(checkpoint.time))
    while at < since + LONGEST_SECONDS:
        at = replay.next_scrape(at)
        judgement = replay.judged(checkpoint, at)
        if judgement is None or judgement.verdict is Verdict.FAIL:
            return at
        checkpoint = judgement.checkpoint
    raise ValueError(f"{candidate.name}: no breach can be read")


@dataclass(frozen=True)
class _Replay:
    """One candidate's samples, read and judged as the operator does."""

    candidate: Candidate
    plan: LivePlan
    traffic: TrafficStatus
    since: float

    @property
    def target(self) -> str:
        """As "namespace/name"."""
        return f"{self.candidate.namespace}/{self.candidate.spec.target_ref.name}"

    def next_scrape(self, at: float) -> float:
        """Return the time of the next scrape of either arm."""
        return min(scrape(at + _ROUNDING, f"{self.target}/{arm}") for arm in (STABLE, self.traffic.predictor))

    def judged(self, checkpoint: Checkpoint | None, at: float) -> Judgement | None:
        """Return what follows from the samples up to `at`."""
        now, rules = datetime.fromtimestamp(at, UTC), self.plan.spec.traffic
        status = self.candidate.status.model_copy(update={"checkpoint": checkpoint})
        known = replace(self.candidate, status=status)
        seconds = window(known, rules, now)
        found = {
            metric.name: tuple(one for spec in signal_of(metric).counters for one in self._series(spec, seconds, at))
            for metric in rules.metrics
        }
        observed = Observed(now=now, settings=_SETTINGS, candidate=known, plan=self.plan, samples=found)
        return judge_step(observed, self.traffic, checkpoint)

    def _series(self, spec: CounterSpec, seconds: int, at: float) -> tuple[Series, ...]:
        space, name = self.target.split("/")
        query = CounterQuery(namespace=space, target=name, spec=spec, seconds=seconds)
        turned = Turned({self.target: self.traffic.predictor}, since={self.target: self.since})
        rows = result(selector([query]), at, turned.predictors, turned)
        return tuple(
            Series(row["metric"], tuple((time, float(value)) for time, value in row["values"])) for row in rows
        )
