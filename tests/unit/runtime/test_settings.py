"""The configuration file: what is accepted, and what each mistake is called."""

from pathlib import Path

import pytest

from sluice.api.engine import RayCluster
from sluice.api.evaluation_spec import Limits
from sluice.api.store import StoreInput
from sluice.core.observed import Settings
from sluice.runtime.settings import ConfigurationError, load, parse

WHOLE = """
registries:
  default:
    uri: http://mlflow.mlflow:5000
    servingRewrite: [{from: "mlflow-artifacts:/", to: "mlflow-artifacts://mlflow.mlflow:5000/"}]
stores:
  reviews: {endpoint: "https://s3.example:9000", bucket: sets, prefix: team/, secretName: reviews-reader}
rayClusters:
  shared: {address: "ray://ray-head.ray:10001", image: "localhost/ray:dev"}
metricsProviders:
  default: {url: "http://prometheus.monitoring:9090", timeoutSeconds: 2}
evaluation: {image: "localhost/evaluation:dev", attempts: 2, resources: {limits: {memory: 1Gi}},
  maxModelMebibytes: 1, maxDatasetMebibytes: 3, podPorts: [5000]}
championAlias: best
workers: 4
gatewaySeconds: 5
"""


def test_a_whole_file_is_what_decisions_get() -> None:
    assert parse(WHOLE).for_decisions() == Settings(
        evaluation_image="localhost/evaluation:dev",
        registry_uris={"default": "http://mlflow.mlflow:5000"},
        metrics_providers=frozenset({"default"}),
        stores={
            "reviews": StoreInput(
                name="reviews",
                endpoint="https://s3.example:9000",
                bucket="sets",
                prefix="team/",
                region="us-east-1",
                credentials="reviews-reader",
            )
        },
        ray_clusters={"shared": RayCluster(address="ray://ray-head.ray:10001", image="localhost/ray:dev")},
        evaluation_limits=Limits(model_bytes=1 << 20, dataset_bytes=3 << 20),
        champion_alias="best",
        evaluation_attempts=2,
        evaluation_resources={"limits": {"memory": "1Gi"}},
        pod_ports=(5000,),
        gateway_seconds=5,
    )


def test_a_rewrite_is_read_by_its_yaml_names() -> None:
    rewrite = parse(WHOLE).registries["default"].serving_rewrite[0]
    assert (rewrite.source, rewrite.to) == ("mlflow-artifacts:/", "mlflow-artifacts://mlflow.mlflow:5000/")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        pytest.param("", "registries: Field required", id="an empty file names the first missing field"),
        pytest.param("a: [", "not YAML", id="no YAML"),
        pytest.param("just text", "the file", id="YAML that is no object"),
        pytest.param(WHOLE + "surprise: 1\n", "surprise: Extra inputs", id="an unknown field"),
        pytest.param(
            WHOLE.replace("http://mlflow", "file:///etc"), "registries.default.uri", id="a URI that is no URL"
        ),
        pytest.param(
            WHOLE.replace("http://mlflow.mlflow:5000\n", "http://mlflow:99999\n"),
            "registries.default.uri: .*a port from 1 to 65535",
            id="a port that is none",
        ),
        pytest.param(WHOLE.replace("s3.example", ""), "stores.reviews.endpoint: .*name a host", id="no host"),
        pytest.param(WHOLE.replace("[5000]", "[0]"), "evaluation.podPorts.0", id="no port of a pod"),
        pytest.param(WHOLE.replace("bucket: sets", "bucket: s"), "stores.reviews.bucket", id="no name of a bucket"),
        pytest.param(WHOLE.replace("prefix: team/", "prefix: ../"), "stores.reviews.prefix", id="a prefix to above"),
        pytest.param(WHOLE.replace("secretName", "secretKey"), "stores.reviews.secretKey: Extra", id="a key in it"),
        pytest.param(WHOLE.replace("ray://", "http://"), "rayClusters.shared.address", id="no address of Ray's client"),
        pytest.param(WHOLE.replace(', image: "localhost/ray:dev"', ""), "rayClusters.shared.image", id="no Ray image"),
        pytest.param(WHOLE.replace("workers: 4", "workers: 0"), "workers: Input should be", id="no workers"),
        pytest.param(
            WHOLE.replace('image: "localhost/evaluation:dev"', 'image: ""'), "evaluation.image", id="no image"
        ),
    ],
)
def test_a_mistake_is_named_by_its_field(text: str, want: str) -> None:
    with pytest.raises(ConfigurationError, match=want):
        parse(text)


def test_a_file_that_is_not_there_is_a_mistake_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "nowhere.yaml")
