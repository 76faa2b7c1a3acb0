"""The judgement of a whole evaluation: each gate's verdict and sentence, and the digest of all that it depends on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sluice.api.candidate import GateStatus, PinnedModel
from sluice.api.evaluation_result import EvaluationResult, InvalidResult, parse_document
from sluice.api.plan import Evaluation, Gate
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.core.gates.evidence import gate_problem, models_problem
from sluice.core.gates.finding import Finding, GateReason, worst
from sluice.core.gates.rules import findings
from sluice.core.naming import digest

MESSAGE_LIMIT = 1024


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the gates said together."""

    verdict: Verdict
    gates: tuple[GateStatus, ...]
    reasons: tuple[GateReason, ...]
    """Why, one a gate, in the order of the gates."""
    message: str
    decision_digest: str
    """`sha256:` and the digest of rules, models and evidence: the same decision has the same digest."""


def judge(
    evaluation: Evaluation,
    document: Mapping[str, Any],
    *,
    candidate: PinnedModel | None,
    champion: PinnedModel | None,
) -> Judgement:
    """Apply the plan's gates to a result document. Never raises: what is no evidence is no pass."""
    result = _read(document)
    problem = result if isinstance(result, Finding) else models_problem(result, candidate, champion)
    found = [
        problem if problem is not None or isinstance(result, Finding) else _gate(gate, evaluation, result)
        for gate in evaluation.gates
    ]
    judged = [finding for finding in found if finding is not None]
    verdict = worst(finding.verdict for finding in judged)
    return Judgement(
        verdict=verdict,
        gates=tuple(
            GateStatus(name=gate.name, verdict=finding.verdict, message=finding.text[:MESSAGE_LIMIT])
            for gate, finding in zip(evaluation.gates, judged, strict=True)
        ),
        reasons=tuple(finding.reason for finding in judged),
        message=_summary(evaluation.gates, judged, verdict),
        decision_digest=_decision_digest(evaluation, result, candidate, champion),
    )
