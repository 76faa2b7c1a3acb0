"""Gates and suites as rows: what was seen, bounds and limits, and what they said. Table, page and JUnit show these."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sluice.api.candidate import GateStatus
from sluice.api.evaluation_result import EvaluationResult, Measurement
from sluice.api.plan import Evaluation, Gate
from sluice.api.suite import Suite
from sluice.api.suite_result import SuiteCase, SuiteResult
from sluice.api.verdict import Severity, Verdict
from sluice.core.gates import wording
from sluice.core.gates.finding import Finding, GateReason
from sluice.core.gates.judge import Judgement
from sluice.core.gates.question import Question
from sluice.core.gates.rule import Rule as Asked
from sluice.core.gates.rules import asked_of
from sluice.core.gates.slices import Part, parts
from sluice.report.numbers import is_share, limit, span

_UNSEEN = "not measured"


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
class Slice:
    """One slice of a gate: what was measured in it, and what that came to."""

    name: str
    values: str
    verdict: Verdict
    """After Holm: a bound that misses its limit may be chance among many slices."""
    rules: Sequence[Rule]
    count: str

    @property
    def kind(self) -> str:
        """How it is coloured."""
        return {Verdict.PASS: "good", Verdict.FAIL: "bad"}.get(self.verdict, "held")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One gate or suite: what it was, what it said, and what stands in its columns."""

    check: Gate | Suite
    status: GateStatus
    reason: GateReason
    values: str
    """What was seen: champion → candidate, or how many cases passed."""
    count: str
    """How many items count for the metric, or how many cases say something."""
    rules: Sequence[Rule] = ()
    slices: Sequence[Slice] = ()
    """The worst first."""
    cases: Sequence[SuiteCase] = ()

    @property
    def name(self) -> str:
        """Its name in the plan."""
        return self.check.name

    @property
    def is_share(self) -> bool:
        """Whether its numbers are shares."""
        return isinstance(self.check, Gate) and is_share(self.check)

    def scale(self, *, change: bool) -> tuple[float, str]:
        """Return by what its numbers are drawn, and their unit: shares in percent, their changes in points."""
        return (100.0, "" if change else " %") if self.is_share else (1.0, "")

    @property
    def reached(self) -> bool:
        """Whether it was judged at all: an earlier tier may have ended the evaluation."""
        return self.reason is not GateReason.NOT_REACHED

    @property
    def outcome(self) -> str:
        """The verdict, and what it weighs where that is nothing."""
        if not self.reached:
            return "not judged"
        return self.status.verdict + (" (advisory)" if self.check.severity is Severity.ADVISORY else "")

    @property
    def kind(self) -> str:
        """How it is coloured: good, bad, held where it is neither, none where it says nothing."""
        if not self.reached:
            return "none"
        wrong = "held" if self.check.severity is Severity.ADVISORY else "bad"
        return {Verdict.PASS: "good", Verdict.FAIL: wrong, Verdict.ERROR: wrong}.get(self.status.verdict, "held")

    def kind_of(self, rule: Rule) -> str:
        """How one of its rules is coloured: by itself, where it was judged and weighs as much as it says."""
        known = {Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE}
        if self.reason in {GateReason.NOT_REACHED, GateReason.POINT_ONLY} or (
            self.status.verdict not in known and not self.slices
        ):
            return self.kind
        return "held" if rule.kind == "bad" and self.check.severity is Severity.ADVISORY else rule.kind


def rows_of(evaluation: Evaluation, result: EvaluationResult, judgement: Judgement) -> Sequence[Row]:
    """Return a row for each gate, then one for each suite, in the order of the plan."""
    said = {status.name: (status, reason) for status, reason in zip(judgement.gates, judgement.reasons, strict=True)}
    gates = [_of_gate(gate, result.measurement(gate.name), *said[gate.name]) for gate in evaluation.gates]
    return [*gates, *(_of_suite(suite, result.suite(suite.name), *said[suite.name]) for suite in evaluation.suites)]


def _of_gate(gate: Gate, measured: Measurement | None, status: GateStatus, reason: GateReason) -> Row:
    if measured is None:
        return Row(check=gate, status=status, reason=reason, values=_UNSEEN, count="0")
    return Row(
        check=gate,
        status=status,
        reason=reason,
        values=_values(gate, measured),
        count=f"{measured.denominator:,}",
        rules=tuple(_rules(gate, measured)),
        slices=[_slice(gate, part) for part in sorted(parts(gate, measured), key=lambda part: part.order)],
    )


def _of_suite(suite: Suite, ran: SuiteResult | None, status: GateStatus, reason: GateReason) -> Row:
    if ran is None:
        return Row(check=suite, status=status, reason=reason, values="not run", count="0")
    values = f"{ran.passed:,} of {ran.judged:,} cases" + (f", {ran.skipped:,} skipped" if ran.skipped else "")
    return Row(check=suite, status=status, reason=reason, values=values, count=f"{ran.judged:,}", cases=ran.cases)


def _slice(gate: Gate, part: Part) -> Slice:
    return Slice(
        name=part.name,
        values=_values(gate, part.measured),
        verdict=part.finding.verdict,
        rules=tuple(_rules(gate, part.measured)),
        count=f"{part.measured.denominator:,}",
    )


def _values(gate: Gate, measured: Measurement) -> str:
    """Return what was measured: champion → candidate."""
    if measured.candidate is None:
        return _UNSEEN
    now = wording.value(gate, measured.candidate.estimate)
    was = measured.champion
    return now if was is None else f"{wording.value(gate, was.estimate)} → {now}"


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
