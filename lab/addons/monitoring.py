"""Prometheus, scraping every second whatever pods have a metrics port."""

from __future__ import annotations

import json

from lab.addons.objects import (
    JsonObject,
    config_map,
    container,
    cpu,
    deployment,
    http_probe,
    namespace,
    port,
    reader,
    rule,
    service,
)

NAMESPACE = "monitoring"
URL = "http://prometheus.monitoring:9090"
_IMAGE = "localhost/sluice-lab/prometheus:dev"
_DISCOVERY = "http://127.0.0.1:8081/"


def manifests() -> list[JsonObject]:
    """Return Prometheus and the discovery beside it."""
    return [
        namespace(NAMESPACE),
        *reader("prometheus", NAMESPACE, [rule("core", "pods")]),
        config_map("prometheus", NAMESPACE, {"prometheus.yml": json.dumps(configuration(), indent=1)}),
        service("prometheus", NAMESPACE, {9090: 9090}),
        deployment("prometheus", NAMESPACE, _pod()),
    ]


def configuration() -> JsonObject:
    """Return Prometheus' configuration; JSON is YAML."""
    discovery = {"url": _DISCOVERY, "refresh_interval": "1s"}
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "10s"},
        "scrape_configs": [{"job_name": "pods", "http_sd_configs": [discovery]}],
    }


def _pod() -> JsonObject:
    arguments = [
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/data",
        "--storage.tsdb.retention.time=6h",
        "--web.enable-lifecycle",
        "--query.lookback-delta=15s",
    ]
    mounts = [{"name": "config", "mountPath": "/etc/prometheus"}, {"name": "data", "mountPath": "/data"}]
    server = container(
        "prometheus",
        _IMAGE,
        args=arguments,
        ports=[port(9090, "http")],
        readinessProbe=http_probe("/-/ready", 9090),
        resources=cpu(100),
        volumeMounts=mounts,
    )
    discovery = container("discovery", _IMAGE, command=["python3", "-u", "/opt/discovery.py"], resources=cpu(20))
    return {
        "serviceAccountName": "prometheus",
        "containers": [server, discovery],
        "volumes": [{"name": "config", "configMap": {"name": "prometheus"}}, {"name": "data", "emptyDir": {}}],
        "securityContext": {"fsGroup": 65534},
        "terminationGracePeriodSeconds": 1,
    }
