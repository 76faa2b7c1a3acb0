"""The process that `sluice evaluate` starts: how far it is, how long it may take, and that its result is its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from sluice.adapters.model_folder import folder_digest
from sluice.api.evaluation_spec import EvaluationSpec
from sluice.api.termination import Termination
from sluice.cli import evaluate_job
from sluice.cli.evaluate_registry import Registry
from sluice.ports import Rejected
from tests.support import objects as make
from tests.support.local_models import ITEMS, Json, Shop
from tests.support.terminal import on_a_terminal, plain

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like

ACCURACY = make.gate(min="0.5", minSamples=100)
DIGEST = "sha256:" + "0" * 64


WITHOUT_MLFLOW = """
import sys
from sluice.cli.main import app

code = app(standalone_mode=False)
assert not [name for name in sys.modules if name.split(".")[0] == "mlflow"]
sys.exit(code)
"""


def test_where_models_are_folders_only_the_evaluation_itself_imports_mlflow(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    asked = ["evaluate", str(shop.plan(ACCURACY)), "--candidate", str(shop.folder / "same")]
    files = ["--data", f"holdout={shop.folder}/holdout.parquet", "--out", str(tmp_path / "out")]
    command = [sys.executable, "-c", WITHOUT_MLFLOW, *asked, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout[:6]) == (0, "Pass: "), done.stderr


def test_a_result_that_was_changed_is_not_taken(shop: Shop, tmp_path: Path) -> None:
    words = Termination(
        candidate_uid="local", attempt=1, run_id="a1", artifact_path="sluice/result.json", sha256=DIGEST
    )
    kept = tmp_path / "mlruns" / "1" / "a1" / "artifacts" / "sluice"
    kept.mkdir(parents=True)
    (kept / "result.json").write_text("{}")

    with pytest.raises(Rejected, match=r"the result in sqlite:///.* is not the one that was written"):
        evaluate_job.results(Registry(shop.store), words, work_of(shop, tmp_path, seconds=1))


def work_of(shop: Shop, folder: Path, seconds: float) -> evaluate_job.Work:
    digest = folder_digest(shop.folder / "same")
    model = {"name": "same", "version": "", "uri": str(shop.folder / "same"), "digest": digest}
    fields: Json = {
        "trackingUri": shop.store,
        "identity": {"candidateUid": "local", "attempt": 1},
        "candidate": model,
        "datasets": [{"name": "holdout", "uri": "x", "digest": digest}],
        "measurements": [{"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "level": 0.95}],
    }
    order = EvaluationSpec.model_validate(fields)
    return evaluate_job.Work(order=order, seconds=seconds, scratch=folder, out=folder, home=folder)


def test_an_evaluation_ends_in_time(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=r"took longer than spec\.evaluation\.timeoutSeconds \(0\.01\): raise it"):
        evaluate_job.run(work_of(shop, tmp_path, seconds=0.01), lambda _: None)


def test_a_terminal_shows_how_far_it_is_and_the_log_keeps_it(shop: Shop) -> None:
    asked = [str(shop.plan(ACCURACY)), "--candidate", str(shop.folder / "slow")]
    files = ["--data", f"holdout={shop.folder}/holdout.parquet", "--out", "out", "--tracking-uri", shop.store]
    program = "from sluice.cli.main import app; app()"
    shown = plain(on_a_terminal([sys.executable, "-c", program, "evaluate", *asked, *files], shop.folder))
    log = (shop.folder / "out" / "evaluate.log").read_text(encoding="utf-8").splitlines()

    assert f"0/{ITEMS}" in next(line for line in shown.splitlines() if "candidate on holdout" in line)
    assert [line for line in log if line.startswith("progress: ")] == [
        f"progress: {what}"
        for what in (
            *("data", "candidate.load", "candidate.load", "candidate.score"),
            *(f"candidate on holdout: {done} of {ITEMS}" for done in (0, 512, ITEMS)),
            *("measure", "measure: 0 of 1", "measure: 1 of 1", "report"),
        )
    ]
