"""Gates as rows: what each measured, its bounds and limits, and what it said. Table, page and JUnit show the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sluice.api.candidate import GateStatus
from sluice.api.evaluation_result import Estimate, EvaluationResult, Measurement
from sluice.api.live import Better
from sluice.api.offline_metric import better
from sluice.api.plan import Gate
from sluice.api.schema import decimal
from sluice.api.verdict import Severity, Verdict
from sluice.core.gates import wording
from sluice.core.gates.finding import GateReason
from sluice.core.gates.judge import Judgement
from sluice.report.numbers import limit, span


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a gate: what it looks at, and its limit on the same scale."""

    about: Estimate
    limit: float
    change: bool
    """Whether it is about the difference from the champion."""
    at_most: bool
    """Whether the limit is one from above, on that scale."""
    relative: bool
    """Whether the limit is a part of the champion's value, and as uncertain as that."""
    bounds: str
    wanted: str

    @property
    def kind(self) -> str:
        """How it is coloured by itself: a bound clears the limit, the other one misses it, or it lies between."""
        near, far = self.about.upper, self.about.lower
        if not self.at_most:
            near, far = -self.about.lower, -self.about.upper
        limit = self.limit if self.at_most else -self.limit
        if near <= limit:
            return "good"
        return "bad" if far > limit else "held"


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
        if not self.reached or rule.relative or self.status.verdict not in known:
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
        for name, wanted in (("min", gate.min), ("max", gate.max)):
            if wanted is not None:
                yield _absolute(gate, name, wanted, measured.candidate)
    if measured.difference is not None and measured.champion is not None and gate.vs_champion is not None:
        for name, wanted in gate.vs_champion.limits().items():
            yield _versus(gate, name, wanted, (measured.difference, measured.champion))


def _absolute(gate: Gate, name: str, wanted: str, about: Estimate) -> Rule:
    return Rule(
        about=about,
        limit=float(wanted),
        change=False,
        at_most=name == "max",
        relative=False,
        bounds=span(gate, about, change=False),
        wanted=f"{name} {limit(gate, decimal(wanted), change=False)}",
    )


def _versus(gate: Gate, name: str, wanted: str, seen: tuple[Estimate, Estimate]) -> Rule:
    difference, champion = seen
    relative = gate.vs_champion is not None and gate.vs_champion.relative
    part = champion.estimate if relative else 1.0
    text = (
        f"{wording.percent(float(wanted))} of the champion's" if relative else limit(gate, decimal(wanted), change=True)
    )
    sign = _sign(gate, name)
    return Rule(
        about=difference,
        limit=sign * float(wanted) * part,
        change=True,
        at_most=sign > 0 if name.startswith("max") else sign < 0,
        relative=relative,
        bounds=span(gate, difference, change=True),
        wanted=f"{name} {text}",
    )


def _sign(gate: Gate, name: str) -> float:
    """Return on which side of no change a limit lies, on the scale of candidate minus champion."""
    rises = name == "maxRise" or (name.endswith("Gain") and better(gate.metric, gate.params) is Better.HIGHER)
    return 1.0 if rises else -1.0
