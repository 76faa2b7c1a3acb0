"""The MLflow server: the model registry and the store of artifacts."""

from __future__ import annotations

from lab.addons.objects import JsonObject, container, cpu, deployment, http_probe, namespace, port, service

NAMESPACE = "mlflow"
URL = "http://mlflow.mlflow:5000"
ARTIFACTS = "mlflow-artifacts://mlflow.mlflow:5000"
"""What a `modelUri` starts with: the server hands out artifacts itself."""

_IMAGE = "localhost/sluice-lab/mlflow:dev"


def manifests() -> list[JsonObject]:
    """Return the server; what it holds is gone with its pod."""
    return [
        namespace(NAMESPACE),
        service("mlflow", NAMESPACE, {5000: 5000}),
        deployment("mlflow", NAMESPACE, _pod()),
    ]


def _pod() -> JsonObject:
    arguments = [
        "--backend-store-uri=sqlite:////data/mlflow.db",
        "--artifacts-destination=/data/artifacts",
        "--serve-artifacts",
        "--workers=1",
        "--allowed-hosts=*",
    ]
    server = container(
        "mlflow",
        _IMAGE,
        args=arguments,
        ports=[port(5000, "http")],
        readinessProbe=http_probe("/health", 5000),
        resources=cpu(100),
        volumeMounts=[{"name": "data", "mountPath": "/data"}],
    )
    return {
        "containers": [server],
        "volumes": [{"name": "data", "emptyDir": {}}],
        "securityContext": {"fsGroup": 65532},
        "terminationGracePeriodSeconds": 1,
    }
