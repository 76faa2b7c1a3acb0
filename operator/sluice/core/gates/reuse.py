"""A data set that is used again and again proves less each time: later uses are held to a higher confidence.

Whoever trains on what earlier verdicts said comes to fit the set. The k-th use may be wrong with probability
(1 - level) / k²: the first at the gate's own level, and all uses of a set together, however many, with at most
1.65 (1 - level), for the sum of 1/k² is π²/6. The number of a use is known before the set is looked at.
Source: alpha-spending, Foster and Stine, Journal of the Royal Statistical Society B 70 (2008) 429; on hold-outs under
adaptive use, Blum and Hardt, ICML 2015 ("The Ladder").
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal

from sluice.api.candidate import DatasetUse
from sluice.api.plan import Dataset, Evaluation, Gate, Reuse
from sluice.core.gates import wording

Uses = Sequence[DatasetUse]

SMALLEST = Decimal("1E-9")
"""No bound is asked for further out than this."""
_DIGITS = 3


def counted(evaluation: Evaluation) -> Sequence[Dataset]:
    """Return the data sets whose uses are counted: those that gates are judged on, unless the plan says otherwise."""
    judged = {gate.dataset for gate in evaluation.gates}
    return [one for one in evaluation.datasets if one.reuse is Reuse.WIDEN and one.name in judged]


def uses_of(evaluation: Evaluation, numbers: Mapping[str, int]) -> Uses:
    """Return the uses by the names of their sets, from their numbers by the sets' digests."""
    return tuple(DatasetUse(dataset=one.name, use=numbers[one.digest]) for one in counted(evaluation))


def widened(evaluation: Evaluation, uses: Uses) -> Evaluation:
    """Return the evaluation with each gate at the confidence that its use of the set asks for."""
    numbers = {one.dataset: one.use for one in uses}
    gates = tuple(_widened(gate, numbers.get(gate.dataset, 1)) for gate in evaluation.gates)
    return evaluation.model_copy(update={"gates": gates})


def _widened(gate: Gate, use: int) -> Gate:
    if use == 1:
        return gate
    level = f"{level_of(Decimal(gate.confidence.level), use).normalize():f}"
    return gate.model_copy(update={"confidence": gate.confidence.model_copy(update={"level": level})})


def level_of(level: Decimal, use: int) -> Decimal:
    """Return the confidence of a use, exact to three digits of what is left of 1, never less than it should be."""
    if use == 1:
        return level
    chance = (1 - level) / use**2
    exact = chance.quantize(Decimal(1).scaleb(chance.adjusted() - _DIGITS + 1), rounding=ROUND_DOWN)
    return 1 - max(SMALLEST, exact)


def reminders(evaluation: Evaluation, uses: Uses) -> Mapping[str, str]:
    """Return, by gate, why its confidence is not the plan's; gates that keep theirs are left out."""
    numbers = {one.dataset: one.use for one in uses if one.use > 1}
    pairs = zip(evaluation.gates, widened(evaluation, uses).gates, strict=True)
    return {
        gate.name: f"at {wording.level(held)} instead of {wording.level(gate)}, for {_others(numbers[gate.dataset])} "
        f"judged on {gate.dataset} before"
        for gate, held in pairs
        if gate.dataset in numbers
    }


def _others(use: int) -> str:
    return "1 other model was" if use == 2 else f"{use - 1:,} other models were"  # noqa: PLR2004 -- the singular
