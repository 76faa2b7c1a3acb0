"""What the MLflow run shows: parameters, metrics by gate, tags, and the table of items."""

from collections.abc import Iterator
from pathlib import Path

from sluice.api.evaluation_result import Measurement
from sluice.api.evaluation_spec import EvaluationSpec
from sluice.evaluation.evaluate import Evaluated
from sluice.evaluation.registry import RunRecord


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
        metrics={key: value for one in result.measurements for key, value in _metrics(one)}
        | {f"{gate}.difference.pValue": value for gate, value in evaluated.p_values.items()},
        tags={
            "sluice.schemaVersion": result.schema_version,
            "sluice.candidateUid": spec.identity.candidate_uid,
            "sluice.attempt": str(spec.identity.attempt),
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


def write_items(evaluated: Evaluated, folder: Path) -> None:
    """Write `items-<data set>.parquet` for each data set."""
    for name, table in evaluated.items.items():
        table.write_parquet(folder / f"items-{name}.parquet")
