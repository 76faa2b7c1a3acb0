"""Tells Prometheus 2.42, which cannot ask Kubernetes itself, which pods to scrape: its HTTP service discovery.

A pod is scraped if it is annotated `prometheus.io/scrape: "true"` or has a container port named `metrics`, as Seldon's
executors have. Labels: `namespace`, `pod`, `container`.
"""

from __future__ import annotations

import json
import ssl
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = 8081
_CREDENTIALS = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_PODS = "https://kubernetes.default.svc/api/v1/pods?fieldSelector=status.phase%3DRunning&resourceVersion=0"
_ENGINE = "seldon-container-engine"
_ANNOTATION = "prometheus.io/"


def targets(pods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the target groups of Prometheus' HTTP discovery for these pods."""
    return [group for pod in pods if pod["status"].get("podIP") for group in _of_pod(pod)]


def _of_pod(pod: dict[str, Any]) -> list[dict[str, Any]]:
    annotations = pod["metadata"].get("annotations") or {}
    if annotations.get(f"{_ANNOTATION}scrape") == "false":
        return []
    ports = [(box["name"], port) for box in pod["spec"]["containers"] for port in box.get("ports") or []]
    found = [(name, port["containerPort"]) for name, port in ports if port.get("name") == "metrics"]
    if any(name == _ENGINE for name, _ in found):
        found = [(name, port) for name, port in found if name == _ENGINE]
    elif f"{_ANNOTATION}port" in annotations:
        found = [(pod["spec"]["containers"][0]["name"], int(annotations[f"{_ANNOTATION}port"]))]
    return [_group(pod, name, port, _path(name, annotations)) for name, port in found]


def _path(container: str, annotations: dict[str, str]) -> str:
    usual = "/prometheus" if container == _ENGINE else "/metrics"
    return annotations.get(f"{_ANNOTATION}path", usual)


def _group(pod: dict[str, Any], container: str, port: int, path: str) -> dict[str, Any]:
    about = pod["metadata"]
    labels = {"namespace": about["namespace"], "pod": about["name"], "container": container, "__metrics_path__": path}
    return {"targets": [f"{pod['status']['podIP']}:{port}"], "labels": labels}


def _pods() -> list[dict[str, Any]]:
    token = (_CREDENTIALS / "token").read_text()
    request = urllib.request.Request(_PODS, headers={"Authorization": f"Bearer {token}"})
    trusted = ssl.create_default_context(cafile=str(_CREDENTIALS / "ca.crt"))
    with urllib.request.urlopen(request, timeout=5, context=trusted) as answer:
        listed: list[dict[str, Any]] = json.load(answer)["items"]
    return listed


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        try:
            status, body = 200, json.dumps(targets(_pods()))
        except OSError as error:
            status, body = 503, json.dumps({"error": str(error)})  # Prometheus keeps the targets it has
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # type: ignore[explicit-override]  # noqa: A002
        """Say nothing: it is asked every second."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), _Handler).serve_forever()
