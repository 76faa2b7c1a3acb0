"""The whole evaluation: fetch, check, load, score, measure. Returns the document and the table of items."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from sluice.api.evaluation_result import RESULT_SCHEMA, DatasetInfo, EvaluationResult, Measurement, ModelInfo
from sluice.api.evaluation_spec import EvaluationSpec, ModelInput
from sluice.evaluation import dataset, items, predictions
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.measuring import Scored, metric_of
from sluice.evaluation.places import Places
from sluice.evaluation.registry import RegistryClient
from sluice.evaluation.scores import Scores
from sluice.evaluation.scoring import check_inputs, load_model, score
from sluice.evaluation.slicing import cuts_for, measure_with_slices
from sluice.evaluation.suites.prepared import prepare
from sluice.evaluation.suites.running import Ground, run_suites

SOFTWARE = ("sluice-operator", "mlflow", "numpy", "pandas", "polars", "pyarrow", "scikit-learn", "scipy")


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """The document, and what it was computed from, by data set."""

    result: EvaluationResult
    scored: dict[str, Scored]
    sources: dict[str, Path]
    """The files of the data sets."""


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
    arms = {"candidate": spec.candidate} | ({"champion": spec.champion} if spec.champion else {})
    for arm, model in arms.items():
        for one in (one for one in loaded.values() if one.source.predictions):
            predictions.predictions_of(one, model.digest, arm=arm)
    scores = {arm: _score(registry, model, loaded, folder / arm, watch) for arm, model in arms.items()}
    scored = {
        name: Scored(data=data, candidate=scores["candidate"][name], champion=scores.get("champion", {}).get(name))
        for name, data in loaded.items()
    }
    with watch.time("measure"):
        measured = tuple(measure_with_slices(wanted, _of(wanted.dataset, scored), cuts) for wanted in spec.measurements)
    ground = Ground(
        models=lambda: {arm: registry.model(model, folder / arm, arm=arm) for arm, model in arms.items()},
        data=loaded,
        said=lambda name, place: items.write(scored[name], place),
    )
    ran = run_suites(suites, ground, watch.time)
    return Evaluated(
        result=_result(spec, scored, measured, watch).model_copy(update={"suites": ran}),
        scored=scored,
        sources={name: data.path for name, data in loaded.items()},
    )


def _score(
    registry: RegistryClient, source: ModelInput, data: dict[str, dataset.LoadedDataset], folder: Path, watch: Stopwatch
) -> dict[str, Scores]:
    """Return one model's predictions by data set; the model is let go before the next one is loaded.

    It is not loaded, and not even fetched, where all data sets have its predictions.
    """
    arm, asked = folder.name, {name: one for name, one in data.items() if not one.source.predictions}
    found = {name: _already_there(one, source, arm) for name, one in data.items() if name not in asked}
    if not asked:
        return found
    with watch.time(f"{arm}.load"):
        model = load_model(registry.model(source, folder, arm=arm), arm=arm)
    with watch.time(f"{arm}.score"):
        for one in asked.values():
            check_inputs(model, one, arm=arm)
        return found | {name: score(model, one, arm=arm) for name, one in asked.items()}


def _already_there(data: dataset.LoadedDataset, source: ModelInput, arm: str) -> Scores:
    where = predictions.predictions_of(data, source.digest, arm=arm)
    return predictions.read(data, where, arm=arm)


def _result(
    spec: EvaluationSpec, scored: dict[str, Scored], measured: tuple[Measurement, ...], watch: Stopwatch
) -> EvaluationResult:
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
        measurements=measured,
        warnings=tuple(_warnings(scored)),
        timings=watch.seconds,
        software={"python": python_version(), **{name: version(name) for name in SOFTWARE}},
    )


def _of(name: str, scored: dict[str, Scored]) -> Scored:
    if name not in scored:
        raise EvaluationFailure("DatasetUnknown", f"no data set is named {name}", field="spec.evaluation.gates")
    return scored[name]


def _info(model: ModelInput) -> ModelInfo:
    """Return the document's entry; the digest was computed and compared when the model was fetched."""
    return ModelInfo(name=model.name, version=model.version, digest=model.digest)


def _warnings(scored: dict[str, Scored]) -> Iterator[str]:
    for name, one in scored.items():
        for arm, scores in (("candidate", one.candidate), ("champion", one.champion)):
            if scores is not None and scores.failures:
                shown = "; ".join(scores.examples)
                yield f"the {arm} failed on {scores.failures} items of {name}: {shown}"[:1024]
