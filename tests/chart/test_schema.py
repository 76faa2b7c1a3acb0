"""Values are checked before anything is installed: an unknown key or a wrong value is refused with its name."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.chart.values import DIGEST
from tests.support.helm import CHART, Refused, render


@pytest.mark.parametrize(
    ("values", "says"),
    [
        pytest.param({"replicaCount": 2}, "'replicaCount' not allowed", id="a key of another chart"),
        pytest.param({"image": {"name": "x"}}, "'name' not allowed", id="an unknown key inside"),
        pytest.param({"registries": {"default": {"url": "http://x"}}}, "'url' not allowed", id="url instead of uri"),
        pytest.param({"registries": {"default": {"uri": "mlflow:5000"}}}, "/registries/default/uri", id="no scheme"),
        pytest.param(
            {"registries": {"Default": {"uri": "http://x"}}}, "'Default' not allowed", id="an upper-case registry"
        ),
        pytest.param({"registries": {"default": None}}, "/registries", id="no registry at all"),
        pytest.param({"metricsProviders": {"default": {"url": "ftp://x"}}}, "/metricsProviders/default/url", id="ftp"),
        pytest.param(
            {"stores": {"a": {"endpoint": "s3.example", "bucket": "sets"}}}, "/stores/a/endpoint", id="no URL"
        ),
        pytest.param({"stores": {"a": {"endpoint": "http://x"}}}, "/stores/a", id="a store without a bucket"),
        pytest.param(
            {"stores": {"a": {"endpoint": "http://x", "bucket": "abc", "secretKey": "x"}}},
            "'secretKey' not",
            id="a key",
        ),
        pytest.param(
            {"rayClusters": {"a": {"address": "ray-head:10001", "image": "x"}}},
            "/rayClusters/a/address",
            id="no ray://",
        ),
        pytest.param({"rayClusters": {"a": {"address": "ray://x:1"}}}, "/rayClusters/a", id="a cluster without image"),
        pytest.param({"replicas": 0}, "/replicas", id="no replica"),
        pytest.param({"replicas": "2"}, "/replicas", id="replicas as a string"),
        pytest.param({"rbac": {"scope": "cluster"}}, "/rbac/scope", id="an unknown scope"),
        pytest.param({"rbac": {"scope": "Namespaced"}}, "/rbac/namespaces", id="a scope without namespaces"),
        pytest.param({"image": {"digest": "abc"}}, "/image/digest", id="a short digest"),
        pytest.param({"image": {"repository": f"x@{DIGEST}"}}, "/image/repository", id="a digest in the repository"),
        pytest.param({"operator": {"logLevel": "loud"}}, "/operator/logLevel", id="an unknown log level"),
        pytest.param({"operator": {"port": 80}}, "/operator/port", id="a port that needs root"),
        pytest.param({"resources": {"limit": {}}}, "'limit' not allowed", id="a typing error in resources"),
        pytest.param({"networkPolicy": {"apiServerPorts": []}}, "/networkPolicy/apiServerPorts", id="no API server"),
        pytest.param({"podMonitor": {"interval": "often"}}, "/podMonitor/interval", id="no duration"),
    ],
)
def test_wrong_values_are_refused_by_name(values: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused) as refused:
        render(values)
    assert says in str(refused.value)


FREE = {"annotations", "podAnnotations", "podLabels", "nodeSelector", "affinity", "labels"}


def objects(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if schema.get("type") == "object":
        yield path, schema
    for name, part in schema.get("properties", {}).items():
        if name not in FREE:
            yield from objects(part, f"{path}.{name}")
    for part in (
        *schema.get("patternProperties", {}).values(),
        schema.get("additionalProperties"),
        schema.get("items"),
    ):
        if isinstance(part, dict):
            yield from objects(part, f"{path}[]")


def test_every_object_of_the_schema_is_closed() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    free = {".global", ".tolerations[]", ".topologySpreadConstraints[]", ".networkPolicy.metricsFrom[]"}
    open_ones = {path for path, part in objects(schema) if "additionalProperties" not in part}
    assert open_ones == free


def test_every_default_value_is_in_the_schema() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert set(values) | {"global"} == set(schema["properties"])
    for name, value in values.items():
        known = schema["properties"][name].get("properties")
        assert known is None or set(value) == set(known), name
