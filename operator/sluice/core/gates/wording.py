"""Numbers and metrics in the words of a model developer."""

from decimal import Decimal
from typing import assert_never

from sluice.api.evaluation_result import Measurement
from sluice.api.plan import Gate, OfflineMetric

SMALL = 0.001


def subject(gate: Gate) -> str:
    """Return what the gate is about, as the start of a sentence."""
    match gate.metric:
        case OfflineMetric.ACCURACY:
            return "accuracy"
        case OfflineMetric.CONFUSION_CELL_RATE:
            return f"{gate.params.actual}→{gate.params.predicted}"
        case _:
            assert_never(gate.metric)


def items(gate: Gate) -> str:
    """Return what is counted."""
    match gate.metric:
        case OfflineMetric.ACCURACY:
            return "items"
        case OfflineMetric.CONFUSION_CELL_RATE:
            return f"{gate.params.actual} items"
        case _:
            assert_never(gate.metric)


def percent(share: float) -> str:
    """Return a share in percent, with more digits where one would hide it."""
    return f"{share * 100:.3g} %" if 0 < abs(share) < SMALL else f"{share * 100:.1f} %"


def points(difference: float) -> str:
    """Return a difference of shares in points."""
    return percent(difference).removesuffix(" %").replace("-0.0", "0.0")


def limit(value: Decimal) -> str:
    """Return a limit in percent or points, exactly as far as it was written, with at least one digit."""
    exact = (value * 100).normalize()
    return f"{exact:.1f}" if exact == exact.quantize(Decimal("0.1")) else f"{exact:f}"


def level(gate: Gate) -> str:
    """Return the gate's confidence in percent."""
    return f"{(Decimal(gate.confidence.level) * 100).normalize():f} %"


def change(gate: Gate, measured: Measurement) -> str:
    """Return how the metric stands: from what to what with a champion, else what it is."""
    if measured.candidate is None:
        return f"{subject(gate)} was not measured"
    now = measured.candidate.estimate
    text = f"{subject(gate)} is {percent(now)}"
    if measured.champion is not None:
        was = measured.champion.estimate
        verb = "rose" if now > was else "fell"
        text = f"{subject(gate)} {verb} from {percent(was)} to {percent(now)}"
        if now == was:
            text = f"{subject(gate)} stayed at {percent(now)}"
    failed = measured.candidate_failures
    return f"{text}, the candidate failed on {failed:,} of {measured.n:,} items" if failed else text
