"""The live verdict on a step: the plan's metrics, the checkpoint in status and the samples read since, put together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from sluice.api.candidate import Checkpoint, MetricStatus, Stage, TrafficStatus
from sluice.api.conditions import Reason
from sluice.api.live import Better, LiveMetric, Traffic
from sluice.api.verdict import Verdict
from sluice.core.analysis.checkpoint import loads
from sluice.core.analysis.engine import Context, window_seconds
from sluice.core.analysis.panel import look
from sluice.core.analysis.rules import contexts_of, rules_of, step_of
from sluice.core.analysis.samples import Arms, Series
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import Finding, MetricVerdict
from sluice.core.analysis.written import States
from sluice.core.observed import Candidate, LivePlan, Observed
from sluice.core.sampled import told
from sluice.core.target import Problem
from sluice.core.turn import clip, moment

FIRST_SAMPLES_SECONDS = 30.0
"""So long after a weight was applied, missing samples are only late."""
_FIELDS = set(MetricStatus.model_fields)
"""One set for the statuses of all candidates' metrics: with one of its own each would take twice the memory."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the step's evidence says, and what to remember of it."""

    verdict: Verdict
    reason: Reason
    message: str
    metrics: tuple[MetricStatus, ...]
    verdicts: Mapping[str, MetricVerdict]
    """By the metric's name."""
    checkpoint: Checkpoint | None


def step_in_force(traffic: TrafficStatus) -> int | None:
    """Return the index of the step whose weight the candidate carries; None while it carries none (or everything)."""
    match traffic.stage:
        case Stage.STEPPING:
            return traffic.step if traffic.applied_at else traffic.step - 1 if traffic.step else None
        case Stage.FILLING:
            return traffic.step
        case Stage.ADDING | Stage.UPDATING | Stage.RETURNING | Stage.DRAINING | Stage.REMOVING:
            return None


def judge_step(observed: Observed, traffic: TrafficStatus, checkpoint: Checkpoint | None) -> Judgement | None:
    """Return the verdict on the step in force from the samples that were read; None while there is none."""
    if not isinstance(observed.plan, LivePlan):
        raise TypeError("judging needs the plan")
    if step_in_force(traffic) is None:
        return None
    plan = observed.plan.spec.traffic
    panel = look(_states(checkpoint), _read(observed), _contexts(observed, plan, traffic))
    verdict, verdicts = panel.verdict, panel.verdicts
    return Judgement(
        verdict=_patient(verdict, verdicts.values(), observed, traffic),
        reason=_reason(verdict, verdicts.values()),
        message=_message(verdict, verdicts),
        metrics=tuple(_status(metric, verdicts[metric.name], told(observed, metric.name)) for metric in plan.metrics),
        verdicts=verdicts,
        checkpoint=_checkpoint(observed.now, panel.states),
    )


def window(candidate: Candidate, plan: Traffic, now: datetime) -> int:
    """Return how many seconds of samples the next judgement needs."""
    states, at = _states(candidate.status.checkpoint), now.timestamp()
    return max(window_seconds(states.get(name, State()), at, rule.settings) for name, rule in rules_of(plan).items())


def _contexts(observed: Observed, plan: Traffic, traffic: TrafficStatus) -> Mapping[str, Context]:
    """Return what each metric's samples are held against."""
    index = step_in_force(traffic) or 0
    step = step_of(plan.steps[index], index, moment(traffic.applied_at or traffic.since).timestamp())
    return contexts_of(plan, step, Arms(candidate=traffic.predictor, stable=traffic.stable), observed.now.timestamp())


def _read(observed: Observed) -> Mapping[str, Sequence[Series] | str]:
    """Return the samples by metric, or why there are none."""
    samples = observed.samples or {}
    return {name: one.message if isinstance(one, Problem) else one for name, one in samples.items()}


def _states(checkpoint: Checkpoint | None) -> Mapping[str, State]:
    """Return the states by metric; what cannot be read starts anew, which costs time and never validity."""
    if checkpoint is None:
        return {}
    if isinstance(checkpoint.state, States):
        return checkpoint.state.by_metric
    try:
        return loads(checkpoint.state)
    except ValueError:
        return {}


def _checkpoint(now: datetime, states: Mapping[str, State]) -> Checkpoint:
    """Return the checkpoint with the states as they are: they become text when the status is written."""
    ends = [state.end for state in states.values() if state.end is not None]
    text: Any = States(states)
    return Checkpoint.model_construct(time=f"{max(ends, default=now.timestamp()):.3f}", state=text)


def _patient(
    verdict: Verdict, verdicts: Collection[MetricVerdict], observed: Observed, traffic: TrafficStatus
) -> Verdict:
    """Read missing samples as "not yet" at the beginning of a step: they hold nothing that goes on."""
    late = all(one.finding in {Finding.NO_SAMPLES, Finding.DWELLING, Finding.EVIDENCE_LACKING} for one in verdicts)
    begun = moment(traffic.applied_at or traffic.since)
    early = (observed.now - begun).total_seconds() < FIRST_SAMPLES_SECONDS
    return Verdict.INCONCLUSIVE if verdict is Verdict.NO_DATA and late and early else verdict


def _reason(verdict: Verdict, verdicts: Collection[MetricVerdict]) -> Reason:
    if verdict in {Verdict.NO_DATA, Verdict.ERROR}:
        misrouted = any(one.finding is Finding.ROUTING_MISMATCH for one in verdicts)
        return Reason.ROUTING_MISMATCH if misrouted else Reason.NO_DATA
    return {Verdict.PASS: Reason.STEP_PASSED, Verdict.FAIL: Reason.BREACHED}.get(verdict, Reason.STEP_WAITING)


def _message(verdict: Verdict, verdicts: Mapping[str, MetricVerdict]) -> str:
    """Return what the metrics that decide have to say."""
    counted = {name: one for name, one in verdicts.items() if one.required or verdict is Verdict.FAIL}
    deciding = {name: one for name, one in counted.items() if one.verdict is verdict}
    if verdict is Verdict.FAIL and not deciding:
        return _together(verdicts)
    return clip("; ".join(f"{name}: {one.message}" for name, one in (deciding or verdicts).items()))


def _together(verdicts: Mapping[str, MetricVerdict]) -> str:
    """Name the metrics that are guilty together and none of them alone, the worst first."""
    guilty = sorted((item for item in verdicts.items() if item[1].against > 0), key=lambda item: -item[1].against)
    worse = (f"{name} at {one.ratio or 0:.2f} times the stable predictor's rate" for name, one in guilty)
    return clip(f"none is worse beyond doubt alone, together they are: {', '.join(worse)}")


def _status(metric: LiveMetric, verdict: MetricVerdict, samples: str) -> MetricStatus:
    step = verdict.step.others if metric.better is Better.HIGHER else verdict.step
    return MetricStatus.model_construct(
        _FIELDS,
        name=metric.name,
        verdict=verdict.verdict,
        finding=verdict.finding,
        required=metric.required,
        candidate=f"{step.candidate_failures:.0f}/{step.candidate_requests:.0f}",
        stable=f"{step.stable_failures:.0f}/{step.stable_requests:.0f}",
        ratio="" if verdict.ratio is None else f"{verdict.ratio:.2f}",
        ratio_interval="" if verdict.interval is None else verdict.interval.text,
        evidence_against=f"{_hundredths(verdict.against)} of {verdict.against_needed:.2f}",
        evidence_for=f"{_hundredths(verdict.favour)} of {verdict.favour_needed:.2f}",
        samples=samples,
        message=clip(verdict.message),
    )


def _hundredths(value: float) -> str:
    """Return a number with two digits; what rounds to nothing has no sign."""
    return f"{round(value, 2) + 0.0:.2f}" if value > -inf else "-inf"
