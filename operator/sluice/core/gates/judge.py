"""The judgement of a whole evaluation: each gate's verdict and sentence, and the digest of all that it depends on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sluice.api.candidate import GateStatus, PinnedModel
from sluice.api.evaluation_result import EvaluationResult, InvalidResult, parse_document
from sluice.api.plan import Evaluation, Gate
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.core.gates.evidence import gate_problem, models_problem
from sluice.core.gates.finding import Finding, GateReason, worst
from sluice.core.gates.rules import findings
from sluice.core.gates.tiers import Found, deciding, in_tiers, not_reached, objecting
from sluice.core.naming import digest

Models = tuple[PinnedModel | None, PinnedModel | None]
"""Candidate and champion."""

MESSAGE_LIMIT = 1024
_OUTCOMES = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.INCONCLUSIVE: "could not tell",
    Verdict.NO_DATA: "had too little data",
    Verdict.ERROR: "could not be judged",
}


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the gates said together."""

    verdict: Verdict
    gates: tuple[GateStatus, ...]
    reasons: tuple[GateReason, ...]
    """Why, one a gate, in the order of the gates."""
    message: str
    decision_digest: str
    """`sha256:` and the digest of rules, models and evidence, however long it took: the same decision has the same."""


def judge(
    evaluation: Evaluation,
    document: Mapping[str, Any],
    *,
    candidate: PinnedModel | None,
    champion: PinnedModel | None,
) -> Judgement:
    """Apply the plan's gates to a result document. Never raises: what is no evidence is no pass."""
    result, models = _read(document), (candidate, champion)
    found = in_tiers(evaluation.gates, lambda gate: _look(gate, evaluation, result, models))
    verdict = worst(seen.verdict for _, seen in deciding(found))
    return Judgement(
        verdict=verdict,
        gates=tuple(_status(gate, seen) for gate, seen in found),
        reasons=tuple(seen.reason for _, seen in found),
        message=_summary(found, verdict),
        decision_digest=_decision_digest(evaluation, result, models),
    )


def _status(gate: Gate, seen: Finding) -> GateStatus:
    numbers = {} if seen.numbers is None else asdict(seen.numbers)
    message = _shortened(seen.text, MESSAGE_LIMIT)
    return GateStatus(name=gate.name, verdict=seen.verdict, message=message, severity=gate.severity, **numbers)


def _read(document: Mapping[str, Any]) -> EvaluationResult | Finding:
    try:
        return parse_document(document)
    except InvalidResult as error:
        return Finding(Verdict.ERROR, GateReason.RESULT_INVALID, str(error))


def _look(gate: Gate, evaluation: Evaluation, result: EvaluationResult | Finding, models: Models) -> Finding:
    """Return what one gate came to: the first thing wrong with the evidence, else what its rules say."""
    if isinstance(result, Finding):
        return result
    problem = models_problem(result, *models) or gate_problem(gate, evaluation, result)
    return problem or _by_rules(gate, result)


def _by_rules(gate: Gate, result: EvaluationResult) -> Finding:
    measured = result.measurement(gate.name)
    if measured is None or measured.candidate is None:
        raise ValueError(f"gate {gate.name} is judged without evidence")
    found = tuple(findings(gate, measured, measured.candidate))
    verdict = worst(finding.verdict for finding in found)
    telling = [finding for finding in found if finding.verdict is verdict]
    text = f"{wording.change(gate, measured)} ({'; '.join(finding.text for finding in telling)})"
    turned = wording.turned(gate, measured) if verdict is Verdict.FAIL else ""
    return replace(telling[-1], text=f"{text}; {turned}" if turned else text)


def _summary(found: Found, verdict: Verdict) -> str:
    """Return the sentence for the whole: the gates that decided it, with their numbers, and what did not count."""
    decided = deciding(found)
    telling = [(gate, seen) for gate, seen in decided if seen.verdict is verdict]
    text = f"{len(telling)} of {len(decided)} gates {_OUTCOMES[verdict]}: {_sentences(telling)}"
    rest = _shortened(_uncounted(found), MESSAGE_LIMIT // 2)
    return _shortened(text, MESSAGE_LIMIT - len(rest)) + rest


def _uncounted(found: Found) -> str:
    """Return what people should know beside the gates that decided."""
    late, advice = not_reached(found), objecting(found)
    names = f"; not judged, in later tiers: {', '.join(gate.name for gate, _ in late)}" if late else ""
    return names + (f"; advisory only: {_sentences(advice)}" if advice else "")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _sentences(found: Found) -> str:
    return "; ".join(
        seen.text if seen.text.startswith(gate.name) else f"{gate.name}: {seen.text}" for gate, seen in found
    )


def _decision_digest(evaluation: Evaluation, result: EvaluationResult | Finding, models: Models) -> str:
    evidence = result.text if isinstance(result, Finding) else result.model_dump(mode="json", exclude={"timings"})
    return "sha256:" + digest(
        {
            "rules": evaluation.model_dump(mode="json"),
            "models": [None if model is None else model.digest for model in models],
            "evidence": evidence,
        }
    )
