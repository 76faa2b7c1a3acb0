"""`sluice evaluate` judges a registered version at the level that its rollout would have, and counts only if asked."""

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from sluice.adapters.model_folder import folder_digest
from sluice.cli.evaluate_inputs import LocalModel
from sluice.cli.evaluate_registry import Registry
from sluice.cli.evaluate_uses import uses
from sluice.cli.main import app
from sluice.cli.plan_file import load_plan
from tests.support import objects as make

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns about its own type hints when it is imported
    import mlflow

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow may warn as it likes

REMINDER = "at 98.75 % instead of 95 %, for 1 other model was judged on holdout before"


@pytest.fixture
def client(tmp_path: Path) -> Any:
    """Return a store with two versions of one model, and write a plan whose data set has the predictions of both."""
    store = f"sqlite:///{tmp_path}/store.db"
    client = mlflow.MlflowClient(store, store)
    client.create_registered_model("shop")
    predictions = []
    for version in ("1", "2"):
        folder = tmp_path / f"model-{version}"
        folder.mkdir()
        (folder / "MLmodel").write_text(f"flavors: {{version: {version}}}\n", encoding="utf-8")
        client.create_model_version("shop", str(folder))
        predictions.append({"digest": folder_digest(folder), "columns": [f"said-{version}"]})
    labels = ["yes", "no"] * 300
    pl.DataFrame({"label": labels, "said-1": labels, "said-2": labels}).write_parquet(tmp_path / "holdout.parquet")
    digest = f"sha256:{hashlib.sha256((tmp_path / 'holdout.parquet').read_bytes()).hexdigest()}"
    data = make.dataset(digest=digest, columns={"predictions": predictions})
    plan = make.plan(evaluation=make.evaluation(datasets=[data], gates=[make.gate(min="0.5", minSamples=100)]))
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    return client


def test_a_version_is_judged_at_the_level_of_its_use_and_counted_only_if_asked(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def told(version: str, *more: str) -> tuple[list[str], bool, float]:
        """Return the numbers in the registry, whether the use is spoken of, and the level that was measured."""
        where = ["--tracking-uri", f"sqlite:///{tmp_path}/store.db", "--out", "out"]
        command = [
            "evaluate",
            "plan.yaml",
            "--candidate",
            f"models:/shop/{version}",
            "--data",
            "holdout=holdout.parquet",
        ]
        result = CliRunner().invoke(app, [*command, *where, *more])
        assert result.exit_code == 0, result.stderr
        numbers = sorted(client.get_registered_model("shop").tags.values())
        document = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
        (measured,), (use,) = document["result"]["measurements"], document["uses"]
        reminded = REMINDER in result.stdout and "each at 98.75 %" in result.stdout
        assert use == {"dataset": "holdout", "use": 2 if reminded else 1}
        return numbers, reminded, measured["level"]

    assert told("1", "--count-use") == (["1"], False, 0.95)
    assert told("2") == (["1"], True, 0.9875), (
        "it is judged as its rollout would be; nothing is counted unless asked for"
    )


def test_each_model_uses_a_set_once(client: Any, tmp_path: Path) -> None:
    _, plan = load_plan(tmp_path / "plan.yaml")
    registry = Registry(f"sqlite:///{tmp_path}/store.db")

    def use(version: str, *, count: bool) -> int:
        folder = tmp_path / f"model-{version}"
        asked, digest = f"models:/shop/{version}", folder_digest(folder)
        model = LocalModel(asked=asked, name="shop", version=version, folder=folder, digest=digest)
        return uses(model, plan.evaluation, registry, count=count)[0].use

    assert [use("2", count=False), use("1", count=True)] == [1, 1]
    assert [use("1", count=True), use("1", count=False)] == [1, 1], "the same model is no other use"
    assert [use("2", count=True), use("2", count=False)] == [2, 2]
    assert sorted(client.get_registered_model("shop").tags.values()) == ["1", "2"]
