"""The rules of a gate: `min`, `max`, `vsChampion`. Each looks at the bound that it would be wrong about last.

Pass: the near bound clears the limit. Fail: the far bound is beyond it. Otherwise the data cannot tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sluice.api.evaluation_result import Estimate, Measurement
from sluice.api.plan import Gate, VsChampion
from sluice.api.schema import decimal
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.core.gates.finding import Finding, GateReason
from sluice.core.gates.power import items_for_difference, items_for_share


@dataclass(frozen=True)
class _Badness:
    """A quantity that must not be above its limit, between its bounds."""

    estimate: float
    lower: float
    upper: float
    limit: Decimal

    @property
    def verdict(self) -> Verdict:
        if _written(self.upper) <= self.limit:
            return Verdict.PASS
        return Verdict.FAIL if _written(self.lower) > self.limit else Verdict.INCONCLUSIVE


def _written(value: float) -> Decimal:
    """Return the number as the document writes it: 0.005 is 0.005, not the nearest binary fraction."""
    return Decimal(repr(value))


def findings(gate: Gate, measured: Measurement, candidate: Estimate) -> Iterator[Finding]:
    """Yield what each rule of the gate came to."""
    if gate.min is not None:
        yield _minimum(gate, measured, candidate, decimal(gate.min))
    if gate.max is not None:
        yield _maximum(gate, measured, candidate, decimal(gate.max))
    if gate.vs_champion is not None:
        yield _versus(gate, measured, gate.vs_champion)


def _minimum(gate: Gate, measured: Measurement, value: Estimate, limit: Decimal) -> Finding:
    badness = _Badness(-value.estimate, -value.upper, -value.lower, -limit)
    required = f"at least {wording.limit(limit)} required"
    near = f"{wording.level(gate)} lower bound {wording.percent(value.lower)}, {required}"
    far = f"{wording.level(gate)} upper bound {wording.percent(value.upper)}, {required}"
    return _finding(badness, near, far, _more(gate, items_for_share(value.estimate, limit, measured.level)))


def _maximum(gate: Gate, measured: Measurement, value: Estimate, limit: Decimal) -> Finding:
    badness = _Badness(value.estimate, value.lower, value.upper, limit)
    allowed = f"at most {wording.limit(limit)} allowed"
    near = f"{wording.level(gate)} upper bound {wording.percent(value.upper)}, {allowed}"
    far = f"{wording.level(gate)} lower bound {wording.percent(value.lower)}, {allowed}"
    return _finding(badness, near, far, _more(gate, items_for_share(value.estimate, limit, measured.level)))


def _versus(gate: Gate, measured: Measurement, rule: VsChampion) -> Finding:
    if measured.difference is None:
        return _without_champion(gate)
    word, badness = _worsening(measured.difference, rule)
    allowed = f"allowed {wording.limit(badness.limit)}"
    near = f"{wording.level(gate)} upper bound of the {word} {wording.points(badness.upper)} points, {allowed}"
    far = f"{wording.level(gate)} lower bound of the {word} {wording.points(badness.lower)} points, {allowed}"
    needed = items_for_difference(measured, badness.estimate, badness.limit)
    return _finding(badness, near, far, _more(gate, needed))


def _worsening(difference: Estimate, rule: VsChampion) -> tuple[str, _Badness]:
    """Return the change for the worse, drop or rise, with its limit."""
    if rule.max_rise is not None:
        limit = decimal(rule.max_rise)
        return "rise", _Badness(difference.estimate, difference.lower, difference.upper, limit)
    limit = decimal(rule.max_drop or "0")
    return "drop", _Badness(-difference.estimate, -difference.upper, -difference.lower, limit)


def _without_champion(gate: Gate) -> Finding:
    """Only absolute rules count without a champion; a gate that has none proves nothing."""
    if gate.min is None and gate.max is None:
        text = "there is no champion to compare with, and the gate has neither min nor max: add one"
        return Finding(Verdict.NO_DATA, GateReason.NO_CHAMPION, text)
    text = "NoChampion: nothing to compare with, only min and max are judged"
    return Finding(Verdict.PASS, GateReason.NO_CHAMPION, text)


def _finding(badness: _Badness, near: str, far: str, more: str) -> Finding:
    match badness.verdict:
        case Verdict.PASS:
            return Finding(Verdict.PASS, GateReason.CLEARED, near)
        case Verdict.FAIL:
            return Finding(Verdict.FAIL, GateReason.MISSED, far)
        case _:
            return Finding(Verdict.INCONCLUSIVE, GateReason.UNDECIDED, f"{near}: {more}")


def _more(gate: Gate, items: int | None) -> str:
    if items is None:
        return "it lies at the limit, no practical number of items would tell"
    return f"about {items:,} {wording.items(gate)} would tell"
