"""From predictions to measurements: shares with exact bounds, paired differences with Newcombe's."""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.api.evaluation_result import Estimate, Measurement, Pairs
from sluice.api.evaluation_spec import MeasurementWanted
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.intervals import (
    CLOPPER_PEARSON,
    NEWCOMBE_PAIRED,
    Interval,
    clopper_pearson,
    mcnemar_exact,
    newcombe_paired,
)
from sluice.evaluation.metrics import METRICS, ShareMetric
from sluice.evaluation.metrics.share import Share
from sluice.evaluation.scores import Scores


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Both models over one data set."""

    data: LoadedDataset
    candidate: Scores
    champion: Scores | None


def metric_of(wanted: MeasurementWanted) -> ShareMetric:
    """Return the metric. Raises EvaluationFailure for one that this image does not know."""
    if wanted.metric not in METRICS:
        message = f"metric {wanted.metric} is unknown to the evaluation image: it knows {', '.join(sorted(METRICS))}"
        raise EvaluationFailure("MetricUnknown", message, field=f"spec.evaluation.gates[{wanted.name}].metric")
    return METRICS[wanted.metric]


def measure(wanted: MeasurementWanted, scored: Scored) -> Measurement:
    """Return what the gate wants to know."""
    metric, params, labels = metric_of(wanted), wanted.params, scored.data.labels
    candidate = metric(labels, scored.candidate.predicted, params)
    champion = None if scored.champion is None else metric(labels, scored.champion.predicted, params)
    items = len(candidate.happened)
    return Measurement(
        name=wanted.name,
        metric=wanted.metric,
        params=dict(params),
        dataset=wanted.dataset,
        level=wanted.level,
        n=len(labels),
        denominator=items,
        candidate_failures=scored.candidate.failures,
        champion_failures=0 if scored.champion is None else scored.champion.failures,
        **(_values(candidate, champion, wanted.level) if items else {}),
    )


def _values(candidate: Share, champion: Share | None, level: float) -> Mapping[str, Estimate | Pairs]:
    alone = {"candidate": _share(candidate, level)}
    if champion is None:
        return alone
    pairs = _pairs(candidate, champion)
    counts = (pairs.both, pairs.candidate_only, pairs.champion_only, pairs.neither)
    difference = _estimate(newcombe_paired(*counts, level), NEWCOMBE_PAIRED)
    return {**alone, "champion": _share(champion, level), "difference": difference, "pairs": pairs}


def _share(share: Share, level: float) -> Estimate:
    return _estimate(clopper_pearson(sum(share.happened), len(share.happened), level), CLOPPER_PEARSON)


def _estimate(interval: Interval, method: str) -> Estimate:
    return Estimate(estimate=interval.estimate, lower=interval.lower, upper=interval.upper, method=method)


def _pairs(candidate: Share, champion: Share) -> Pairs:
    seen = list(zip(candidate.happened, champion.happened, strict=True))
    candidate_only, champion_only = seen.count((True, False)), seen.count((False, True))
    return Pairs(
        both=seen.count((True, True)),
        candidate_only=candidate_only,
        champion_only=champion_only,
        neither=seen.count((False, False)),
        p_value=mcnemar_exact(candidate_only, champion_only),
    )
