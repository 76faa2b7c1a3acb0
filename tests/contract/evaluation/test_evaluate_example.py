"""`sluice evaluate` on the sentiment example and an MLflow server: word for word what the how-to page shows."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sluice.cli.main import app
from tests.contract.evaluation.conftest import ROOT, Json
from tests.support.mlflow_server import MlflowServer

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like

PAGE = (ROOT / "docs" / "how-to" / "gate-every-commit.md").read_text(encoding="utf-8")
PLAN = "examples/sentiment/plan.yaml"


def without_digests(text: str) -> str:
    """Return the text without digests: those of the models differ from registration to registration."""
    return re.sub(r"sha256:[0-9a-f]+…?", "sha256:", text)


@pytest.mark.parametrize(
    ("version", "code"),
    [
        pytest.param("3", 1, id="more accurate, but it takes more negative reviews for positive: rejected"),
        pytest.param("2", 0, id="better: it passes"),
    ],
)
def test_the_how_to_shows_what_is_said(
    mlflow_server: MlflowServer,
    registered: Json,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    version: str,
    code: int,
) -> None:
    assert registered["artifacts"]
    plan = tmp_path / PLAN
    plan.parent.mkdir(parents=True)
    plan.write_bytes((ROOT / PLAN).read_bytes())
    monkeypatch.chdir(tmp_path)
    models = ["--candidate", f"models:/review-sentiment/{version}", "--champion", "models:/review-sentiment/1"]
    result = CliRunner().invoke(app, ["evaluate", PLAN, *models, "--tracking-uri", mlflow_server.url])
    assert result.exit_code == code, result.stderr
    blocks = [without_digests(block) for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)]
    assert without_digests(result.stdout) in blocks
