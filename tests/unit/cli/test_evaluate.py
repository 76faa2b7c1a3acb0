"""`sluice evaluate` before anything is evaluated: each bad input ends with 3 and one line that names field and cure."""

import hashlib
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from tests.support import objects as make
from tests.unit.cli.conftest import Sluice

CONTENT = b"the pinned bytes"
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
Arguments = list[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start in a folder with a plan, its data, other data, a model and a folder that is none."""
    evaluation = make.evaluation()
    evaluation["datasets"][0] |= {"name": "holdout", "digest": DIGEST}
    for gate in evaluation["gates"]:
        gate["dataset"] = "holdout"
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(make.plan(evaluation=evaluation)), encoding="utf-8")
    (tmp_path / "holdout.parquet").write_bytes(CONTENT)
    (tmp_path / "other.parquet").write_bytes(b"other bytes")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


GOOD = ["--candidate", "model", "--data", "holdout=holdout.parquet"]


def given(**changed: str | None) -> Arguments:
    """Return arguments of which some are changed, or left out where None."""
    known = {"candidate": "model", "data": "holdout=holdout.parquet"} | changed
    return [part for name, value in known.items() if value is not None for part in (f"--{name}", value)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(given(data="holdout"), "--data holdout: say NAME=PATH, as in", id="data without a path"),
        pytest.param(
            given(engine="ray-head:10001"),
            "--engine ray-head:10001 is no address of a Ray Client server: say ray://HOST:PORT",
            id="an engine without ray://",
        ),
        pytest.param(given(data="holdout="), "--data holdout=: say NAME=PATH, as in", id="data with an empty path"),
        pytest.param(
            given(data="train=holdout.parquet"), "the plan has no data set train: use holdout", id="data of no gate"
        ),
        pytest.param(
            [*given(), "--data", "holdout=other.parquet"],
            "--data holdout is given twice: give it once",
            id="data twice",
        ),
        pytest.param(
            given(data="holdout=none.parquet"),
            "--data holdout=none.parquet: there is no such file: name the file",
            id="no such data",
        ),
        pytest.param(
            given(data="holdout=empty"), "--data holdout=empty cannot be read (Is a directory)", id="a folder"
        ),
        pytest.param(
            given(data="holdout=other.parquet"),
            f"spec.evaluation.datasets[holdout].digest pins {DIGEST}: pin the new file, or put the old one back",
            id="data with another digest",
        ),
        pytest.param(
            [*given(), "--count-use"],
            "--count-use: uses are tags of a registered model, and model is none: register it",
            id="a use to be counted of a model that no registry has",
        ),
        pytest.param(
            given(data=None),
            "lies on an MLflow server, and sqlite:///",
            id="data that only a server has, without a server",
        ),
        pytest.param(
            given(candidate="nowhere"),
            "--candidate: there is no folder nowhere: name the folder of an MLflow model, models:/NAME/VERSION or",
            id="no such folder",
        ),
        pytest.param(
            given(candidate="empty"),
            "--candidate: empty is no MLflow model, it has no file MLmodel: name",
            id="no model",
        ),
        pytest.param(
            given(champion=DIGEST),
            f"--champion: {DIGEST} is a digest, and data set holdout asks the model itself: name the model",
            id="a digest of a model that must be asked",
        ),
        pytest.param(given(champion="empty"), "--champion: empty is no MLflow model", id="the champion is no model"),
        pytest.param(
            given(candidate="models:/shop/1"),
            "--candidate: there is no MLflow store at sqlite:///",
            id="a registered model, and no registry",
        ),
        pytest.param(given(out="plan.yaml"), "--out plan.yaml cannot be made (File exists): name", id="out is a file"),
        pytest.param(given(output="xml"), "--output xml: choose one of table, json", id="no such format"),
    ],
)
def test_bad_input_names_the_option_and_the_cure(sluice: Sluice, arguments: Arguments, says: str) -> None:
    result = sluice("evaluate", "plan.yaml", *arguments)
    assert (result.exit_code, result.stdout) == (3, "")
    assert says in last_line(result.stderr)


def last_line(text: str) -> str:
    """Return the line that says what is wrong; before it only the arms are named that were looked at."""
    *before, last = text.splitlines()
    assert all(line.startswith(("candidate: ", "champion: ")) for line in before)
    assert last.startswith("Error: ")
    return last


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["plan.yaml"], "Missing option '--candidate'", id="no candidate"),
        pytest.param(["plan.yaml", "--candidat", "model"], "No such option", id="misspelled"),
        pytest.param([], "Missing argument 'PLAN'", id="no plan"),
        pytest.param(["none.yaml", "--candidate", "model"], "there is no file none.yaml", id="no such plan"),
        pytest.param(
            ["holdout.parquet", "--candidate", "model"], "holds 0 objects of kind RolloutPlan", id="no plan in it"
        ),
    ],
)
def test_wrong_usage_is_not_taken_for_a_verdict(sluice: Sluice, arguments: Arguments, says: str) -> None:
    result = sluice("evaluate", *arguments)
    assert (result.exit_code, result.stdout) == (3, "")
    assert says in result.stderr


def test_a_plain_installation_names_the_extra(sluice: Sluice, monkeypatch: pytest.MonkeyPatch) -> None:
    known = metadata.version

    def version(name: str) -> str:
        if name in {"polars", "scikit-learn"}:
            raise metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(metadata, "version", version)
    result = sluice("evaluate", "plan.yaml", *GOOD)
    assert result.exit_code == 3
    assert result.stderr == (
        "Error: this installation cannot evaluate, it lacks polars, scikit-learn: install the extra: "
        'pip install "sluice-operator[evaluation]"\n'
    )


def test_a_password_in_the_address_is_not_shown(sluice: Sluice) -> None:
    address = "sqlite+odd://user:secret@host/db"
    result = sluice("evaluate", "plan.yaml", "--candidate", "model", "--tracking-uri", address)
    assert result.exit_code == 3
    assert "sqlite+odd://host/db is none" in result.stderr


HOW_TO = (Path(__file__).parents[3] / "docs" / "how-to" / "gate-every-commit.md").read_text(encoding="utf-8")


def test_the_snippets_of_the_how_to_are_yaml_and_their_options_exist(sluice: Sluice) -> None:
    snippets = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", HOW_TO, re.DOTALL)]
    github, gitlab = snippets
    scripts = [step.get("run", "") for step in github["jobs"]["gate"]["steps"]] + gitlab["model-gate"]["script"]
    options = {
        option for script in scripts if "sluice evaluate" in script for option in re.findall(r"--[a-z-]+", script)
    }
    assert options == {"--candidate", "--champion", "--data", "--out"}
    assert options <= set(re.findall(r"--[a-z-]+", sluice("evaluate", "--help").output))


def test_help_loads_nothing_of_the_extra() -> None:
    heavy = "{'mlflow', 'polars', 'pandas', 'numpy', 'sluice.evaluation', 'sluice.api.plan'}"
    code = (
        "import sys; from typer.testing import CliRunner; from sluice.cli.main import app;"
        "CliRunner().invoke(app, ['evaluate', '--help']);"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
