"""A real MLflow server filled with the sentiment example, and orders for the evaluation Job."""

import hashlib
import io
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import requests

from sluice.adapters.model_folder import folder_digest
from tests.support.local_models import Shop, filled
from tests.support.mlflow_server import MlflowServer, running

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns about its own type hints when it is imported
    import mlflow.pyfunc  # noqa: F401

ROOT = Path(__file__).parents[3]
VERSIONS = {"champion": "1", "good": "2", "cell": "3", "fragile": "4"}
ZERO = "sha256:" + "0" * 64
CELL = {"actual": "negative", "predicted": "positive"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Orders:
    """Writes orders against the filled server."""

    server: MlflowServer
    registered: Json
    folder: Path

    def model(self, name: str) -> Json:
        """Return a registered model as an order names it."""
        uri: str = self.registered["artifacts"][name]
        place = self.server.artifacts / uri.removeprefix("mlflow-artifacts:/")
        return {"name": "review-sentiment", "version": VERSIONS[name], "uri": uri, "digest": folder_digest(place)}

    def dataset(self, **fields: Any) -> Json:
        """Return the hold-out as an order names it."""
        known = {"name": "holdout", "uri": self.registered["holdout_uri"], "digest": self.registered["holdout_digest"]}
        return known | fields

    def order(self, candidate: str, **fields: Any) -> Json:
        """Return an order for a candidate of the example against its champion; None leaves a field out."""
        known = {
            "schemaVersion": "sluice.dev/evaluation-spec/v1",
            "trackingUri": self.server.url,
            "runName": f"evaluation-{candidate}",
            "identity": {"candidateUid": "uid-1", "attempt": 2},
            "candidate": self.model(candidate),
            "champion": self.model("champion"),
            "datasets": [self.dataset()],
            "measurements": [
                {"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "level": 0.95},
                {
                    "name": "negative-as-positive",
                    "metric": "confusionCellRate",
                    "params": CELL,
                    "dataset": "holdout",
                    "level": 0.95,
                },
            ],
        }
        return {key: value for key, value in (known | fields).items() if value is not None}

    def write(self, order: Json) -> Path:
        """Write an order to a file."""
        path = self.folder / "order.json"
        path.write_text(json.dumps(order))
        return path

    def fetch(self, run_id: str, path: str) -> bytes:
        """Return an artifact of a run, by MLflow's REST."""
        answer = requests.get(f"{self.server.url}/get-artifact", {"run_uuid": run_id, "path": path}, timeout=30)
        assert answer.ok, answer.text
        return answer.content

    def run(self, run_id: str) -> Json:
        """Return a run, by MLflow's REST."""
        answer = requests.get(f"{self.server.url}/api/2.0/mlflow/runs/get", {"run_id": run_id}, timeout=30)
        assert answer.ok, answer.text
        found: Json = answer.json()["run"]
        return found


def stored(orders: Orders, name: str, content: bytes, **fields: str) -> Json:
    """Return a data set as an order names it, whose bytes were put into the registry's store."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return orders.dataset(uri=orders.server.put(f"datasets/{name}", content), digest=digest, **fields)


def parquet(**columns: list[object]) -> bytes:
    """Return these columns as a Parquet file."""
    buffer = io.BytesIO()
    pl.DataFrame(columns, strict=False).write_parquet(buffer)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """Run MLflow for the session."""
    with running(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture(scope="session")
def registered(mlflow_server: MlflowServer, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Train and register the sentiment example as a person does."""
    out = tmp_path_factory.mktemp("sentiment")
    command = [sys.executable, "-m", "examples.sentiment.register", "--tracking-uri", mlflow_server.url]
    done = subprocess.run([*command, "--out", str(out)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: Json = json.loads((out / "registered.json").read_text())
    return found


@pytest.fixture
def orders(mlflow_server: MlflowServer, registered: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Orders:
    """Return a writer of orders; MLflow's patience is short, as in the pod it is bounded."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "operator")]))
    return Orders(mlflow_server, registered, tmp_path)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a folder with models, data and a store for `sluice evaluate`."""
    return filled(tmp_path_factory.mktemp("shop"))
