"""Items of a data set that are in the training data: `sluice digests` and `sluice evaluate` on people's files."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner, Result

from sluice.cli.main import app
from tests.support import objects as make

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow may warn as it likes

ITEMS = 600
MODEL = "sha256:" + "c" * 64


def evaluated(folder: Path, training: dict[str, Any], digests: Path, **gate: object) -> Result:
    """Run the command on a data set that has the candidate's predictions."""
    said = ["x"] * ITEMS
    pl.DataFrame({"number": range(ITEMS), "label": said, "said": said}).write_parquet(folder / "holdout.parquet")
    digest = hashlib.sha256((folder / "holdout.parquet").read_bytes()).hexdigest()
    columns = {"predictions": [{"digest": MODEL, "columns": ["said"]}]}
    data = make.dataset(digest=f"sha256:{digest}", columns=columns, training=training)
    gates = [make.metric_gate("contaminatedShare", {"similarity": "1"}, **gate)]
    plan = make.plan(evaluation=make.evaluation(datasets=[data], gates=gates))
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    given = ["--data", f"holdout={folder}/holdout.parquet", "--training", f"holdout={digests}"]
    command = ["evaluate", f"{folder}/plan.yaml", "--candidate", MODEL, "--out", f"{folder}/out", *given]
    return CliRunner().invoke(app, command)


def test_items_of_the_training_data_fail_a_gate_and_are_shown(tmp_path: Path) -> None:
    training, digests = tmp_path / "training.csv", tmp_path / "digests.parquet"
    training.write_text("number\n7\n11\n100000\n", encoding="utf-8")
    listed = CliRunner().invoke(app, ["digests", str(training), "--columns", "number", "--out", str(digests)])
    pinned = {"uri": "store://reviews/digests.parquet", "digest": listed.stdout.strip()}

    result = evaluated(tmp_path, pinned, digests, max="0.003")

    assert result.exit_code == 1, result.stderr
    want = "share of items in the training data is 0.3 % (2 of 600) (counted 0.33 %, at most 0.3 allowed)"
    assert result.stdout.startswith(f"Fail: 1 of 1 gates failed: one: {want}")
    out = tmp_path / "out"
    document = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert document["result"]["datasets"][0]["training"] == pinned["digest"]
    assert pl.read_parquet(out / "items-holdout.parquet")["seen"].to_list().count(1) == 2
    assert "2 of 600: 2 word for word" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(b"other", "spec.evaluation.datasets[holdout].training.digest", id="another list"),
        pytest.param(None, "there is no such file: name the file of the digest list", id="no list"),
    ],
)
def test_a_digest_list_that_is_not_the_pinned_one(tmp_path: Path, content: bytes | None, want: str) -> None:
    digests = tmp_path / "other.parquet"
    if content is not None:
        digests.write_bytes(content)

    result = evaluated(tmp_path, make.training(), digests, max=make.ABSENT)

    assert result.exit_code == 3
    assert want in result.stderr
