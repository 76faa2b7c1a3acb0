"""Challenge sets in the evidence: whether the one that was asked is the plan's, and which cases failed."""

from math import isclose

from sluice.api.challenge_result import FailedCases
from sluice.api.evaluation_result import EvaluationResult, Measurement
from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.api.plan import Evaluation, Gate
from sluice.api.schema import decimal

_NAMED = 10
"""So many cases are named in a sentence."""


def other_set(name: str, evaluation: Evaluation, result: EvaluationResult) -> str:
    """Return how the challenge set that was asked differs from the plan's; empty when it does not."""
    pinned = next((one for one in evaluation.challenge_sets if one.name == name), None)
    asked = result.challenge_set(name)
    if pinned is None or asked is None or asked.digest != pinned.digest:
        return f"challenge set {name} that was asked is not the one that the plan pins"
    if (asked.repeats, decimal(asked.min_pass_rate)) != (
        pinned.per_case.repeats,
        decimal(pinned.per_case.min_pass_rate),
    ):
        return f"challenge set {name} was asked by another perCase than the plan's"
    return ""


def contradiction(measured: Measurement, result: EvaluationResult) -> str:
    """Return how a gate's number differs from the failed cases that the result counts; empty when it does not."""
    asked, found = result.challenge_set(measured.dataset), measured.candidate
    if asked is None or found is None:
        return ""
    new = measured.metric == OfflineMetric.NEW_FAILURES
    cases = asked.newly_failed if new else asked.failed
    counted = 0 if cases is None else cases.visible + cases.hidden
    wanted = counted if new else 1 - counted / max(1, asked.cases)
    same = measured.denominator == asked.cases and found.lower == found.upper and isclose(found.estimate, wanted)
    return "" if same else f"its number is not that of the {counted:,} failed cases of {asked.cases:,} in the result"


def failing(gate: Gate, result: EvaluationResult) -> str:
    """Return which cases failed, hidden ones as a number; empty for metrics that are not about cases."""
    asked = result.challenge_set(gate.dataset) if FACTS[gate.metric].of_cases else None
    if asked is None:
        return ""
    if gate.metric is OfflineMetric.NEW_FAILURES:
        return "" if asked.newly_failed is None else f"newly failed: {_listed(asked.newly_failed)}"
    return f"failed: {_listed(asked.failed)}"


def _listed(cases: FailedCases) -> str:
    named = list(cases.ids[:_NAMED])
    rest = cases.visible - len(named)
    named += [f"{rest:,} more"] if rest else []
    return ", ".join([*named, *([f"{cases.hidden:,} hidden"] if cases.hidden else [])])
