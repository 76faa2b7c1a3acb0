"""What a plan means for the engine: settings of each live metric, and steps."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from sluice.api.live import Better, LiveMetric, Traffic
from sluice.api.live import Step as PlannedStep
from sluice.core.analysis.engine import Context
from sluice.core.analysis.latency import bound_of
from sluice.core.analysis.same import Same
from sluice.core.analysis.samples import Arms
from sluice.core.analysis.settings import HardLimit, Settings, Step, planned_restarts
from sluice.core.analysis.signals import Signal, signal_of

PERCENT = 100
_KEPT_PLANS = 256
STALE_SECONDS, STALE_TICKS = 15.0, 3.0


class Rule(NamedTuple):
    """How one live metric is judged, and what it counts."""

    settings: Settings
    signal: Signal


def rules_of(plan: Traffic) -> Mapping[str, Rule]:
    """Return the rules of all live metrics by name; the same ones for each look at a plan."""
    return _rules(Same(plan))


def contexts_of(plan: Traffic, step: Step, arms: Arms, now: float) -> Mapping[str, Context]:
    """Return what the samples of each live metric are held against, by its name."""
    return {name: Context(rule.settings, step, arms, now, rule.signal) for name, rule in rules_of(plan).items()}


@lru_cache(maxsize=_KEPT_PLANS)
def _rules(same: Same[Traffic]) -> Mapping[str, Rule]:
    return {one.name: Rule(settings_of(same.value, one), signal_of(one)) for one in same.value.metrics}


def settings_of(plan: Traffic, metric: LiveMetric) -> Settings:
    """Return what a plan fixes about the judgement of one of its metrics."""
    durations = tuple(float(step.max_duration_seconds) for step in plan.steps)
    return Settings(
        alpha=float(plan.false_rollback),
        share=metric.weight / sum(one.weight for one in plan.metrics),
        required=metric.required,
        higher=metric.better is Better.HIGHER,
        hard_limit=_hard_limit(metric),
        restarts=planned_restarts(durations),
        horizon_seconds=sum(durations),
        matures_seconds=float(metric.ratio.matures_seconds) if metric.ratio else 0.0,
        warm_up_seconds=float(plan.warm_up_seconds),
        min_dwell_seconds=float(plan.min_dwell_seconds),
        stale_seconds=max(STALE_SECONDS, STALE_TICKS * plan.tick_seconds),
    )


def step_of(planned: PlannedStep, index: int, started_at: float) -> Step:
    """Return a plan's step as the engine wants it."""
    return Step(
        index=index,
        started_at=started_at,
        weight=planned.weight / PERCENT,
        margin=float(planned.margin),
        floor=float(planned.floor),
    )


def _hard_limit(metric: LiveMetric) -> HardLimit | None:
    limit = metric.hard_limit
    if limit is None:
        return None
    rate = float(limit.rate)
    channel = bound_of(limit.slower_than_seconds or "") or ""
    return HardLimit(1 - rate if metric.better is Better.HIGHER else rate, channel)
