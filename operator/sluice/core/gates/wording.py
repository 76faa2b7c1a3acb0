"""Numbers and metrics in the words of a model developer."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from math import floor, log10
from typing import Protocol

from sluice.api.evaluation_result import Measurement
from sluice.api.live import Better
from sluice.api.offline_metric import FACTS, OfflineMetric, Unit, better
from sluice.api.plan import Gate

SMALL = 0.001
_MOST_DECIMALS = 9
_MOST_MORE = 5


class OfMetric(Protocol):
    """What has numbers of a metric: a gate, or what was measured without one."""

    @property
    def metric(self) -> OfflineMetric:
        """The metric."""


_SUBJECTS: Mapping[OfflineMetric, str] = {
    OfflineMetric.ACCURACY: "accuracy",
    OfflineMetric.BALANCED_ACCURACY: "balanced accuracy",
    OfflineMetric.PRECISION: "precision of {class}",
    OfflineMetric.RECALL: "recall of {class}",
    OfflineMetric.F1: "F1 of {class}",
    OfflineMetric.FALSE_POSITIVE_RATE: "false-positive rate of {class}",
    OfflineMetric.CONFUSION_CELL_RATE: "{actual}→{predicted}",
    OfflineMetric.EXPECTED_COST: "expected cost",
    OfflineMetric.LOG_LOSS: "log loss",
    OfflineMetric.EXPECTED_CALIBRATION_ERROR: "calibration error",
    OfflineMetric.ROC_AUC: "ROC AUC of {class}",
    OfflineMetric.PR_AUC: "PR AUC of {class}",
    OfflineMetric.RECALL_AT_FPR: "recall of {class} at {fpr} false positives",
    OfflineMetric.MEAN_ABSOLUTE_ERROR: "mean absolute error",
    OfflineMetric.ROOT_MEAN_SQUARED_ERROR: "root mean squared error",
    OfflineMetric.MEAN_ABSOLUTE_PERCENTAGE_ERROR: "mean absolute percentage error",
    OfflineMetric.PINBALL: "pinball loss of the {quantile} quantile",
    OfflineMetric.FLIP_RATE: "share of flips {from}→{to}",
    OfflineMetric.AGREEMENT_WITH_CHAMPION: "agreement with the champion",
    OfflineMetric.PERTURBATION_FLIP_RATE: "share flipped by {perturbation} in {column}",
    OfflineMetric.NDCG: "NDCG@{k}",
    OfflineMetric.MEAN_RECIPROCAL_RANK: "MRR",
    OfflineMetric.MEAN_AVERAGE_PRECISION: "MAP{cut}",
    OfflineMetric.RECALL_AT_K: "recall@{k}",
    OfflineMetric.SHARE_OF_QUERIES_DROPPING: "share of queries with a lower {lower}",
    OfflineMetric.AGREEMENT: "agreement with raters ({coefficient})",
    OfflineMetric.CONTAMINATED_SHARE: "share of items in the training data",
    OfflineMetric.PASS_RATE: "pass rate",
    OfflineMetric.NEW_FAILURES: "number of newly failed cases",
}
_COUNTED: Mapping[OfflineMetric, str] = {
    OfflineMetric.PERTURBATION_FLIP_RATE: "items changed by {perturbation}",
    OfflineMetric.PRECISION: "items predicted as {class}",
    OfflineMetric.RECALL: "{class} items",
    OfflineMetric.RECALL_AT_FPR: "{class} items",
    OfflineMetric.F1: "{class} items",
    OfflineMetric.PR_AUC: "{class} items",
    OfflineMetric.FALSE_POSITIVE_RATE: "items other than {class}",
    OfflineMetric.CONFUSION_CELL_RATE: "{actual} items",
    OfflineMetric.FLIP_RATE: "items that the champion calls {from}",
    OfflineMetric.AGREEMENT_WITH_CHAMPION: "items that the champion answers",
    OfflineMetric.NDCG: "queries",
    OfflineMetric.MEAN_RECIPROCAL_RANK: "queries",
    OfflineMetric.MEAN_AVERAGE_PRECISION: "queries",
    OfflineMetric.RECALL_AT_K: "queries",
    OfflineMetric.SHARE_OF_QUERIES_DROPPING: "queries",
    OfflineMetric.AGREEMENT: "rated items",
    OfflineMetric.CONTAMINATED_SHARE: "items with a text",
    OfflineMetric.PASS_RATE: "cases",
    OfflineMetric.NEW_FAILURES: "cases",
}
"""What else than items is counted."""
_RIGHT_OR_WRONG = ("newly wrong", "newly right")
_TURNED: Mapping[OfflineMetric, tuple[str, str]] = {
    OfflineMetric.ACCURACY: _RIGHT_OR_WRONG,
    OfflineMetric.RECALL: _RIGHT_OR_WRONG,
    OfflineMetric.FALSE_POSITIVE_RATE: ("newly taken for {class}", "no longer"),
    OfflineMetric.CONFUSION_CELL_RATE: ("newly taken for {predicted}", "no longer"),
}
"""What became of items that the two models take for different things: for the worse, for the better."""


def subject(gate: Gate) -> str:
    """Return what the gate is about, as the start of a sentence."""
    return _SUBJECTS[gate.metric].format_map(_words(gate))


def items(gate: Gate) -> str:
    """Return what is counted."""
    return _COUNTED.get(gate.metric, "items").format_map(_words(gate))


def _words(gate: Gate) -> Mapping[str, str]:
    rate = {} if gate.params.fpr is None else {"fpr": percent(float(gate.params.fpr))}
    cut = "" if gate.params.k is None else f"@{gate.params.k}"
    words = {**gate.params.flat(), **rate, "cut": cut}
    by = gate.params.by
    return words if by is None else {**words, "lower": _SUBJECTS[OfflineMetric(by.value)].format_map(words)}


def percent(share: float, more: int = 0) -> str:
    """Return a share in percent, with more digits where one would hide it."""
    small = 0 < abs(share) < SMALL
    return f"{share * 100:.{3 + more}g} %" if small else f"{share * 100:.{1 + more}f} %"


def value(gate: OfMetric, number: float, more: int = 0) -> str:
    """Return a value of the metric in its unit, in so many more digits than usual."""
    kind = FACTS[gate.metric].unit
    if kind is Unit.SHARE:
        return percent(number, more)
    if kind is Unit.COUNT:
        return f"{number:,.0f}"
    return _digits(number, 4 + more) if kind is Unit.VALUE else _digits(number, 2 + more, least=4 + more)


def difference(gate: OfMetric, number: float, more: int = 0) -> str:
    """Return a difference of two values of the metric: points for shares, else its own unit."""
    if FACTS[gate.metric].unit is Unit.SHARE:
        return percent(number, more).removesuffix(" %").replace("-0.0", "0.0") + " points"
    return value(gate, number, more)


def apart(write: Callable[[float, int], str], one: float, other: float) -> tuple[str, str]:
    """Return two numbers in as many digits as it takes to tell them apart, within reason."""
    for more in range(_MOST_MORE):
        texts = write(one, more), write(other, more)
        if texts[0] != texts[1]:
            return texts
    return write(one, 0), write(other, 0)


def _digits(number: float, digits: int, least: int = 0) -> str:
    """Return a number in so many digits that count, with `least` decimals at least; never as a power of ten."""
    if not number:
        return "0"
    decimals = max(least, digits - 1 - floor(log10(abs(number))))
    return f"{number:,.{min(decimals, _MOST_DECIMALS)}f}"


def limit(gate: Gate, bound: Decimal) -> str:
    """Return a limit exactly as far as it was written: in percent or points (with at least one digit) for shares."""
    if FACTS[gate.metric].unit is not Unit.SHARE:
        return f"{bound.normalize():f}"
    exact = (bound * 100).normalize()
    return f"{exact:.1f}" if exact == exact.quantize(Decimal("0.1")) else f"{exact:f}"


def unit(gate: Gate, *, change: bool) -> str:
    """Return what stands behind a limit: percent or points for shares, else nothing."""
    if FACTS[gate.metric].unit is not Unit.SHARE:
        return ""
    return " points" if change else " %"


def level(gate: Gate) -> str:
    """Return the gate's confidence in percent."""
    return f"{(Decimal(gate.confidence.level) * 100).normalize():f} %"


def change(gate: Gate, measured: Measurement) -> str:
    """Return how the metric stands: from what to what with a champion, else what it is."""
    if measured.candidate is None:
        return f"{subject(gate)} was not measured"
    text = f"{subject(gate)} {_course(gate, measured, measured.candidate.estimate)}"
    failed = measured.candidate_failures
    return f"{text}, the candidate failed on {failed:,} of {measured.n:,} items" if failed else text


def _course(gate: Gate, measured: Measurement, now: float) -> str:
    if measured.champion is None or FACTS[gate.metric].of_change:
        return f"is {value(gate, now)}{_count(gate, measured, now)}"
    was = measured.champion.estimate
    before, here = apart(partial(value, gate), was, now)
    here += _count(gate, measured, now)
    return f"stayed at {here}" if now == was else f"{'rose' if now > was else 'fell'} from {before} to {here}"


def _count(gate: Gate, measured: Measurement, share: float) -> str:
    """Return the count behind a share of none or all, for "0 of 300" proves little, or of a data set's own items."""
    of, facts = measured.denominator, FACTS[gate.metric]
    shown = facts.of_data or (facts.share_of_items and share in {0, 1})
    return f" ({round(share * of):,} of {of:,})" if shown else ""


def turned(gate: Gate, measured: Measurement) -> str:
    """Return on how many items the candidate is newly wrong, and newly right; empty where that is not counted."""
    words = _TURNED.get(gate.metric)
    if words is None or measured.pairs is None:
        return ""
    more, less = measured.pairs.candidate_only, measured.pairs.champion_only
    worse, back = (less, more) if better(gate.metric, gate.params) is Better.HIGHER else (more, less)
    mistaken, corrected = _RIGHT_OR_WRONG if better(gate.metric, gate.params) is Better.HIGHER else words
    newly = f"{worse:,} {items(gate)} {mistaken}, {back:,} {corrected}"
    return newly.format_map(_words(gate))
