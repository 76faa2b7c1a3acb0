"""The snippets for CI in the how-to, run as the CI runs them: their shell steps, in a team's repository."""

import hashlib
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tests.contract.evaluation.conftest import ROOT
from tests.support import objects as make

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns about its own type hints when it is imported
    import mlflow

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like

HOW_TO = (ROOT / "docs" / "how-to" / "gate-every-commit.md").read_text(encoding="utf-8")
GITHUB, GITLAB = (yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", HOW_TO, re.DOTALL))
STEPS = GITHUB["jobs"]["gate"]["steps"]
JOB = GITLAB["model-gate"]
TRAIN = '''
import argparse
import pathlib
import mlflow.pyfunc

CODE = """
import mlflow.pyfunc

class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return ["negative" if number % 20 == 0 else "positive" for number in model_input["number"]]

mlflow.models.set_model(Model())
"""
arguments = argparse.ArgumentParser()
arguments.add_argument("--out", required=True)
pathlib.Path("model.py").write_text(CODE)
mlflow.pyfunc.save_model(arguments.parse_args().out, python_model="model.py", pip_requirements=["mlflow"])
'''
PIP = """#!/bin/sh
echo "$@" >> pip.log
"""
"""Stands for pip: what it would install is what this test runs with."""
ITEMS = 600


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a team's repository, with an MLflow beside it whose champion is what the repository trains."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "data").mkdir()
    (folder / "tools").mkdir()
    (folder / "train.py").write_text(TRAIN, encoding="utf-8")
    (folder / "requirements.txt").write_text("mlflow\n", encoding="utf-8")
    (folder / "tools" / "pip").write_text(PIP, encoding="utf-8")
    (folder / "tools" / "pip").chmod(0o755)
    labels = ["negative" if not number % 20 else "positive" for number in range(ITEMS)]
    pl.DataFrame({"number": range(ITEMS), "label": labels}).write_parquet(folder / "data" / "holdout.parquet")
    shell("python train.py --out served", folder)
    client = mlflow.MlflowClient(store(folder), store(folder))
    experiment = client.create_experiment("training", artifact_location=str(folder / "artifacts"))
    run = client.create_run(experiment)
    client.log_artifacts(run.info.run_id, str(folder / "served"), "model")
    client.create_registered_model("reviews")
    client.create_model_version("reviews", f"{run.info.artifact_uri}/model", run.info.run_id)
    client.set_registered_model_alias("reviews", "champion", "1")
    return folder


def store(folder: Path) -> str:
    return f"sqlite:///{folder}/mlflow.db"


def plan(folder: Path, **gate: Any) -> None:
    """Write the plan of the repository: a data set and one gate."""
    digest = hashlib.sha256((folder / "data" / "holdout.parquet").read_bytes()).hexdigest()
    evaluation = make.evaluation(datasets=[make.dataset(digest=f"sha256:{digest}")], gates=[make.gate(**gate)])
    (folder / "plan.yaml").write_text(yaml.safe_dump(make.plan(evaluation=evaluation)), encoding="utf-8")


def shell(script: str, folder: Path, environment: Mapping[str, str] | None = None) -> int:
    """Run a script as a runner of CI does; return its exit code."""
    path = os.pathsep.join([str(folder / "tools"), str(Path(sys.executable).parent), os.environ["PATH"]])
    known = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT / "operator"), "MLFLOW_UV_AUTO_DETECT": "false"}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(
        command, cwd=folder, env=known | dict(environment or {}), capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1, 2}, done.stdout + done.stderr
    return done.returncode


def filled(text: str, folder: Path) -> str:
    """Return a value of a step's environment as GitHub fills it in."""
    known = {"vars.MLFLOW_TRACKING_URI": store(folder), "secrets.MLFLOW_TRACKING_TOKEN": "token"}
    return re.sub(r"\$\{\{ ([\w.]+) \}\}", lambda found: known[found[1]], text)


def test_the_steps_of_github_pass_a_good_candidate_and_upload_no_items(repository: Path) -> None:
    plan(repository, min="0.5")
    steps = [step for step in STEPS if "run" in step]
    codes = [
        shell(step["run"], repository, {name: filled(text, repository) for name, text in step.get("env", {}).items()})
        for step in steps
    ]
    kept = [repository / path for path in STEPS[-1]["with"]["path"].split()]

    assert codes == [0] * len(steps)
    assert [path.name for path in kept] == ["report.html", "junit.xml", "result.json"]
    assert [path for path in kept if not path.is_file()] == []
    assert STEPS[1]["with"]["cache"] == "pip", "which needs the file of requirements that is installed"
    assert (repository / "pip.log").read_text().splitlines()[0] == (
        "install sluice-operator[evaluation] -r requirements.txt"
    )
    assert "evaluation" in (metadata.metadata("sluice-operator").get_all("Provides-Extra") or [])


def test_the_script_of_gitlab_lets_pass_what_cannot_be_told_and_keeps_what_it_names(repository: Path) -> None:
    plan(repository, min="0.5", minSamples=ITEMS + 1)
    shell("rm -rf candidate evaluation", repository)
    code = shell("\n".join(JOB["script"]), repository, {"MLFLOW_TRACKING_URI": store(repository)})
    kept = [*JOB["artifacts"]["paths"], JOB["artifacts"]["reports"]["junit"]]

    assert code == JOB["allow_failure"]["exit_codes"]
    assert [path for path in kept if not (repository / path).is_file()] == []
