"""One rule of a gate: a question to the evidence with its words, and what it came to."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from sluice.api.evaluation_result import Measurement
from sluice.api.offline_metric import FACTS
from sluice.api.plan import Gate
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.core.gates.finding import Finding, GateReason, Numbers
from sluice.core.gates.power import items_for
from sluice.core.gates.question import Question


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A question and its words."""

    name: str
    """Which field of the gate it is: min, max, maxDrop…"""
    question: Question
    allowed: str
    """How the limit is put, with `{}` for its number."""
    change: str = ""
    """Which change it is about: drop, rise, gain; empty for the value itself."""
    turned: bool = False
    """Whether the change is champion minus candidate."""
    part: Decimal | None = None
    """Which part of the champion's value the limit is, where it is one."""
    missed: GateReason = GateReason.MISSED
    hint: str = ""
    """What to think of when it is missed."""

    @property
    def straight(self) -> Question:
        """The question on the scale of the value, or of candidate minus champion."""
        return self.question.reversed() if self.turned else self.question


def answer(gate: Gate, measured: Measurement, rule: Rule) -> Finding:
    """Return what a rule came to, with the bound that tells."""
    verdict = rule.question.verdict
    text = f"{_shown(gate, rule)}, {rule.allowed.format(_limit(gate, rule))}"
    numbers = _numbers(gate, measured, rule)
    match verdict:
        case Verdict.PASS:
            return Finding(verdict, GateReason.CLEARED, text, numbers)
        case Verdict.FAIL:
            return Finding(verdict, rule.missed, text + rule.hint, numbers)
        case _:
            needed = items_for(measured, rule.question, paired=bool(rule.change))
            return Finding(verdict, GateReason.UNDECIDED, f"{text}: {_more(gate, needed)}", numbers)


def _shown(gate: Gate, rule: Rule) -> str:
    """Return what the verdict rests on: a bound with its level; the number itself where all was counted."""
    if FACTS[gate.metric].whole:
        return f"{rule.change or 'counted'} {_amounts(gate, rule)[0]}"
    side, _, _ = rule.question.telling
    return (
        f"{wording.level(gate)} {side} bound{f' of the {rule.change}' if rule.change else ''} {_amounts(gate, rule)[0]}"
    )


def _amounts(gate: Gate, rule: Rule) -> tuple[str, str]:
    """Return bound and limit, in as many digits as it takes to see on which side the bound is."""
    write = partial(wording.difference if rule.change else wording.value, gate)
    _, bound, limit = rule.question.telling
    return wording.apart(write, bound, float(limit))


def _limit(gate: Gate, rule: Rule) -> str:
    if rule.part is None:
        return wording.limit(gate, rule.question.limit.point)
    return f"{wording.percent(float(rule.part))} of the champion's, {_amounts(gate, rule)[1]}"


def _numbers(gate: Gate, measured: Measurement, rule: Rule) -> Numbers:
    side, _, _ = rule.question.telling
    sign = "=" if FACTS[gate.metric].whole else "<" if side == "upper" else ">"
    estimate = rule.question.quantity.estimate
    bound, limit = _amounts(gate, rule)
    if rule.part is None:
        limit = wording.limit(gate, rule.question.limit.point) + wording.unit(gate, change=bool(rule.change))
    return Numbers(
        estimate=f"{rule.change} {wording.difference(gate, estimate)}"
        if rule.change
        else wording.value(gate, estimate),
        bound=f"{sign} {bound}",
        threshold=f"{'≤' if rule.question.at_most else '≥'} {limit}",
        n=measured.denominator,
    )


def _more(gate: Gate, items: int | None) -> str:
    if items is None:
        return "it lies at the limit, no practical number of items would tell"
    return f"about {items:,} {wording.items(gate)} would tell"
