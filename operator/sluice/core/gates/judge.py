"""The judgement of an evaluation: verdict and sentence of each gate and suite, and the digest of all it depends on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sluice.api.candidate import GateStatus, PinnedModel
from sluice.api.evaluation_result import EvaluationResult, InvalidResult, parse_document
from sluice.api.plan import Evaluation, Gate
from sluice.api.suite import Suite
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.core.gates.challenges import failing
from sluice.core.gates.evidence import gate_problem, models_problem
from sluice.core.gates.finding import Finding, GateReason, worst
from sluice.core.gates.reuse import Uses, reminders, widened
from sluice.core.gates.rules import findings
from sluice.core.gates.slices import with_slices
from sluice.core.gates.suites import suite_finding
from sluice.core.gates.tiers import Check, Found, deciding, in_tiers, not_reached, objecting
from sluice.core.naming import digest

Models = tuple[PinnedModel | None, PinnedModel | None]
"""Candidate and champion."""

MESSAGE_LIMIT = 1024
NAME_LIMIT = 256
_OUTCOMES = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.INCONCLUSIVE: "could not tell",
    Verdict.NO_DATA: "had too little data",
    Verdict.ERROR: "could not be judged",
}


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What gates and suites said together."""

    verdict: Verdict
    gates: tuple[GateStatus, ...]
    """What the gates said, then the suites, each in the order of the plan."""
    reasons: tuple[GateReason, ...]
    """Why, in the same order."""
    message: str
    decision_digest: str
    """`sha256:` and the digest of rules, models and evidence, however long it took: the same decision has the same."""


def judge(
    evaluation: Evaluation,
    document: Mapping[str, Any],
    *,
    candidate: PinnedModel | None,
    champion: PinnedModel | None,
    uses: Uses = (),
) -> Judgement:
    """Apply the plan's gates and suites to a result document. Never raises: what is no evidence is no pass.

    `uses` says which use of its data sets this is; sets that it does not name are used for the first time.
    """
    result, models, told = _read(document), (candidate, champion), reminders(evaluation, uses)
    evaluation = widened(evaluation, uses)
    checks: tuple[Check, ...] = (*evaluation.gates, *evaluation.suites)
    found = in_tiers(checks, lambda check: _look(check, evaluation, result, models, told))
    verdict = worst(seen.verdict for _, seen in deciding(found))
    return Judgement(
        verdict=verdict,
        gates=tuple(_status(check, seen) for check, seen in found),
        reasons=tuple(seen.reason for _, seen in found),
        message=_summary(found, verdict),
        decision_digest=_decision_digest(evaluation, result, models),
    )


def _status(check: Check, seen: Finding) -> GateStatus:
    numbers = {} if seen.numbers is None else asdict(seen.numbers)
    message = _shortened(seen.text, MESSAGE_LIMIT)
    return GateStatus(
        name=check.name,
        verdict=seen.verdict,
        message=message,
        severity=check.severity,
        slice=_shortened(seen.slice, NAME_LIMIT),
        slices=seen.slices,
        **numbers,
    )


def _read(document: Mapping[str, Any]) -> EvaluationResult | Finding:
    try:
        return parse_document(document)
    except InvalidResult as error:
        return Finding(Verdict.ERROR, GateReason.RESULT_INVALID, str(error))


def _look(
    check: Check,
    evaluation: Evaluation,
    result: EvaluationResult | Finding,
    models: Models,
    told: Mapping[str, str],
) -> Finding:
    """Return what one check came to: the first thing wrong with the evidence, else what its rules say.

    `told` says by gate what people should know of its level.
    """
    if isinstance(result, Finding):
        return result
    other = models_problem(result, *models)
    if other is not None:
        return other
    if isinstance(check, Suite):
        return suite_finding(check, evaluation, result)
    return gate_problem(check, evaluation, result) or _by_rules(check, result, told.get(check.name, ""))


def _by_rules(gate: Gate, result: EvaluationResult, reminder: str) -> Finding:
    measured = result.measurement(gate.name)
    if measured is None or measured.candidate is None:
        raise ValueError(f"gate {gate.name} is judged without evidence")
    found = tuple(findings(gate, measured, measured.candidate))
    verdict = worst(finding.verdict for finding in found)
    telling = [finding for finding in found if finding.verdict is verdict]
    text = f"{wording.change(gate, measured)} ({'; '.join(finding.text for finding in telling)})"
    turned = (wording.turned(gate, measured) or failing(gate, result)) if verdict is Verdict.FAIL else ""
    whole = replace(telling[-1], text=f"{text}; {turned}" if turned else text)
    judged = with_slices(gate, measured, whole)
    return replace(judged, text=f"{judged.text}; {reminder}") if reminder else judged


def _summary(found: Found, verdict: Verdict) -> str:
    """Return the sentence for the whole: the checks that decided it, with their numbers, and what did not count."""
    decided = deciding(found)
    telling = [(check, seen) for check, seen in decided if seen.verdict is verdict]
    text = f"{len(telling)} of {len(decided)} {_kinds(decided)} {_OUTCOMES[verdict]}: {_sentences(telling)}"
    rest = _shortened(_uncounted(found), MESSAGE_LIMIT // 2)
    return _shortened(text, MESSAGE_LIMIT - len(rest)) + rest


def _kinds(found: Found) -> str:
    suites = sum(isinstance(check, Suite) for check, _ in found)
    return "gates" if not suites else "suites" if suites == len(found) else "gates and suites"


def _uncounted(found: Found) -> str:
    """Return what people should know beside the checks that decided."""
    late, advice = not_reached(found), objecting(found)
    names = f"; not judged, in later tiers: {', '.join(check.name for check, _ in late)}" if late else ""
    return names + (f"; advisory only: {_sentences(advice)}" if advice else "")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _sentences(found: Found) -> str:
    return "; ".join(
        seen.text if seen.text.startswith(check.name) else f"{check.name}: {seen.text}" for check, seen in found
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
