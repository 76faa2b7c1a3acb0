"""Numbers and metrics in the words of a model developer."""

from collections.abc import Mapping
from decimal import Decimal

from sluice.api.evaluation_result import Measurement
from sluice.api.offline_metric import OfflineMetric
from sluice.api.plan import Gate

SMALL = 0.001


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
    OfflineMetric.FLIP_RATE: "share of flips {from}→{to}",
    OfflineMetric.NDCG: "NDCG@{k}",
    OfflineMetric.MEAN_RECIPROCAL_RANK: "MRR",
    OfflineMetric.RECALL_AT_K: "recall@{k}",
}
_COUNTED: Mapping[OfflineMetric, str] = {
    OfflineMetric.PRECISION: "items predicted as {class}",
    OfflineMetric.RECALL: "{class} items",
    OfflineMetric.RECALL_AT_FPR: "{class} items",
    OfflineMetric.FALSE_POSITIVE_RATE: "items other than {class}",
    OfflineMetric.CONFUSION_CELL_RATE: "{actual} items",
    OfflineMetric.FLIP_RATE: "items that the champion calls {from}",
    OfflineMetric.NDCG: "queries",
    OfflineMetric.MEAN_RECIPROCAL_RANK: "queries",
    OfflineMetric.RECALL_AT_K: "queries",
}
"""What else than items is counted."""


def subject(gate: Gate) -> str:
    """Return what the gate is about, as the start of a sentence."""
    return _SUBJECTS[gate.metric].format_map(_words(gate))


def items(gate: Gate) -> str:
    """Return what is counted."""
    return _COUNTED.get(gate.metric, "items").format_map(_words(gate))


def _words(gate: Gate) -> Mapping[str, str]:
    rate = {} if gate.params.fpr is None else {"fpr": percent(float(gate.params.fpr))}
    return {**gate.params.flat(), **rate}


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
