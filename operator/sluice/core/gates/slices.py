"""A gate in its slices: what each came to, and what they come to together.

A pass is an intersection-union test: each slice is held to the gate's own level, and all must pass, so that a slice
that is at its limit passes with a chance of 1 - level at most, however many others there are. Looking for the worst one
costs nothing there. It does where a slice is blamed: of many that are at their limits, some miss them by chance; so a
slice fails only if Holm's step-down over all slices and rules says so.
Source: Berger, Technometrics 24 (1982) 295; Holm, Scandinavian Journal of Statistics 6 (1979) 65.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sluice.api.evaluation_result import Measurement, SliceMeasurement
from sluice.api.plan import Gate, OnInsufficient
from sluice.api.slices import Quantifier, Slices
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.core.gates.finding import SEVERITY, Finding, GateReason
from sluice.core.gates.holm import rejected
from sluice.core.gates.rule import Rule, answer
from sluice.core.gates.rules import asked_of

MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one slice came to."""

    name: str
    measured: Measurement
    """As if the slice were the whole set."""
    finding: Finding
    room: float
    """How far the bound that tells is within its limit; below 0 beyond it."""

    @property
    def order(self) -> tuple[int, float]:
        """Where it stands among the slices, the worst first."""
        return SEVERITY.index(self.finding.verdict), self.room


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What one rule came to in one slice."""

    finding: Finding
    room: float = 0.0
    p_value: float | None = None
    """How likely its excess is by chance; none where nothing was tested."""


def parts(gate: Gate, measured: Measurement) -> Sequence[Part]:
    """Return what each slice came to, in the order of the result; nothing for a gate without slices."""
    if gate.slices is None:
        return ()
    wholes = [measured.on(part) for part in measured.slices]
    placed = [(place, each) for place, whole in enumerate(wholes) for each in _answers(gate, gate.slices, whole)]
    judged = _after_holm([each for _, each in placed], len(wholes), measured.level)
    answers = list(zip([place for place, _ in placed], judged, strict=True))
    return [
        _part(part, wholes[place], [each for at, each in answers if at == place])
        for place, part in enumerate(measured.slices)
    ]


def _answers(gate: Gate, slices: Slices, whole: Measurement) -> Iterator[_Answer]:
    if whole.denominator < slices.min_samples:
        text = f"only {whole.denominator:,} {wording.items(gate)}, slices.minSamples requires {slices.min_samples:,}"
        verdict = Verdict.FAIL if gate.on_insufficient is OnInsufficient.FAIL else Verdict.NO_DATA
        yield _Answer(finding=Finding(verdict, GateReason.TOO_FEW_ITEMS, text), room=whole.denominator)
    elif whole.candidate is None:
        yield _Answer(finding=Finding(Verdict.ERROR, GateReason.METRIC_MISSING, "no value in the result"))
    else:
        for asked in asked_of(gate, whole, whole.candidate):
            yield _Answer(finding=asked) if isinstance(asked, Finding) else _tested(gate, whole, asked)


def _tested(gate: Gate, whole: Measurement, rule: Rule) -> _Answer:
    question = rule.question
    return _Answer(finding=answer(gate, whole, rule), room=question.room, p_value=question.p_value(whole.level))


def _after_holm(answers: Sequence[_Answer], slices: int, level: float) -> Sequence[_Answer]:
    """Return the answers with failures only where they are no chance find among all that was tested."""
    tested = [(place, each.p_value) for place, each in enumerate(answers) if each.p_value is not None]
    blamed = {tested[place][0] for place in rejected([p_value for _, p_value in tested], level)}
    return [_held(each, slices, blamed=place in blamed) for place, each in enumerate(answers)]


def _held(each: _Answer, slices: int, *, blamed: bool) -> _Answer:
    found = each.finding
    if each.p_value is None or found.verdict is not Verdict.FAIL or slices == 1:
        return each
    if blamed:
        return replace(each, finding=replace(found, text=f"{found.text}, no chance find among {slices} slices"))
    text = f"{found.text}: among {slices} slices one may miss its limit by chance"
    return replace(each, finding=replace(found, verdict=Verdict.INCONCLUSIVE, reason=GateReason.UNDECIDED, text=text))


def _part(part: SliceMeasurement, whole: Measurement, answers: Sequence[_Answer]) -> Part:
    telling = min(answers, key=lambda each: (SEVERITY.index(each.finding.verdict), each.room))
    finding = replace(telling.finding, slice=part.name)
    return Part(name=part.name, measured=whole, finding=finding, room=telling.room)


def with_slices(gate: Gate, measured: Measurement, whole: Finding) -> Finding:
    """Return what the whole set and its slices come to together."""
    if gate.slices is None:
        return whole
    found = sorted(parts(gate, measured), key=lambda part: part.order)
    if gate.slices.quantifier is Quantifier.WORST:
        told = _of_worst(gate, found, f"; the worst of {len(found)} slices")
    elif found[0].order[0] < SEVERITY.index(whole.verdict):
        told = _of_worst(gate, found)
    elif whole.verdict is Verdict.PASS:
        told = replace(
            whole, text=f"{whole.text}; and so in each of {len(found)} slices, nearest to it {found[0].name}"
        )
    else:
        told = replace(whole, text=whole.text + _likewise(found, whole))
    return replace(told, slices=len(found))


def _of_worst(gate: Gate, found: Sequence[Part], standing: str = "") -> Finding:
    """Return what the worst slice came to, of slices in order."""
    first, *others = found
    tested = standing if first.finding.reason is not GateReason.TOO_FEW_ITEMS else ""
    return replace(first.finding, text=_sentence(gate, first) + tested + _likewise(others, first.finding))


def _sentence(gate: Gate, part: Part) -> str:
    found = part.finding
    if found.reason is GateReason.TOO_FEW_ITEMS:
        return f"slice {part.name} has {found.text}"
    text = f"{wording.change(gate, part.measured)} in slice {part.name} ({found.text})"
    turned = wording.turned(gate, part.measured) if found.verdict is Verdict.FAIL else ""
    return f"{text}; {turned}" if turned else text


def _likewise(others: Sequence[Part], told: Finding) -> str:
    """Return in which other slices it is as bad; empty where in none, or where nothing is bad."""
    names = [part.name for part in others if part.finding.verdict is told.verdict]
    if not names or told.verdict is Verdict.PASS:
        return ""
    more = len(names) - MOST_NAMED
    return f"; likewise in {', '.join(names[:MOST_NAMED])}" + (f" and {more} more" if more > 0 else "")
