"""The whole evaluation: fetch, check, load, score, measure. Returns the document and what it was computed from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from sluice.api.evaluation_result import EvaluationResult, Measurement
from sluice.api.evaluation_spec import EvaluationSpec, MeasurementWanted
from sluice.api.offline_metric import FACTS
from sluice.evaluation import items
from sluice.evaluation.challenges.measuring import Answered, measure_cases, table
from sluice.evaluation.document import document
from sluice.evaluation.engine import engine_of
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.inputs import Inputs, arms_of, gather
from sluice.evaluation.measuring import Scored, metric_of
from sluice.evaluation.places import Places
from sluice.evaluation.query_table import query_table
from sluice.evaluation.registry import RegistryClient
from sluice.evaluation.saying import Said, fetched, said_by
from sluice.evaluation.slicing import measure_with_slices
from sluice.evaluation.stopwatch import Stopwatch
from sluice.evaluation.suites.running import Ground, run_suites

_CASE_METRICS = frozenset(metric.value for metric, facts in FACTS.items() if facts.of_cases)
_Kind = TypeVar("_Kind", Scored, Answered)


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """The document, and what it was computed from, by data set."""

    result: EvaluationResult
    scored: dict[str, Scored]
    sources: dict[str, Path]
    """The files of the data sets."""
    cases: dict[str, pl.DataFrame]
    """The visible cases of the challenge sets."""
    queries: dict[str, pl.DataFrame]
    """The queries that count, by gate."""


def evaluate(spec: EvaluationSpec, folder: Path) -> Evaluated:
    """Evaluate in a scratch folder. Raises EvaluationFailure; all input is checked before any model is loaded."""
    for wanted in spec.measurements:
        metric_of(wanted)
    watch, registry = Stopwatch(), RegistryClient(spec.tracking_uri, spec.limits)
    with watch.time("data"):
        inputs = gather(spec, Places(spec, registry), folder)
    arms = arms_of(spec)
    folders = fetched(arms, inputs, registry, folder, watch)
    with engine_of(spec.ray) as engine:
        said = {
            arm: said_by(model, folders.get(arm), inputs, watch, arm=arm, engine=engine) for arm, model in arms.items()
        }
    scored, answered = _paired(inputs, said["candidate"], said.get("champion"))
    with watch.time("measure"):
        measured = tuple(_all_measured(spec, inputs, scored, answered, watch))
        queries = dict(_queries(spec.measurements, scored))
    ground = Ground(
        models=lambda: {arm: registry.model(model, folder / arm, arm=arm) for arm, model in arms.items()},
        data=inputs.data,
        said=lambda name, place: items.write(scored[name], place),
    )
    suites = run_suites(inputs.suites, ground, watch.time)
    return Evaluated(
        result=document(spec, scored, answered, (measured, suites), watch.seconds),
        scored=scored,
        cases={name: table(one) for name, one in answered.items()},
        queries=queries,
        sources={name: data.path for name, data in inputs.data.items()},
    )


def _paired(inputs: Inputs, candidate: Said, champion: Said | None) -> tuple[dict[str, Scored], dict[str, Answered]]:
    """Return both models over each data set and each challenge set."""
    scored = {
        name: Scored(
            data=data, candidate=candidate.scores[name], champion=None if champion is None else champion.scores[name]
        )
        for name, data in inputs.data.items()
    }
    answered = {
        name: Answered(
            challenge=one, candidate=candidate.cases[name], champion=None if champion is None else champion.cases[name]
        )
        for name, one in inputs.challenges.items()
    }
    return scored, answered


def _all_measured(
    spec: EvaluationSpec,
    inputs: Inputs,
    scored: dict[str, Scored],
    answered: dict[str, Answered],
    watch: Stopwatch,
) -> Iterator[Measurement]:
    told = watch.counter("measure", len(spec.measurements))
    for wanted in spec.measurements:
        yield _measured(wanted, inputs, scored, answered)
        told(1)


def _measured(
    wanted: MeasurementWanted, inputs: Inputs, scored: dict[str, Scored], answered: dict[str, Answered]
) -> Measurement:
    if wanted.metric in _CASE_METRICS:
        return measure_cases(wanted, _of(wanted.dataset, answered))
    return measure_with_slices(wanted, _of(wanted.dataset, scored), inputs.cuts)


def _queries(
    measurements: Sequence[MeasurementWanted], scored: dict[str, Scored]
) -> Iterator[tuple[str, pl.DataFrame]]:
    for wanted in measurements:
        found = query_table(wanted, scored[wanted.dataset]) if wanted.dataset in scored else None
        if found is not None:
            yield wanted.name, found


def _of(name: str, known: Mapping[str, _Kind]) -> _Kind:
    if name not in known:
        what = f"no set that its metric can be measured on is named {name}"
        raise EvaluationFailure("DatasetUnknown", what, field="spec.evaluation.gates")
    return known[name]
