"""What a pass adds to the operator's own metrics, beside its writes."""

from sluice.api.candidate import Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.core.analysis.verdict import Finding
from sluice.core.observed import LivePlan, Observed
from sluice.core.plan import Plan
from sluice.core.turn import moment
from sluice.runtime.telemetry import Telemetry

_OUTCOMES = {Reason.STEP_PASSED: "passed", Reason.STEP_ADVANCED: "advanced", Reason.BREACHED: "breached"}
_UNSEEN = frozenset({Verdict.NO_DATA, Verdict.ERROR})


def count(telemetry: Telemetry, observed: Observed, plan: Plan) -> None:
    """Count missing data, lateness, and a step that ended."""
    if observed.samples is not None:
        _count_missing(telemetry, plan)
    if observed.late_seconds is not None and isinstance(observed.plan, LivePlan):
        telemetry.tick_late.observe(observed.late_seconds)
        if observed.late_seconds >= observed.plan.spec.traffic.tick_seconds:
            telemetry.ticks_missed.inc()
    _count_step(telemetry, observed, plan)


def _count_missing(telemetry: Telemetry, plan: Plan) -> None:
    for finding in {metric.finding for metric in plan.status.metrics if metric.verdict in _UNSEEN}:
        telemetry.no_data.labels(finding if finding in set(Finding) else "Other").inc()


def _count_step(telemetry: Telemetry, observed: Observed, plan: Plan) -> None:
    before, after = observed.candidate.status, plan.status
    if before.phase is not Phase.SHIFTING or before.traffic is None or before.traffic.stage is not Stage.STEPPING:
        return
    stays = after.phase is Phase.SHIFTING and after.traffic is not None and after.traffic.step == before.traffic.step
    if stays or before.traffic.applied_at is None:
        return
    outcome = next((_OUTCOMES[entry.reason] for entry in plan.news if entry.reason in _OUTCOMES), "ended")
    seconds = (observed.now - moment(before.traffic.since)).total_seconds()
    telemetry.step_seconds.labels(outcome).observe(max(0.0, seconds))
