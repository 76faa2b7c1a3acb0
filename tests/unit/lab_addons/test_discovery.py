"""Which pods Prometheus is told to scrape."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

_SOURCE = Path(__file__).parents[3] / "lab/images/prometheus/discovery.py"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("discovery", _SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


discovery = load()


def pod(*containers: dict[str, Any], annotations: dict[str, str] | None = None, ip: str = "10.0.0.1") -> dict[str, Any]:
    return {
        "metadata": {"namespace": "models", "name": "shop-1"} | ({"annotations": annotations} if annotations else {}),
        "spec": {"containers": list(containers)},
        "status": {"podIP": ip} if ip else {},
    }


def container(name: str, **ports: int) -> dict[str, Any]:
    return {"name": name, "ports": [{"name": port, "containerPort": number} for port, number in ports.items()]}


def group(address: str, name: str, path: str) -> dict[str, Any]:
    labels = {"namespace": "models", "pod": "shop-1", "container": name, "__metrics_path__": path}
    return {"targets": [address], "labels": labels}


ENGINE = container("seldon-container-engine", http=8000, metrics=8000)
SCRAPED = {"prometheus.io/scrape": "true", "prometheus.io/path": "/prometheus"}


@pytest.mark.parametrize(
    ("found", "want"),
    [
        pytest.param(
            pod(container("classifier", metrics=6000), ENGINE, annotations=SCRAPED),
            [group("10.0.0.1:8000", "seldon-container-engine", "/prometheus")],
            id="of a Seldon pod the executor alone",
        ),
        pytest.param(
            pod(container("operator", metrics=9090)),
            [group("10.0.0.1:9090", "operator", "/metrics")],
            id="a port named metrics is enough",
        ),
        pytest.param(
            pod(container("envoy", http=8080, metrics=15000), annotations={"prometheus.io/path": "/stats/prometheus"}),
            [group("10.0.0.1:15000", "envoy", "/stats/prometheus")],
            id="the path can be annotated",
        ),
        pytest.param(
            pod(container("web"), annotations={"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}),
            [group("10.0.0.1:8080", "web", "/metrics")],
            id="the port can be annotated",
        ),
        pytest.param(pod(container("web", http=8080)), [], id="a pod without metrics"),
        pytest.param(pod({"name": "web"}), [], id="a pod without ports"),
        pytest.param(pod(container("operator", metrics=9090), ip=""), [], id="a pod that has no address yet"),
        pytest.param(
            pod(container("operator", metrics=9090), annotations={"prometheus.io/scrape": "false"}),
            [],
            id="a pod that does not want to be scraped",
        ),
    ],
)
def test_targets(found: dict[str, Any], want: list[dict[str, Any]]) -> None:
    assert discovery.targets([found]) == want
