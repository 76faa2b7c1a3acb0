"""From two models' answers to measurements: each metric's outcome knows how its bounds are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from sluice.api.evaluation_result import Measurement
from sluice.api.evaluation_spec import MeasurementWanted
from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.evaluation.answers import Answers
from sluice.evaluation.classes import Rows
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.metrics import METRICS, NEEDS, Metric
from sluice.evaluation.outcomes import Found
from sluice.evaluation.scores import AskedAgain, Scores
from sluice.evaluation.truth import Truth


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Both models over one data set."""

    data: LoadedDataset
    candidate: Scores
    champion: Scores | None

    def take(self, rows: Rows) -> "Scored":
        """Return both models over some of the items."""
        champion = None if self.champion is None else self.champion.take(rows)
        return Scored(data=self.data.take(rows), candidate=self.candidate.take(rows), champion=champion)


def metric_of(wanted: MeasurementWanted) -> Metric:
    """Return the metric. Raises EvaluationFailure for one that this image does not know."""
    if wanted.metric not in METRICS:
        message = f"metric {wanted.metric} is unknown to the evaluation image: it knows {', '.join(sorted(METRICS))}"
        raise EvaluationFailure("MetricUnknown", message, field=f"spec.evaluation.gates[{wanted.name}].metric")
    return METRICS[wanted.metric]


def check_truth(measurements: Sequence[MeasurementWanted], loaded: Mapping[str, LoadedDataset]) -> None:
    """Refuse labels on which a gate's metric is not defined, whatever models say. Raises EvaluationFailure."""
    for wanted in measurements:
        needs, data = NEEDS.get(wanted.metric), loaded.get(wanted.dataset)
        if needs is not None and data is not None:
            needs(Truth(data=data, gate=wanted.name), wanted.params)


def measure(wanted: MeasurementWanted, scored: Scored) -> Measurement:
    """Return what the gate wants to know. Raises EvaluationFailure where data or models cannot give it."""
    metric = metric_of(wanted)
    candidate = metric(answers_of(wanted, scored, "candidate", scored.candidate), wanted.params)
    champion = None
    if scored.champion is not None:
        champion = metric(answers_of(wanted, scored, "champion", scored.champion), wanted.params)
    found = candidate.found(champion, wanted.level)
    return Measurement(
        name=wanted.name,
        metric=wanted.metric,
        params=dict(wanted.params),
        dataset=wanted.dataset,
        level=wanted.level,
        n=len(scored.data),
        candidate_failures=_failures(wanted, scored.candidate),
        champion_failures=_failures(wanted, scored.champion),
        **{part.name: getattr(found, part.name) for part in fields(Found)},
    )


def _failures(wanted: MeasurementWanted, scores: Scores | None) -> int:
    """Return on how many items a model failed, also on changed texts where they matter; none of a gate on data."""
    if scores is None or FACTS[OfflineMetric(wanted.metric)].of_data:
        return 0
    again = scores.again.get(AskedAgain.key(*(wanted.params.get(name, "") for name in ("perturbation", "column"))))
    failed = scores.predicted.missing
    return int((failed if again is None else failed | (again.predicted.missing & again.changed)).sum())


def answers_of(wanted: MeasurementWanted, scored: Scored, arm: str, scores: Scores) -> Answers:
    """Return what the gate's metric sees of one model."""
    return Answers(data=scored.data, scores=scores, reference=scored.champion, arm=arm, gate=wanted.name)
