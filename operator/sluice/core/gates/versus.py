"""The comparison with the champion as questions: no worse, better, and not suspiciously better.

A limit that is a part of the champion's value is as uncertain as that value. The change is held against the limit at
the champion's own bound: for estimates that are about normal this keeps the level, however the two hang together,
because the standard deviation of a sum is at most the sum of the standard deviations.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from sluice.api.evaluation_result import Estimate
from sluice.api.live import Better
from sluice.api.offline_metric import better
from sluice.api.plan import Gate
from sluice.api.schema import decimal
from sluice.api.vs_champion import VsChampion
from sluice.core.gates.finding import GateReason
from sluice.core.gates.question import Limit, Question, Span, written
from sluice.core.gates.rule import Rule

_LEAKED = ": suspiciously good, look for items of the set in the training data"


def comparisons(gate: Gate, limits: VsChampion, difference: Estimate, champion: Estimate) -> Iterator[Rule]:
    """Yield the rules of `vsChampion`."""
    rise = Span.of(difference)
    gain = rise if better(gate.metric, gate.params) is Better.HIGHER else rise.reversed()

    def rule(name: str, quantity: Span, limit: str, *, at_most: bool = True) -> Rule:
        return Rule(
            name=name,
            question=Question(quantity=quantity, limit=_limit(limit, limits, champion), at_most=at_most),
            allowed="allowed {}" if at_most else "at least {} required",
            change=name[3:].lower(),
            turned=quantity is not rise,
            part=decimal(limit) if limits.relative else None,
        )

    if limits.max_drop is not None:
        yield rule("maxDrop", rise.reversed(), limits.max_drop)
    if limits.max_rise is not None:
        yield rule("maxRise", rise, limits.max_rise)
    if limits.min_gain is not None:
        yield rule("minGain", gain, limits.min_gain, at_most=False)
    if limits.max_gain is not None:
        yield replace(rule("maxGain", gain, limits.max_gain), missed=GateReason.TOO_GOOD, hint=_LEAKED)


def _limit(limit: str, limits: VsChampion, champion: Estimate) -> Limit:
    if not limits.relative:
        return Limit.fixed(decimal(limit))
    point, lower, upper = (
        decimal(limit) * max(Decimal(0), written(value))
        for value in (champion.estimate, champion.lower, champion.upper)
    )
    return Limit(point=point, lower=lower, upper=upper)
