"""Istio's control plane, and one Envoy as the gateway that follows the VirtualServices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from lab import paths
from lab.addons.objects import (
    JsonObject,
    config_map,
    container,
    cpu,
    deployment,
    field_env,
    http_probe,
    named,
    namespace,
    port,
    reader,
    rule,
    service,
)
from lab.loadgen.client import ARM_HEADER
from lab.system import run

NAMESPACE = "istio-system"
GATEWAY = f"{NAMESPACE}/seldon-gateway"
URL = f"http://ingressgateway.{NAMESPACE}"
_PORT = 8080
_ADMIN_PORT = 15000
_XDS_PORT = 15010
_SELECTOR = {"istio": "ingressgateway"}

_ENVIRONMENT = {
    # An Envoy without Istio's own filters must be able to load what istiod sends.
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "PILOT_ENABLE_ALPN_FILTER": "false",
    # The rest is left out for the sake of weight.
    "ENABLE_CA_SERVER": "false",
    "PILOT_CERT_PROVIDER": "none",
    "ENABLE_LEADER_ELECTION": "false",
    "INJECTION_WEBHOOK_CONFIG_NAME": "",
    "VALIDATION_WEBHOOK_CONFIG_NAME": "",
    "PILOT_ENABLE_GATEWAY_API": "false",
    "PILOT_ENABLE_AMBIENT": "false",
    "PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION": "false",
    "PILOT_ENABLE_XDS_IDENTITY_CHECK": "false",
}

_MESH = {
    "rootNamespace": NAMESPACE,
    "ingressControllerMode": "OFF",
    "enableTracing": False,
    "enableAutoMtls": False,  # with it a plain Envoy never asks for listeners
    "defaultProviders": {},
    "extensionProviders": [],
}


def definitions() -> list[JsonObject]:
    """Return Istio's CustomResourceDefinitions, from the pinned module; downloads it where nothing was built yet."""
    found = run(["go", "mod", "download", "-json", "istio.io/istio"], cwd=paths.LAB / "tools/istio", timeout=600)
    text = (Path(json.loads(found.stdout)["Dir"]) / "manifests/charts/base/files/crd-all.gen.yaml").read_text()
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [document for document in yaml.load_all(text, Loader=loader) if document]


def manifests() -> list[JsonObject]:
    """Return istiod, the gateway's Envoy and the Gateway object that Seldon's VirtualServices name."""
    rules = [rule("core", "pods nodes services endpoints namespaces configmaps secrets"), rule("*", "*")]
    server = {"port": {"number": _PORT, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
    gateway = named("networking.istio.io/v1", "Gateway", "seldon-gateway", NAMESPACE)
    return [
        namespace(NAMESPACE),
        *reader("istiod", NAMESPACE, rules),
        config_map("istiod", NAMESPACE, {"mesh.yaml": json.dumps(_MESH), "networks.yaml": "networks: {}\n"}),
        service("istiod", NAMESPACE, {_XDS_PORT: _XDS_PORT}),
        deployment("istiod", NAMESPACE, _istiod()),
        config_map("ingressgateway", NAMESPACE, {"envoy.yaml": json.dumps(bootstrap(), indent=1)}),
        service("ingressgateway", NAMESPACE, {80: _PORT}, _SELECTOR),
        deployment("ingressgateway", NAMESPACE, _envoy(), _SELECTOR),
        gateway | {"spec": {"selector": _SELECTOR, "servers": [server]}},
        _arm_header(),
    ]


def _arm_header() -> JsonObject:
    """Return what makes the gateway say in each answer which cluster, and so which predictor, it chose.

    A failing model's answer does not tell; this is for the eyes of the load generator alone.
    """
    header = {"header": {"key": ARM_HEADER, "value": "%UPSTREAM_CLUSTER%"}}
    patch = {
        "applyTo": "ROUTE_CONFIGURATION",
        "match": {"context": "GATEWAY"},
        "patch": {"operation": "MERGE", "value": {"response_headers_to_add": [header]}},
    }
    found = named("networking.istio.io/v1alpha3", "EnvoyFilter", "arm-header", NAMESPACE)
    return found | {"spec": {"workloadSelector": {"labels": _SELECTOR}, "configPatches": [patch]}}


def _istiod() -> JsonObject:
    arguments = [
        "discovery",
        "--meshConfig=/etc/istio/config/mesh.yaml",
        "--networksConfig=/etc/istio/config/networks.yaml",
        f"--grpcAddr=:{_XDS_PORT}",
        "--httpAddr=:15080",
        "--monitoringAddr=:15014",
        "--httpsAddr=",
        "--secureGRPCAddr=",
        "--ctrlz_port=0",
        "--shutdownDuration=0s",
    ]
    environment = [{"name": name, "value": value} for name, value in _ENVIRONMENT.items()]
    environment += [field_env("POD_NAME", "metadata.name"), field_env("POD_NAMESPACE", "metadata.namespace")]
    mounts = [{"name": "config", "mountPath": "/etc/istio/config"}, {"name": "tmp", "mountPath": "/tmp"}]
    server = container(
        "discovery",
        "localhost/sluice-lab/istiod:dev",
        args=arguments,
        env=environment,
        ports=[port(_XDS_PORT, "grpc-xds")],
        readinessProbe=http_probe("/ready", 15080),
        resources=cpu(100),
        volumeMounts=mounts,
    )
    return {
        "serviceAccountName": "istiod",
        "containers": [server],
        "volumes": [{"name": "config", "configMap": {"name": "istiod"}}, {"name": "tmp", "emptyDir": {}}],
        "terminationGracePeriodSeconds": 1,
    }


def _envoy() -> JsonObject:
    node = f"router~$(POD_IP)~$(POD_NAME).{NAMESPACE}~{NAMESPACE}.svc.cluster.local"
    proxy = container(
        "envoy",
        "localhost/sluice-lab/envoy:dev",
        args=["--config-path", "/etc/envoy/envoy.yaml", "--service-node", node, "--service-cluster", "ingressgateway"],
        env=[field_env("POD_IP", "status.podIP"), field_env("POD_NAME", "metadata.name")],
        ports=[port(_PORT, "http"), port(_ADMIN_PORT, "metrics")],
        readinessProbe=http_probe("/ready", _ADMIN_PORT),
        resources=cpu(200),
        volumeMounts=[{"name": "config", "mountPath": "/etc/envoy"}],
    )
    return {
        "annotations": {"prometheus.io/path": "/stats/prometheus"},
        "containers": [proxy],
        "volumes": [{"name": "config", "configMap": {"name": "ingressgateway"}}],
        "terminationGracePeriodSeconds": 1,
    }


def bootstrap() -> JsonObject:
    """Return Envoy's start configuration: everything else comes from istiod over delta ADS, in plaintext."""
    stats_tags = [
        {"tag_name": "cluster_name", "regex": r"^cluster(\.(.+);)"},
        {"tag_name": "response_code", "regex": r"_rq(_(\d{3}))$"},
        {"tag_name": "response_code_class", "regex": r"_rq(_(\dxx))$"},
    ]
    metadata = {"CLUSTER_ID": "Kubernetes", "NAMESPACE": NAMESPACE, "LABELS": _SELECTOR}
    return {
        "node": {"metadata": metadata},
        "admin": {"address": _address("0.0.0.0", _ADMIN_PORT)},
        "stats_config": {"use_all_default_tags": False, "stats_tags": stats_tags},
        "dynamic_resources": {
            "ads_config": {
                "api_type": "DELTA_GRPC",
                "transport_api_version": "V3",
                "grpc_services": [{"envoy_grpc": {"cluster_name": "xds-grpc"}}],
            },
            "lds_config": {"ads": {}, "resource_api_version": "V3"},
            "cds_config": {"ads": {}, "resource_api_version": "V3"},
        },
        "static_resources": {"clusters": [_xds_cluster()]},
    }


def _xds_cluster() -> JsonObject:
    host = f"istiod.{NAMESPACE}.svc.cluster.local"
    endpoint = {"endpoint": {"address": _address(host, _XDS_PORT)}}
    options: JsonObject = {"explicit_http_config": {"http2_protocol_options": {}}}
    kind = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": "xds-grpc",
        "alt_stat_name": "xds-grpc;",
        "type": "STRICT_DNS",
        "dns_refresh_rate": "1s",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": "xds-grpc", "endpoints": [{"lb_endpoints": [endpoint]}]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {"@type": kind, **options}
        },
    }


def _address(host: str, number: int) -> JsonObject:
    return {"socket_address": {"address": host, "port_value": number}}
