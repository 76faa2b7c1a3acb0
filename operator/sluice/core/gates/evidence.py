"""Whether a result is evidence for this plan and these models at all: checked before any rule is applied."""

from collections.abc import Iterator

from sluice.api.candidate import PinnedModel
from sluice.api.evaluation_result import POINT_ONLY, DatasetInfo, EvaluationResult, Measurement, ModelInfo
from sluice.api.offline_metric import FACTS
from sluice.api.plan import Evaluation, Gate, OnInsufficient
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.core.gates.challenges import contradiction, other_set
from sluice.core.gates.completeness import lacks
from sluice.core.gates.finding import Finding, GateReason


def models_problem(
    result: EvaluationResult, candidate: PinnedModel | None, champion: PinnedModel | None
) -> Finding | None:
    """Return why the result is about other models; None when it is about these."""
    for word, wanted, found in (("candidate", candidate, result.candidate), ("champion", champion, result.champion)):
        if not _same(wanted, found):
            text = f"the result is about another {word} than the one under decision"
            return Finding(Verdict.ERROR, GateReason.MODEL_MISMATCH, text)
    return None


def _same(wanted: PinnedModel | None, found: ModelInfo | None) -> bool:
    return (None if wanted is None else wanted.digest) == (None if found is None else found.digest)


def gate_problem(gate: Gate, evaluation: Evaluation, result: EvaluationResult) -> Finding | None:
    """Return the first reason why the gate cannot be judged on this result; None when it can."""
    measured = result.measurement(gate.name)
    if measured is None:
        return Finding(Verdict.ERROR, GateReason.METRIC_MISSING, f"{wording.subject(gate)} is missing from the result")
    return next(_problems(gate, evaluation, result, measured), None)


def _problems(gate: Gate, evaluation: Evaluation, result: EvaluationResult, measured: Measurement) -> Iterator[Finding]:
    other = _other_measurement(gate, measured)
    if other:
        text = f"the result holds another {other} under this gate's name"
        yield Finding(Verdict.ERROR, GateReason.MEASUREMENT_MISMATCH, text)
    lacking = lacks(measured)
    if lacking:
        yield Finding(Verdict.ERROR, GateReason.METRIC_MISSING, f"{wording.subject(gate)}: {lacking}")
    unlike = _other_dataset(gate, evaluation, result)
    if unlike:
        yield Finding(Verdict.ERROR, GateReason.DATASET_MISMATCH, unlike)
    if FACTS[gate.metric].of_change and result.champion is None:
        text = f"{wording.subject(gate)} compares with a champion, and there is none"
        yield Finding(Verdict.NO_DATA, GateReason.NO_CHAMPION, text)
    if POINT_ONLY in {one.method for one in (measured.candidate, measured.difference) if one is not None}:
        text = f"{wording.change(gate, measured)}: a point without an interval decides nothing, use sluice evaluate"
        yield Finding(Verdict.INCONCLUSIVE, GateReason.POINT_ONLY, text)
    if measured.denominator < gate.min_samples:
        text = f"only {measured.denominator:,} {wording.items(gate)}, minSamples requires {gate.min_samples:,}"
        verdict = Verdict.FAIL if gate.on_insufficient is OnInsufficient.FAIL else Verdict.NO_DATA
        yield Finding(verdict, GateReason.TOO_FEW_ITEMS, text)
    compared = result.champion is not None and not (FACTS[gate.metric].of_change or FACTS[gate.metric].of_data)
    if measured.candidate is None or (compared and measured.difference is None):
        text = f"{wording.subject(gate)} has no value in the result"
        yield Finding(Verdict.ERROR, GateReason.METRIC_MISSING, text)
    unlike = contradiction(measured, result) if FACTS[gate.metric].of_cases else ""
    if unlike:
        yield Finding(Verdict.ERROR, GateReason.MEASUREMENT_MISMATCH, unlike)


def _other_dataset(gate: Gate, evaluation: Evaluation, result: EvaluationResult) -> str:
    """Return how the data set that was measured on differs from the plan's; empty when it does not."""
    if FACTS[gate.metric].of_cases:
        return other_set(gate.dataset, evaluation, result)
    pinned = next((dataset for dataset in evaluation.datasets if dataset.name == gate.dataset), None)
    read = result.dataset(gate.dataset)
    if read is None or pinned is None or other_bytes(gate.dataset, evaluation, result):
        return f"data set {gate.dataset} that was measured on is not the one that the plan pins"
    roles = ("label", "query", "cluster", "id", "raters", "predictions")
    other = next((role for role in roles if getattr(read, role) != getattr(pinned.columns, role)), "")
    if other in {"raters", "predictions"}:
        return f"data set {gate.dataset} was measured by other {other} than columns.{other} of the plan"
    if other:
        return f"data set {gate.dataset} was measured by another {other} column than columns.{other} of the plan"
    if FACTS[gate.metric].of_data and (pinned.training is None or read.training != pinned.training.digest):
        return f"data set {gate.dataset} was looked up in another digest list than training of the plan"
    return _unknown_predictions(read, result)


def _unknown_predictions(read: DatasetInfo, result: EvaluationResult) -> str:
    """Return which model's predictions are not in a data set that has some; empty when none is missing."""
    known = {one.digest for one in read.predictions}
    arms = (("candidate", result.candidate), ("champion", result.champion))
    missing = next((arm for arm, model in arms if known and model is not None and model.digest not in known), "")
    return missing and f"data set {read.name} has predictions, and none of the {missing}"


def other_bytes(name: str, evaluation: Evaluation, result: EvaluationResult) -> bool:
    """Say whether the data set of this name that was read is not the one that the plan pins."""
    pinned = {dataset.name: dataset.digest for dataset in evaluation.datasets}
    read = result.dataset(name)
    return read is None or read.digest != pinned.get(name)


def _other_measurement(gate: Gate, measured: Measurement) -> str:
    """Return which part of the measurement is not what the gate asks for; empty when all is."""
    parts = (
        ("metric", measured.metric, gate.metric.value),
        ("set of params", measured.params, gate.params.flat()),
        ("dataset", measured.dataset, gate.dataset),
        ("confidence level", measured.level, float(gate.confidence.level)),
        ("set of slices", measured.sliced_by, () if gate.slices is None else gate.slices.by),
    )
    return next((word for word, found, wanted in parts if found != wanted), "")
