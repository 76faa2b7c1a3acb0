"""Builders of manifests, valid as they come, with keyword overrides."""

from collections.abc import Mapping
from typing import Any

Manifest = dict[str, Any]

ABSENT: Any = object()
"""As an override: the field is left out."""

DIGEST = "sha256:" + "0123456789abcdef" * 4
HOSTILE = "\"'`${x}{{y}}\n\\\u202e<b>; drop--"


def built(base: Mapping[str, object], overrides: Mapping[str, object]) -> Manifest:
    """Return fields with overrides in their places, and without those that are `ABSENT`."""
    return {name: value for name, value in {**base, **overrides}.items() if value is not ABSENT}


def candidate(name: str = "review-sentiment-43", **spec: object) -> Manifest:
    """Return a ModelCandidate."""
    base = {
        "targetRef": {
            "apiVersion": "machinelearning.seldon.io/v1",
            "kind": "SeldonDeployment",
            "name": "review-sentiment",
        },
        "model": {"registry": "default", "name": "review-sentiment", "version": "43"},
        "planRef": {"name": "careful"},
    }
    return _object("ModelCandidate", name, built(base, spec))


def plan(name: str = "careful", **spec: object) -> Manifest:
    """Return a RolloutPlan."""
    return _object("RolloutPlan", name, built({"evaluation": evaluation(), "traffic": traffic()}, spec))


def _object(kind: str, name: str, spec: Manifest) -> Manifest:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "sluice.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def evaluation(**fields: object) -> Manifest:
    """Return a plan's evaluation."""
    return built({"timeoutSeconds": 600, "datasets": [dataset()], "gates": [gate(), cell_gate()]}, fields)


def dataset(**fields: object) -> Manifest:
    """Return a data set."""
    return built({"name": "holdout", "uri": "mlflow-artifacts:/1/data/reviews.parquet", "digest": DIGEST}, fields)


def training(**fields: object) -> Manifest:
    """Return where the digest list of a data set's training data lies."""
    return built({"uri": "mlflow-artifacts:/1/digests.parquet", "digest": DIGEST}, fields)


def suite(**fields: object) -> Manifest:
    """Return a suite of tests."""
    base = {"name": "behaviour", "kind": "Pytest", "uri": "mlflow-artifacts:/1/behaviour.tar.gz", "digest": DIGEST}
    return built(base, fields)


def expectations(**fields: object) -> Manifest:
    """Return a suite of expectations on the data."""
    base = {"name": "inputs", "kind": "GreatExpectations", "uri": "mlflow-artifacts:/1/inputs.json"}
    return suite(**{**base, "dataset": "holdout", "about": "Data", **fields})


def challenge_set(**fields: object) -> Manifest:
    """Return a challenge set."""
    uri = "mlflow-artifacts:/1/negation/manifest.json"
    return built({"name": "negation", "uri": uri, "digest": DIGEST}, fields)


def gate(**fields: object) -> Manifest:
    """Return a gate on accuracy."""
    base = {"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "vsChampion": {"maxDrop": "0.01"}}
    return built(base, fields)


def cell_gate(**fields: object) -> Manifest:
    """Return a gate on a confusion cell."""
    base = {
        "name": "negative-as-positive",
        "metric": "confusionCellRate",
        "params": {"actual": "negative", "predicted": "positive"},
        "dataset": "holdout",
        "vsChampion": {"maxRise": "0.02"},
        "minSamples": 300,
    }
    return built(base, fields)


def metric_gate(metric: str, params: Mapping[str, object] | None = None, **fields: object) -> Manifest:
    """Return an absolute gate on any metric."""
    return gate(
        **{"name": "one", "metric": metric, "params": params or {}, "vsChampion": ABSENT, "max": "0.5", **fields}
    )


def cost(actual: str = "negative", predicted: str = "positive", **fields: object) -> Manifest:
    """Return what a cell costs."""
    return built({"actual": actual, "predicted": predicted, "cost": "5"}, fields)


def traffic(**fields: object) -> Manifest:
    """Return a plan's traffic."""
    base = {
        "metrics": [{"name": "errors", "signal": "ErrorRate"}],
        "steps": [step(5), step(25, margin="1.5", floor="0.0025"), step(50, margin="1.25", floor="0.001")],
    }
    return built(base, fields)


def metric(**fields: object) -> Manifest:
    """Return a live metric."""
    return built({"name": "errors", "signal": "ErrorRate"}, fields)


def ratio(**fields: object) -> Manifest:
    """Return a ratio of counters."""
    base = {"numerator": {"metric": "carts_total"}, "denominator": {"metric": "sessions_total"}}
    return built(base, fields)


def step(weight: object = 5, **fields: object) -> Manifest:
    """Return a step."""
    return built({"weight": weight, "margin": "3", "floor": "0.005"}, fields)
