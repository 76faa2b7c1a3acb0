"""Values that people install the chart with: every switch both ways."""

from typing import Any

import pytest

DIGEST = "sha256:" + "ab" * 32

NAMED: dict[str, dict[str, Any]] = {
    "defaults": {},
    "one replica": {"replicas": 1},
    "five replicas": {
        "replicas": 5,
        "topologySpreadConstraints": [{"maxSkew": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
    },
    "namespaced": {"rbac": {"scope": "Namespaced", "namespaces": ["models", "search"]}},
    "without aggregated roles": {"rbac": {"aggregate": False}},
    "without CRDs": {"crds": {"enabled": False}},
    "CRDs that go with the release": {"crds": {"keep": False}},
    "images by digest": {
        "image": {"repository": "registry.example/sluice/operator", "digest": DIGEST, "pullPolicy": "Always"},
        "evaluation": {"image": {"repository": "registry.example/sluice/evaluation", "digest": DIGEST}},
        "imagePullSecrets": [{"name": "pull"}],
    },
    "images by tag": {"image": {"tag": "dev"}, "evaluation": {"image": {"tag": "dev"}}},
    "many providers": {
        "registries": {
            "default": {"uri": "https://mlflow.example/path", "timeoutSeconds": 1.5, "servingRewrite": []},
            "other": {"uri": "http://mlflow.other:5001"},
        },
        "metricsProviders": {"default": {"url": "https://prometheus.example"}, "far": {"url": "http://far:9091/x"}},
        "championAlias": "serving",
    },
    "with stores": {
        "stores": {
            "reviews": {
                "endpoint": "http://s3.example:9000",
                "bucket": "sets",
                "prefix": "team/",
                "region": "eu-1",
                "secretName": "reviews-reader",
            },
            "public": {"endpoint": "https://s3.example", "bucket": "open-data"},
        },
        "evaluation": {"maxModelMebibytes": 20_000, "maxDatasetMebibytes": 1_000_000},
    },
    "with Ray": {
        "rayClusters": {"shared": {"address": "ray://ray-head.ray:10001", "image": "registry.example/sluice/ray:1"}},
    },
    "an own service account": {"serviceAccount": {"create": False, "name": "mine"}},
    "an annotated service account": {"serviceAccount": {"annotations": {"example.com/role": "x"}}},
    "other names": {"nameOverride": "gate", "fullnameOverride": "ml-gate"},
    "tuned": {
        "operator": {"workers": 2, "gatewaySeconds": 0.5, "heartbeatSeconds": 30, "logLevel": "debug", "port": 9000},
        "evaluation": {"attempts": 1, "resources": {"limits": {"memory": "1Gi", "cpu": 2}}},
        "resources": {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
    },
    "placed": {
        "podAnnotations": {"a": "b"},
        "podLabels": {"team": "ml"},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "ml", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "system-cluster-critical",
    },
    "without policies and budget": {"networkPolicy": {"enabled": False}, "podDisruptionBudget": {"enabled": False}},
    "policies everywhere": {
        "networkPolicy": {
            "apiServerPorts": [8443],
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
            "podPorts": [5000, 9000],
        }
    },
    "monitored": {"podMonitor": {"enabled": True, "interval": "30s", "labels": {"release": "prometheus"}}},
}

MATRIX = [pytest.param(values, id=name) for name, values in NAMED.items()]
