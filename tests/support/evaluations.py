"""Builders of plans' gates, result documents and pinned models for the offline gates."""

from collections.abc import Mapping, Sequence
from typing import Any

from sluice.api.candidate import PinnedModel
from sluice.api.plan import Evaluation

CANDIDATE = "sha256:" + "c" * 64
CHAMPION = "sha256:" + "d" * 64
HOLDOUT = "sha256:" + "e" * 64
LIST = "sha256:" + "9" * 64
SUITE = "sha256:" + "f" * 64

Json = dict[str, Any]


def pinned(digest: str = CANDIDATE) -> PinnedModel:
    """Return a pinned model version."""
    return PinnedModel(registry="default", name="shop", version="1", digest=digest, uri="mlflow-artifacts:/1/m")


def gate(**fields: Any) -> Json:
    """Return a gate on accuracy; fields set to None are left out."""
    known: Json = {"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "minSamples": 100}
    return {key: value for key, value in (known | fields).items() if value is not None}


def cell_gate(**fields: Any) -> Json:
    """Return a gate on negatives that are taken for positive."""
    cell = {"actual": "negative", "predicted": "positive"}
    return gate(**({"name": "cell", "metric": "confusionCellRate", "params": cell} | fields))


def evaluation(
    *gates: Mapping[str, Any], digest: str = HOLDOUT, suites: Sequence[Json] = (), **columns: Any
) -> Evaluation:
    """Return the evaluation part of a plan."""
    source = {"uri": "mlflow-artifacts:/1/holdout.parquet", "digest": digest}
    training = {"uri": "mlflow-artifacts:/1/digests.parquet", "digest": LIST}
    dataset = {
        "name": "holdout",
        "columns": {"query": "query", "raters": ["rater"]} | columns,
        "training": training,
        **source,
    }
    return Evaluation.model_validate({"datasets": [dataset], "gates": gates, "suites": suites})


def estimate(value: float, lower: float, upper: float, method: str = "clopper-pearson") -> Json:
    """Return a number between its bounds."""
    return {"estimate": value, "lower": lower, "upper": upper, "method": method}


def measurement(**fields: Any) -> Json:
    """Return a measurement of accuracy: 66 % against 65 %, on 1,000 items."""
    known: Json = {
        "name": "accuracy",
        "metric": "accuracy",
        "params": {},
        "dataset": "holdout",
        "level": 0.95,
        "n": 1000,
        "denominator": 1000,
        "candidate": estimate(0.66, 0.63, 0.69),
        "champion": estimate(0.65, 0.62, 0.68),
        "difference": estimate(0.01, -0.005, 0.025),
    }
    return {key: value for key, value in (known | fields).items() if value is not None}


def cell_measurement(**fields: Any) -> Json:
    """Return a measurement of the cell: 15 % against 15 %, on 450 of 1,000 items."""
    known: Json = {
        "name": "cell",
        "metric": "confusionCellRate",
        "params": {"actual": "negative", "predicted": "positive"},
        "denominator": 450,
        "candidate": estimate(0.15, 0.12, 0.18),
        "champion": estimate(0.15, 0.12, 0.18),
        "difference": estimate(0.0, -0.01, 0.01),
    }
    return measurement(**(known | fields))


def part(name: str, **fields: Any) -> Json:
    """Return the measurement of a slice, `column=value`: 66 % against 65 %, on 200 items."""
    known = {"n": 200, "denominator": 200, "column": name.partition("=")[0], "name": name}
    shared = {key: measurement()[key] for key in ("candidate", "champion", "difference")}
    return {key: value for key, value in (known | shared | fields).items() if value is not None}


def sliced(*parts: Json, by: Sequence[Json] = ({"column": "language"},), **fields: Any) -> Json:
    """Return a measurement of accuracy with slices, on as many items as they hold together."""
    items = sum(one["n"] for one in parts)
    return measurement(**{"slicedBy": list(by), "slices": list(parts), "n": items, "denominator": items, **fields})


def alone(made: Json) -> Json:
    """Return a measurement without a champion's part."""
    return {key: value for key, value in made.items() if key not in {"champion", "difference", "pairs"}}


def source(**fields: Any) -> Json:
    """Return what a result says of the data set, as `evaluation` pins it."""
    return {
        "name": "holdout",
        "digest": HOLDOUT,
        "rows": 1000,
        "query": "query",
        "raters": ["rater"],
        "training": LIST,
    } | fields


def document(*measurements: Json, **fields: Any) -> Json:
    """Return a result document; fields set to None are left out."""
    known: Json = {
        "schemaVersion": "sluice.dev/evaluation-result/v1",
        "candidate": {"name": "shop", "version": "2", "digest": CANDIDATE},
        "champion": {"name": "shop", "version": "1", "digest": CHAMPION},
        "datasets": [source()],
        "measurements": list(measurements),
    }
    return {key: value for key, value in (known | fields).items() if value is not None}


def suite(**fields: Any) -> Json:
    """Return a suite of tests as a plan has it."""
    place = {"uri": "mlflow-artifacts:/1/behaviour.tar.gz", "digest": SUITE}
    return {"name": "behaviour", "kind": "Pytest", **place} | fields


def expectations(**fields: Any) -> Json:
    """Return a suite of expectations on the data as a plan has it."""
    about = {"kind": "GreatExpectations", "uri": "mlflow-artifacts:/1/inputs.json", "dataset": "holdout"}
    return suite(**({"name": "inputs", "about": "Data"} | about | fields))


def ran(*cases: Json, **fields: Any) -> Json:
    """Return what a result says of a suite with these cases, totals included; fields set to None are left out."""
    words = {"passed": "Passed", "failed": "Failed", "errors": "Error", "skipped": "Skipped"}
    totals = {name: sum(one["outcome"] == word for one in cases) for name, word in words.items()}
    known = {"name": "behaviour", "kind": "Pytest", "digest": SUITE, "cases": list(cases), **totals}
    return {key: value for key, value in (known | fields).items() if value is not None}


def case(outcome: str = "Passed", name: str = "test_one", message: str = "") -> Json:
    """Return a case of a suite."""
    return {"name": name, "outcome": outcome, "message": message}
