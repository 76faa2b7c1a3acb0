"""The whole evaluation: fetch, check, load, score, measure. Returns the document and the table of items."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import TypeAlias, TypeVar

import polars as pl

from sluice.api.evaluation_result import RESULT_SCHEMA, DatasetInfo, EvaluationResult, Measurement, ModelInfo
from sluice.api.evaluation_spec import EvaluationSpec, MeasurementWanted, ModelInput
from sluice.api.offline_metric import FACTS
from sluice.evaluation import dataset, items, predictions
from sluice.evaluation.challenges import loading as challenges
from sluice.evaluation.challenges.asking import Asked, ask
from sluice.evaluation.challenges.measuring import Answered, info, measure_cases, table
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.measuring import Scored, metric_of
from sluice.evaluation.places import Places
from sluice.evaluation.registry import RegistryClient
from sluice.evaluation.scores import Scores
from sluice.evaluation.scoring import check_inputs, load_model, score
from sluice.evaluation.slicing import Cuts, cuts_for, measure_with_slices
from sluice.evaluation.suites.prepared import prepare
from sluice.evaluation.suites.running import Ground, run_suites

SOFTWARE = ("sluice-operator", "mlflow", "numpy", "pandas", "polars", "pyarrow", "scikit-learn", "scipy")

CASE_METRICS = frozenset(metric.value for metric, facts in FACTS.items() if facts.of_cases)
_Kind = TypeVar("_Kind", Scored, Answered)
_Sets: TypeAlias = tuple[dict[str, dataset.LoadedDataset], list[challenges.LoadedChallenge]]


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """The document, and what it was computed from, by data set."""

    result: EvaluationResult
    scored: dict[str, Scored]
    sources: dict[str, Path]
    """The files of the data sets."""
    cases: dict[str, pl.DataFrame]
    """The visible cases of the challenge sets."""


@dataclass
class Stopwatch:
    """Seconds by part of the work."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, part: str) -> Iterator[None]:
        """Add the time inside to a part."""
        start = time.monotonic()
        yield
        self.seconds[part] = round(self.seconds.get(part, 0.0) + time.monotonic() - start, 3)


def evaluate(spec: EvaluationSpec, folder: Path) -> Evaluated:
    """Evaluate in a scratch folder. Raises EvaluationFailure; data sets are checked before any model is loaded."""
    for wanted in spec.measurements:
        metric_of(wanted)
    watch, registry = Stopwatch(), RegistryClient(spec.tracking_uri, spec.limits)
    with watch.time("data"):
        places = Places(spec, registry)
        files = {source.name: places.fetch(source, folder / "data" / source.name) for source in spec.datasets}
        loaded = {source.name: dataset.load(source, files[source.name]) for source in spec.datasets}
        suites = [prepare(source, registry.suite(source, folder), folder / "suites") for source in spec.suites]
        cuts = cuts_for(spec.measurements, loaded)
        sets = [challenges.load(one, registry, folder / "challenges" / one.name) for one in spec.challenge_sets]
    arms = {"candidate": spec.candidate} | ({"champion": spec.champion} if spec.champion else {})
    for arm, model in arms.items():
        for one in (one for one in loaded.values() if one.source.predictions):
            predictions.predictions_of(one, model.digest, arm=arm)
    said = {arm: _said(registry, model, (loaded, sets), folder / arm, watch) for arm, model in arms.items()}
    candidate, champion = said["candidate"], said.get("champion")
    scored = {
        name: Scored(
            data=data, candidate=candidate.scores[name], champion=None if champion is None else champion.scores[name]
        )
        for name, data in loaded.items()
    }
    answered = {
        one.source.name: Answered(
            challenge=one,
            candidate=candidate.cases[place],
            champion=None if champion is None else champion.cases[place],
        )
        for place, one in enumerate(sets)
    }
    with watch.time("measure"):
        measured = tuple(_measured(wanted, scored, answered, cuts) for wanted in spec.measurements)
    ground = Ground(
        models=lambda: {arm: registry.model(model, folder / arm, arm=arm) for arm, model in arms.items()},
        data=loaded,
        said=lambda name, place: items.write(scored[name], place),
    )
    ran = run_suites(suites, ground, watch.time)
    return Evaluated(
        result=_result(spec, (scored, answered), measured, watch).model_copy(update={"suites": ran}),
        scored=scored,
        cases={name: table(one) for name, one in answered.items()},
        sources={name: data.path for name, data in loaded.items()},
    )


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What one model said: by data set, and of each challenge set in order."""

    scores: dict[str, Scores]
    cases: list[Asked]


def _said(registry: RegistryClient, source: ModelInput, sets: _Sets, folder: Path, watch: Stopwatch) -> _Said:
    """Return one model's answers; the model is let go before the next one is loaded.

    It is not loaded, and not even fetched, where all data sets have its predictions and there are no cases to ask.
    """
    arm, (data, cases) = folder.name, sets
    asked = {name: one for name, one in data.items() if not one.source.predictions}
    found = {name: _already_there(one, source, arm) for name, one in data.items() if name not in asked}
    if not asked and not cases:
        return _Said(scores=found, cases=[])
    with watch.time(f"{arm}.load"):
        model = load_model(registry.model(source, folder, arm=arm), arm=arm)
    with watch.time(f"{arm}.score"):
        for one in asked.values():
            check_inputs(model, one, arm=arm)
        return _Said(
            scores=found | {name: score(model, one, arm=arm) for name, one in asked.items()},
            cases=[ask(model, one, arm=arm) for one in cases],
        )


def _already_there(data: dataset.LoadedDataset, source: ModelInput, arm: str) -> Scores:
    where = predictions.predictions_of(data, source.digest, arm=arm)
    return predictions.read(data, where, arm=arm)


def _measured(
    wanted: MeasurementWanted, scored: dict[str, Scored], answered: dict[str, Answered], cuts: Cuts
) -> Measurement:
    if wanted.metric not in CASE_METRICS:
        return measure_with_slices(wanted, _of(wanted.dataset, scored), cuts)
    return measure_cases(wanted, _of(wanted.dataset, answered))


def _result(
    spec: EvaluationSpec,
    sets: tuple[dict[str, Scored], dict[str, Answered]],
    measured: tuple[Measurement, ...],
    watch: Stopwatch,
) -> EvaluationResult:
    scored, answered = sets
    return EvaluationResult(
        schema_version=RESULT_SCHEMA,
        candidate=_info(spec.candidate),
        champion=None if spec.champion is None else _info(spec.champion),
        datasets=tuple(
            DatasetInfo(
                name=name,
                digest=one.data.source.digest,
                rows=len(one.data),
                label=one.data.source.label,
                query=one.data.source.query,
                cluster=one.data.source.cluster,
                id=one.data.source.id,
                predictions=one.data.source.predictions,
            )
            for name, one in scored.items()
        ),
        challenge_sets=tuple(info(one) for one in answered.values()),
        measurements=measured,
        warnings=tuple(_warnings(scored)),
        timings=watch.seconds,
        software={"python": python_version(), **{name: version(name) for name in SOFTWARE}},
    )


def _of(name: str, known: dict[str, _Kind]) -> _Kind:
    if name not in known:
        what = f"no set that its metric can be measured on is named {name}"
        raise EvaluationFailure("DatasetUnknown", what, field="spec.evaluation.gates")
    return known[name]


def _info(model: ModelInput) -> ModelInfo:
    """Return the document's entry; the digest was computed and compared when the model was fetched."""
    return ModelInfo(name=model.name, version=model.version, digest=model.digest)


def _warnings(scored: dict[str, Scored]) -> Iterator[str]:
    for name, one in scored.items():
        for arm, scores in (("candidate", one.candidate), ("champion", one.champion)):
            if scores is not None and scores.failures:
                shown = "; ".join(scores.examples)
                yield f"the {arm} failed on {scores.failures} items of {name}: {shown}"[:1024]
