"""Gates as rows: what each measured, its bounds and limits, and what it said. Table, page and JUnit show the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sluice.api.candidate import GateStatus
from sluice.api.evaluation_result import EvaluationResult, Measurement
from sluice.api.plan import Gate
from sluice.api.verdict import Severity, Verdict
from sluice.core.gates import wording
from sluice.core.gates.finding import Finding, GateReason
from sluice.core.gates.judge import Judgement
from sluice.core.gates.question import Question
from sluice.core.gates.rule import Rule as Asked
from sluice.core.gates.rules import asked_of
from sluice.report.numbers import limit, span


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a gate: its question, on the scale of the value or of candidate minus champion, and its words."""

    question: Question
    change: bool
    """Whether it is about the difference from the champion."""
    bounds: str
    wanted: str

    @property
    def limit(self) -> float:
        """The limit, on the scale of the question; where it is a part of the champion's value, of what was seen."""
        return float(self.question.limit.point)

    @property
    def kind(self) -> str:
        """How it is coloured by itself: a bound clears the limit, the other one misses it, or it lies between."""
        return {Verdict.PASS: "good", Verdict.FAIL: "bad"}.get(self.question.verdict, "held")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One gate."""

    gate: Gate
    status: GateStatus
    reason: GateReason
    measured: Measurement | None
    rules: Sequence[Rule]

    @property
    def values(self) -> str:
        """What it measured: champion → candidate."""
        if self.measured is None or self.measured.candidate is None:
            return "not measured"
        now = wording.value(self.gate, self.measured.candidate.estimate)
        was = self.measured.champion
        return now if was is None else f"{wording.value(self.gate, was.estimate)} → {now}"

    @property
    def reached(self) -> bool:
        """Whether it was judged at all: an earlier tier may have ended the evaluation."""
        return self.reason is not GateReason.NOT_REACHED

    @property
    def outcome(self) -> str:
        """The verdict, and what it weighs where that is nothing."""
        if not self.reached:
            return "not judged"
        return self.status.verdict + (" (advisory)" if self.gate.severity is Severity.ADVISORY else "")

    @property
    def kind(self) -> str:
        """How it is coloured: good, bad, held where it is neither, none where it says nothing."""
        if not self.reached:
            return "none"
        wrong = "held" if self.gate.severity is Severity.ADVISORY else "bad"
        return {Verdict.PASS: "good", Verdict.FAIL: wrong, Verdict.ERROR: wrong}.get(self.status.verdict, "held")

    def kind_of(self, rule: Rule) -> str:
        """How one of its rules is coloured: by itself, where it was judged and weighs as much as it says."""
        known = {Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE}
        if not self.reached or self.status.verdict not in known:
            return self.kind
        return "held" if rule.kind == "bad" and self.gate.severity is Severity.ADVISORY else rule.kind

    @property
    def count(self) -> str:
        """How many items count for the metric."""
        return "0" if self.measured is None else f"{self.measured.denominator:,}"


def rows_of(gates: Sequence[Gate], result: EvaluationResult, judgement: Judgement) -> Sequence[Row]:
    """Return a row for each gate, in the order of the plan."""
    said = {status.name: (status, reason) for status, reason in zip(judgement.gates, judgement.reasons, strict=True)}
    return [_row(gate, result.measurement(gate.name), *said[gate.name]) for gate in gates]


def _row(gate: Gate, measured: Measurement | None, status: GateStatus, reason: GateReason) -> Row:
    rules = () if measured is None else tuple(_rules(gate, measured))
    return Row(gate=gate, status=status, reason=reason, measured=measured, rules=rules)


def _rules(gate: Gate, measured: Measurement) -> Iterator[Rule]:
    if measured.candidate is not None:
        asked = asked_of(gate, measured, measured.candidate)
        yield from (_rule(gate, rule) for rule in asked if not isinstance(rule, Finding))


def _rule(gate: Gate, asked: Asked) -> Rule:
    change = bool(asked.change)
    if asked.part is None:
        wanted = limit(gate, asked.question.limit.point, change=change)
    else:
        wanted = f"{wording.percent(float(asked.part))} of the champion's"
    return Rule(
        question=asked.straight,
        change=change,
        bounds=span(gate, asked.straight.quantity, change=change),
        wanted=f"{asked.name} {wanted}",
    )
