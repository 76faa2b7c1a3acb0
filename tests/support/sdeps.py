"""Builders of SeldonDeployments whose pods no scheduler takes: the tests play the kubelet."""

from typing import Any

Body = dict[str, Any]

NOBODY = {"schedulerName": "played-by-the-test"}


def predictor(name: str, **overrides: Any) -> Body:
    """A predictor with a container of its own."""
    container = {"name": "classifier", "image": "localhost/sluice-lab/sentiment-custom:1"}
    base = {
        "name": name,
        "graph": {"name": "classifier"},
        "componentSpecs": [{"spec": {**NOBODY, "containers": [container]}}],
        "replicas": 1,
        "traffic": 0,
    }
    return {key: value for key, value in (base | overrides).items() if value is not None}


def prepackaged(name: str, **overrides: Any) -> Body:
    """A predictor served by MLflow's ready-made server."""
    graph = {"name": "classifier", "implementation": "MLFLOW_SERVER", "modelUri": "mlflow-artifacts://mlflow:5000/1"}
    return predictor(name, graph=graph, componentSpecs=[{"spec": dict(NOBODY)}]) | overrides


def sdep(*predictors: Body, name: str = "sentiment", **overrides: Any) -> Body:
    """A SeldonDeployment of these predictors."""
    return {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": name, "namespace": "models", "uid": "11111111-2222-3333-4444-555555555555"},
        "spec": {"predictors": list(predictors)},
    } | overrides
