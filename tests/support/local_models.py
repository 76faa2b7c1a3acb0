"""A folder with a plan, data and models, for `sluice evaluate`; an MLflow store in a file has some models too."""

import hashlib
import json
import warnings
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner, Result

from sluice.cli.main import app
from tests.support import objects as make

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns about its own type hints when it is imported
    import mlflow
    import mlflow.pyfunc

Json = dict[str, Any]
ITEMS = 600
RULES = {
    "champion": "'positive' if number % 20 else 'negative'",
    "same": "'negative' if not number % 20 else 'positive'",
    "worse": "'positive' if number % 3 else 'negative'",
    "late": "'negative' if not number % (20 if number < 540 else 3) else 'positive'",
    "deadly": "os._exit(7)",
    "slow": "time.sleep(0.005) or 'positive'",
}
"""What each model says of an item; true is what the champion says."""
CODE = """
import os
import time
import mlflow.pyfunc

class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        print("a model's own output")
        return [{rule} for number in model_input["number"]]

mlflow.models.set_model(Model())
"""


@dataclass(frozen=True)
class Shop:
    """A folder with a plan, its data, models in folders, and an MLflow store that has some of them."""

    folder: Path
    runs: Json

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder}/store.db"

    def plan(self, *gates: Json) -> Path:
        """Write a plan with these gates."""
        path = self.folder / "plan.yaml"
        path.write_text(yaml.safe_dump(make.plan(evaluation=self.evaluation(*gates))), encoding="utf-8")
        return path

    def evaluation(self, *gates: Json) -> Json:
        digest = hashlib.sha256((self.folder / "holdout.parquet").read_bytes()).hexdigest()
        return make.evaluation(datasets=[make.dataset(digest=f"sha256:{digest}")], gates=list(gates))

    def evaluate(self, plan: Path, candidate: str, *more: str) -> Result:
        """Run the command as a person does."""
        with chdir(self.folder):
            return self.started(plan, candidate, "--out", str(self.folder / "out"), "--tracking-uri", self.store, *more)

    def started(self, plan: Path, candidate: str, *more: str) -> Result:
        """Run the command without a store, or one that `more` names."""
        data = f"holdout={self.folder}/holdout.parquet"
        return CliRunner().invoke(app, ["evaluate", str(plan), "--candidate", candidate, "--data", data, *more])

    def document(self) -> Json:
        found: Json = json.loads((self.folder / "out" / "result.json").read_text(encoding="utf-8"))
        return found


def filled(folder: Path) -> Shop:
    """Fill a folder."""
    labels = ["negative" if not number % 20 else "positive" for number in range(ITEMS)]
    pl.DataFrame({"number": range(ITEMS), "label": labels}).write_parquet(folder / "holdout.parquet")
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as environment:
        warnings.simplefilter("ignore")
        environment.setenv("MLFLOW_UV_AUTO_DETECT", "false")
        for name, rule in RULES.items():
            code = folder / f"{name}.py"
            code.write_text(CODE.format(rule=rule), encoding="utf-8")
            mlflow.pyfunc.save_model(str(folder / name), python_model=str(code), pip_requirements=["mlflow"])
        return Shop(folder, _registered(folder))


def _registered(folder: Path) -> Json:
    """Log the champion and the worse one in runs, and register the champion as version 1 of `shop`."""
    client = mlflow.MlflowClient(f"sqlite:///{folder}/store.db", f"sqlite:///{folder}/store.db")
    experiment = client.create_experiment("training", artifact_location=str(folder / "artifacts"))
    runs = {name: client.create_run(experiment).info.run_id for name in ("champion", "worse")}
    for name, run_id in runs.items():
        client.log_artifacts(run_id, str(folder / name), "model")
    client.create_registered_model("shop")
    source = f"{client.get_run(runs['champion']).info.artifact_uri}/model"
    client.create_model_version("shop", source, runs["champion"])
    client.set_registered_model_alias("shop", "champion", "1")
    return runs
