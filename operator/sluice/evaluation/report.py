"""What the MLflow run shows: parameters, metrics by gate, tags, the tables of items, and a page."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from sluice.api.evaluation_result import RUN_PAGE, Measurement
from sluice.api.evaluation_spec import DatasetInput, EvaluationSpec, ModelInput
from sluice.api.offline_metric import OfflineMetric
from sluice.evaluation import items
from sluice.evaluation.evaluate import Evaluated
from sluice.evaluation.registry import RunRecord
from sluice.report.asked_cases import cases_of
from sluice.report.contamination import contamination_of
from sluice.report.evaluated import Measured, NamedModel
from sluice.report.items import Table, items_of, table_path
from sluice.report.measured_page import measured_page
from sluice.report.queries import queries_of, queries_path

_REGISTRY = "mlflow-artifacts:/"


def run_record(spec: EvaluationSpec, evaluated: Evaluated) -> RunRecord:
    """Return what is written to the run beside its files."""
    result = evaluated.result
    params = {"candidate": f"{result.candidate.name}/{result.candidate.version}"}
    if result.champion is not None:
        params["champion"] = f"{result.champion.name}/{result.champion.version}"
    params |= {f"dataset.{dataset.name}": dataset.digest for dataset in result.datasets}
    return RunRecord(
        name=spec.run_name,
        params=params,
        metrics={key: value for one in result.measurements for key, value in _metrics(one)},
        tags={
            "sluice.schemaVersion": result.schema_version,
            "sluice.candidateUid": spec.identity.candidate_uid,
            "sluice.attempt": str(spec.identity.attempt),
            "sluice.engine": "native" if spec.ray is None else "ray",
        },
    )


def _metrics(one: Measurement) -> Iterator[tuple[str, float]]:
    """Yield `<gate>.<what>.<estimate|lower|upper>`, and the number of items that count."""
    yield f"{one.name}.denominator", float(one.denominator)
    for what, estimate in (("candidate", one.candidate), ("champion", one.champion), ("difference", one.difference)):
        if estimate is not None:
            yield f"{one.name}.{what}.estimate", estimate.estimate
            yield f"{one.name}.{what}.lower", estimate.lower
            yield f"{one.name}.{what}.upper", estimate.upper
    if one.p_value is not None:
        yield f"{one.name}.difference.pValue", one.p_value


def write_items(evaluated: Evaluated, folder: Path) -> None:
    """Write `items-<data set>.parquet` for each data set and the visible cases of each challenge set, and queries."""
    for name, one in evaluated.scored.items():
        items.write(one, table_path(folder, name))
    for name, cases in evaluated.cases.items():
        cases.write_parquet(table_path(folder, name))
    for name, queries in evaluated.queries.items():
        queries.write_parquet(queries_path(folder, name))


def write_page(spec: EvaluationSpec, evaluated: Evaluated, folder: Path) -> None:
    """Write the page of what was measured, from the tables of items in the folder."""
    models = {"candidate": spec.candidate} | ({} if spec.champion is None else {"champion": spec.champion})
    shown = {source.name: evaluated.sources[source.name] for source in spec.datasets if _may_be_shown(source)}
    found = Measured(
        models={arm: _named(model) for arm, model in models.items()},
        result=evaluated.result,
        items=items_of([_table(spec, source, shown, folder) for source in spec.datasets]),
        queries=queries_of(evaluated.result, folder, shown),
        cases=cases_of(evaluated.result, folder),
        contamination=contamination_of(evaluated.result, folder, shown),
    )
    (folder / RUN_PAGE).write_text(measured_page(found), encoding="utf-8")


def _named(model: ModelInput) -> NamedModel:
    asked = f"{model.name}/{model.version}" if model.version else model.name
    return NamedModel(asked=asked, name=model.name, version=model.version, digest=model.digest)


def _may_be_shown(source: DatasetInput) -> bool:
    """Return whether the page may hold a data set's texts: whoever reads the page may read the registry's files."""
    return source.uri.startswith(_REGISTRY)


def _table(spec: EvaluationSpec, source: DatasetInput, shown: Mapping[str, Path], folder: Path) -> Table:
    """Return what to look for in a data set's items."""
    asked = [wanted for wanted in spec.measurements if wanted.dataset == source.name]
    return Table(
        dataset=source.name,
        path=table_path(folder, source.name),
        metrics=[OfflineMetric(wanted.metric) for wanted in asked],
        telling=[wanted.params for wanted in asked],
        source=shown.get(source.name),
        label=source.label,
    )
