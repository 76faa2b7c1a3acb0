"""A gate's outcome as a sentence that a model developer understands: numbers, bound, what was allowed."""

from sluice.api.evaluation_result import Estimate, Measurement
from sluice.api.plan import Gate, OfflineMetric
from sluice.api.verdict import Verdict
from sluice.core.gates.rules import Rule, Side, items_needed


def subject(gate: Gate) -> str:
    """Return what is measured: `accuracy`, `negative→positive`."""
    if gate.metric is OfflineMetric.CONFUSION_CELL_RATE:
        return f"{gate.params.actual}→{gate.params.predicted}"
    return gate.metric.value


def sentence(gate: Gate, rule: Rule, measurement: Measurement, verdict: Verdict) -> str:
    """Return the outcome of one rule."""
    estimate = measurement.difference if rule.relative else measurement.candidate
    if estimate is None:
        raise ValueError("a rule without an estimate has no sentence")
    told = _compared(gate, rule, measurement, estimate) if rule.relative else _alone(gate, rule, estimate)
    if verdict is not Verdict.INCONCLUSIVE:
        return told
    return f"{told}; {_needed(rule, estimate, measurement.denominator)}"


def _compared(gate: Gate, rule: Rule, measurement: Measurement, difference: Estimate) -> str:
    before, after = measurement.champion, measurement.candidate
    change = "fell" if difference.estimate < 0 else "rose" if difference.estimate > 0 else "stayed"
    span = f"from {_percent(before)} to {_percent(after)}" if change != "stayed" else f"at {_percent(after)}"
    name, sign = ("drop", -1.0) if rule.side is Side.AT_LEAST else ("rise", 1.0)
    near, far = sorted((sign * difference.lower, sign * difference.upper))
    bound = (
        f"lower bound of the {name} {_points(near)}"
        if near > rule.value
        else f"upper bound of the {name} {_points(far)}"
    )
    return f"{subject(gate)} {change} {span} ({_level(measurement)} {bound} points, allowed {_points(rule.value)})"


def _alone(gate: Gate, rule: Rule, estimate: Estimate) -> str:
    low = f"lower bound {estimate.lower:.1%}".replace("%", " %")
    high = f"upper bound {estimate.upper:.1%}".replace("%", " %")
    missed = estimate.upper < rule.threshold if rule.side is Side.AT_LEAST else estimate.lower > rule.threshold
    shown = (high if missed else low) if rule.side is Side.AT_LEAST else (low if missed else high)
    wanted = "at least" if rule.side is Side.AT_LEAST else "at most"
    return f"{subject(gate)} is {_percent(estimate)} ({shown}, {wanted} {rule.value:.1%})".replace("%)", " %)")


def _needed(rule: Rule, estimate: Estimate, items: int) -> str:
    needed = items_needed(rule, estimate, items)
    if needed is None:
        return f"{items:,} items do not decide it, and the estimate itself misses the rule"
    return f"{items:,} items do not decide it, about {needed:,} would at this estimate"


def _level(measurement: Measurement) -> str:
    return f"{measurement.level * 100:g} %"


def _percent(estimate: Estimate | None) -> str:
    return "unknown" if estimate is None else f"{estimate.estimate * 100:.1f} %"


def _points(value: float) -> str:
    return f"{value * 100:.1f}"
