"""Where artifacts may be read from: only the configured server's own proxy, only plain relative paths."""

import pytest

from sluice.adapters.mlflow_artifacts import location
from sluice.ports import Rejected
from tests.support.objects import HOSTILE

SERVER = "http://mlflow.mlflow:5000"


@pytest.mark.parametrize(
    ("uri", "want"),
    [
        pytest.param("mlflow-artifacts:/1/models/m-1/artifacts", "1/models/m-1/artifacts", id="without a host"),
        pytest.param("mlflow-artifacts://mlflow.mlflow:5000/1/m", "1/m", id="with the registry's own host"),
        pytest.param("mlflow-artifacts:/1/m/", "1/m", id="a slash at the end"),
    ],
)
def test_a_path_of_the_proxy(uri: str, want: str) -> None:
    assert location(uri, SERVER) == want


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("s3://bucket/m", id="another store"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("/etc/passwd", id="a path"),
        pytest.param("http://169.254.169.254/latest", id="a URL"),
        pytest.param("mlflow-artifacts://169.254.169.254/1/m", id="another host"),
        pytest.param("mlflow-artifacts://mlflow.mlflow:6000/1/m", id="another port"),
        pytest.param("mlflow-artifacts:/1/../../etc", id="a path that climbs"),
        pytest.param("mlflow-artifacts:/1//m", id="an empty step"),
        pytest.param("mlflow-artifacts:/", id="everything"),
        pytest.param("", id="nothing"),
        pytest.param(f"mlflow-artifacts:/{HOSTILE}", id="hostile text"),
    ],
)
def test_anything_else_is_refused(uri: str) -> None:
    with pytest.raises(Rejected):
        location(uri, SERVER)
