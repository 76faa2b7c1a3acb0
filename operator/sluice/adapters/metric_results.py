"""Numbers that other tools measured, by name: those of MLflow's evaluation, and of Evidently's reports."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from sluice.adapters.tool_results import json_of
from sluice.core.timeline import printable
from sluice.ports import Rejected


def mlflow_numbers(path: Path) -> Mapping[str, float]:
    """Return the numbers of `metrics.json`, which the result of `mlflow.models.evaluate` saves. Raises Rejected."""
    return dict(_numbers(json_of(path, "mlflow.models.EvaluationResult.save (metrics.json)")))


def evidently_numbers(path: Path) -> Mapping[str, float]:
    """Return the numbers of a report's JSON: `NAME`, or `NAME.PART` where a metric has several. Raises Rejected."""
    metrics = json_of(path, "Evidently's report.json()").get("metrics")
    if not isinstance(metrics, list):
        raise Rejected(f"{printable(str(path))} holds no list `metrics`: give report.json() of Evidently 0.7 or later")
    found: dict[str, float] = {}
    for metric in metrics:
        if isinstance(metric, Mapping) and isinstance(name := metric.get("metric_name"), str):
            value = metric.get("value")
            parts = value if isinstance(value, Mapping) else {"": value}
            for part, number in _numbers(parts):
                key = f"{name}.{part}" if part else name
                if key in found:
                    raise Rejected(f"{printable(str(path))} has {printable(key)} twice: report each metric once")
                found[key] = number
    return found


def _numbers(values: Mapping[str, object]) -> Iterator[tuple[str, float]]:
    """Yield what is a number, and one that can be judged."""
    for name, value in values.items():
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf"):
            yield str(name), float(value)
