"""The rules of a gate: `min` and `max` on the candidate's value, `vsChampion` on its difference to the champion's."""

from collections.abc import Iterator

from sluice.api.evaluation_result import Estimate, Measurement
from sluice.api.offline_metric import FACTS
from sluice.api.plan import Gate
from sluice.api.schema import decimal
from sluice.api.verdict import Verdict
from sluice.core.gates.failures import unfair, unmeasured
from sluice.core.gates.finding import Finding, GateReason
from sluice.core.gates.question import Limit, Question, Span
from sluice.core.gates.rule import Rule, answer
from sluice.core.gates.versus import comparisons


def findings(gate: Gate, measured: Measurement, candidate: Estimate) -> Iterator[Finding]:
    """Yield what each rule of the gate came to."""
    for asked in asked_of(gate, measured, candidate):
        yield asked if isinstance(asked, Finding) else answer(gate, measured, asked)


def asked_of(gate: Gate, measured: Measurement, candidate: Estimate) -> Iterator[Rule | Finding]:
    """Yield the rules of the gate with their numbers, or what stands in the place of one that cannot be asked."""
    yield from unmeasured(measured)
    broken = unfair(gate, measured)
    if broken is not None and FACTS[gate.metric].of_change:
        yield broken
        return
    yield from _absolute(gate, Span.of(candidate))
    if gate.vs_champion is None:
        return
    if measured.difference is None or measured.champion is None:
        yield _without_champion(gate)
    elif broken is not None:
        yield broken
    elif gate.vs_champion.relative and not measured.champion.estimate:
        text = "the champion's value is 0, of which no part can be allowed: use limits that are not relative"
        yield Finding(Verdict.ERROR, GateReason.ZERO_BASELINE, text)
    else:
        yield from comparisons(gate, gate.vs_champion, measured.difference, measured.champion)


def _absolute(gate: Gate, value: Span) -> Iterator[Rule]:
    if gate.min is not None:
        question = Question(quantity=value, limit=Limit.fixed(decimal(gate.min)), at_most=False)
        yield Rule(name="min", question=question, allowed="at least {} required")
    if gate.most is not None:
        question = Question(quantity=value, limit=Limit.fixed(decimal(gate.most)))
        yield Rule(name="max", question=question, allowed="at most {} allowed")


def _without_champion(gate: Gate) -> Finding:
    """Only absolute rules count without a champion; a gate that has none proves nothing."""
    if gate.min is None and gate.most is None:
        text = "there is no champion to compare with, and the gate has neither min nor max: add one"
        return Finding(Verdict.NO_DATA, GateReason.NO_CHAMPION, text)
    text = "NoChampion: nothing to compare with, only min and max are judged"
    return Finding(Verdict.PASS, GateReason.NO_CHAMPION, text)
