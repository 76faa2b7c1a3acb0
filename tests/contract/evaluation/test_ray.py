"""The evaluation Job with a real Ray cluster of one node: the results of one process, and what is wrong is named."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from sluice.api.termination import JobFailure
from sluice.evaluation.distributed import wire
from sluice.evaluation.job import run
from tests.contract.evaluation.conftest import Json, Orders, stored
from tests.support import ray_head
from tests.support.mlflow_server import free_port

pytestmark = pytest.mark.filterwarnings("ignore")  # models, Ray and MLflow may warn as they like: the Job goes on

CASE = {"metric": "perturbationFlipRate", "dataset": "holdout", "params": {"perturbation": "Typos", "column": "text"}}
FIELD = "spec.evaluation.engine.ray"


@pytest.fixture(scope="module")
def ray_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run Ray for the module; a client waits for it on a busy machine."""
    with ray_head.running(tmp_path_factory.mktemp("ray")) as address:
        yield address


def results(orders: Orders, order: Json) -> tuple[Any, pl.DataFrame]:
    """Return the result document without its times, and the table of items."""
    words = run(orders.write(order))
    assert words.error is None, words.error
    document = json.loads(orders.fetch(words.run_id or "", words.artifact_path or ""))
    items = pl.read_parquet(io.BytesIO(orders.fetch(words.run_id or "", "sluice/items-holdout.parquet")))
    return {key: value for key, value in document.items() if key != "timings"}, items


def with_long_texts(orders: Orders) -> Json:
    """Return the hold-out with texts on which the model `fragile` fails, here and there."""
    place = orders.server.artifacts / orders.registered["holdout_uri"].removeprefix("mlflow-artifacts:/")
    frame = pl.read_parquet(place).with_row_index("place")
    long = pl.when(pl.col("place") % 100 == 99).then(pl.lit("not good " * 200)).otherwise(pl.col("text"))
    buffer = io.BytesIO()
    frame.with_columns(text=long).drop("place").write_parquet(buffer)
    return stored(orders, "mixed.parquet", buffer.getvalue())


def test_the_results_on_ray_are_those_of_one_process(
    orders: Orders, ray_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wire, "BLOCK_BATCHES", 1)
    gates = [*orders.order("good")["measurements"], CASE | {"name": "typos", "level": 0.95}]
    order = orders.order("fragile", datasets=[with_long_texts(orders)], measurements=gates)
    here, items_here = results(orders, order)
    steps_here = steps(capsys)
    there, items_there = results(orders, order | {"ray": {"address": ray_address, "workers": 2}})

    assert there == here
    assert items_there.equals(items_here)
    assert steps(capsys) == steps_here
    assert "the candidate failed on 12 items of holdout: item 99: IndexError" in here["warnings"][0]


def steps(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the steps that were said: of those that were counted, the last word."""
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("progress: ")]
    return [line for line in said if " of " not in line or len(set(line.split()[-3::2])) == 1]


def refusal(orders: Orders, address: str) -> JobFailure:
    words = run(orders.write(orders.order("good", ray={"address": address})))
    return words.error or pytest.fail("no error")


def test_a_cluster_that_is_away_is_named_and_tried_again(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ray.util.client.worker.INITIAL_TIMEOUT_SEC", 1)
    address = f"ray://127.0.0.1:{free_port()}"
    error = refusal(orders, address)

    assert (error.reason, error.field) == ("EngineUnavailable", "")
    assert f"the Ray cluster at {address} gives no usable answer (ConnectionError" in error.message


def test_a_cluster_with_other_versions_is_refused(
    orders: Orders, ray_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sluice.evaluation.distributed.cluster.python_version", lambda: "3.9.1")
    error = refusal(orders, ray_address)

    assert (error.reason, error.field) == ("EngineMismatch", FIELD)
    assert "(here 3.9.1): have the administrator run the cluster's nodes with the image" in error.message


def test_an_image_without_ray_says_so(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("asking", "cluster", "depot", "libraries"):
        monkeypatch.delitem(sys.modules, f"sluice.evaluation.distributed.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "ray", None)
    error = refusal(orders, "ray://127.0.0.1:10001")

    assert (error.reason, error.field) == ("EnginePackageMissing", FIELD)
    assert "the evaluation image lacks the package ray: name an image with the extra `ray`" in error.message


def test_ray_is_imported_only_where_it_is_used() -> None:
    program = "import sluice.evaluation.evaluate, sys; print(sorted({'daft', 'ray'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
