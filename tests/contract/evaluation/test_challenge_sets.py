"""Challenge sets from a plan to a verdict, with real models: in the Job's program, and on a laptop."""

import hashlib
import json
import warnings
from contextlib import chdir
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from sluice.api.challenge_result import FailedCases
from sluice.api.evaluation_result import parse
from sluice.cli.main import app
from sluice.evaluation.job import run
from tests.contract.evaluation.conftest import Orders
from tests.support import objects as make
from tests.support.challenges import Json, case, lines, manifest, written

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns about its own type hints when it is imported
    import mlflow.pyfunc

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like

HIDDEN = "zebra crossing"
CASES = (
    case("praise", text="great, love it", expect="positive"),
    case("blame", text="broken, hate it", expect="negative"),
    case("mild", text="it is a phone", expect=["neutral", "positive"]),
    case("kept-back-1", text=f"{HIDDEN}, love it", expect="positive", hidden=True),
    case("kept-back-2", text=f"{HIDDEN}, hate it", expect="negative", hidden=True),
)


def gates(*names: str, **fields: Any) -> list[Json]:
    return [{"name": name.lower(), "metric": name, "dataset": "negation", **fields} for name in names]


def test_the_job_asks_the_cases_of_the_registry(orders: Orders) -> None:
    asked = [*CASES, case("long", text=f"{HIDDEN} " * 300, expect="negative", hidden=True)]
    pinned = json.dumps(manifest(asked)).encode()
    orders.server.put("challenges/cases.jsonl", lines(*asked))
    uri = orders.server.put("challenges/manifest.json", pinned)
    digest = f"sha256:{hashlib.sha256(pinned).hexdigest()}"
    wanted = gates("passRate", "newFailures", level=0.95)
    sets = [{"name": "negation", "uri": uri, "digest": digest, "repeats": 2, "minPassRate": "0.5"}]
    order = orders.order("fragile", challengeSets=sets)
    words = run(orders.write(order | {"measurements": [*order["measurements"], *wanted]}))
    assert words.error is None, words.error
    result = parse(orders.fetch(words.run_id or "", words.artifact_path or ""))
    found = result.challenge_set("negation") or pytest.fail("no challenge set")

    assert (found.digest, found.set_version, found.cases, found.hidden) == (digest, "3", 6, 3)
    assert (found.failed.hidden, found.newly_failed) == (1, FailedCases(visible=0, hidden=1))
    assert [one.candidate_failures for one in result.measurements if one.dataset == "negation"] == [1, 1]
    assert HIDDEN not in result.model_dump_json()


CODE = """
import mlflow.pyfunc

class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [self.of(text) for text in model_input["text"]]

    def of(self, text):
        if {fails}:
            raise ValueError(f"cannot read {{text!r}}")
        return "negative" if "hate" in text or {wrong} else "positive"

mlflow.models.set_model(Model())
"""
MODELS = {"champion": ("False", "False"), "candidate": ("'zebra' in text and 'hate' in text", "'love' in text")}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a plan, data, a challenge set and two models: one knows love, one does not."""
    folder = tmp_path_factory.mktemp("shop")
    texts = ["great, love it", "hate it"] * 100
    pl.DataFrame({"text": texts, "label": ["positive", "negative"] * 100}).write_csv(folder / "holdout.csv")
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as environment:
        warnings.simplefilter("ignore")
        environment.setenv("MLFLOW_UV_AUTO_DETECT", "false")
        for name, (fails, wrong) in MODELS.items():
            code = folder / f"{name}.py"
            code.write_text(CODE.format(fails=fails, wrong=wrong), encoding="utf-8")
            mlflow.pyfunc.save_model(str(folder / name), python_model=str(code), pip_requirements=["mlflow"])
    _, digest = written(folder / "negation", *CASES)
    data = f"sha256:{hashlib.sha256((folder / 'holdout.csv').read_bytes()).hexdigest()}"
    plan = make.evaluation(
        datasets=[make.dataset(digest=data, uri="mlflow-artifacts:/1/holdout.csv")],
        challengeSets=[make.challenge_set(digest=digest)],
        gates=gates("newFailures") + gates("passRate", min="0.6"),
    )
    (folder / "plan.yaml").write_text(yaml.safe_dump(make.plan(evaluation=plan)), encoding="utf-8")
    return folder


def evaluate(shop: Path, candidate: str, out: str) -> tuple[int, str]:
    """Run the command as a person does; return how it ended and what it printed."""
    arguments = ["evaluate", "plan.yaml", "--candidate", candidate, "--champion", "champion", "--out", out]
    data = ["--data", "holdout=holdout.csv", "--challenge-set", "negation=negation/manifest.json"]
    with chdir(shop):
        done = CliRunner().invoke(app, [*arguments, *data])
    return done.exit_code, done.output


def test_new_failures_reject_and_are_named_and_hidden_ones_are_a_number(shop: Path) -> None:
    code, printed = evaluate(shop, "candidate", "out")
    document = json.loads((shop / "out" / "result.json").read_text(encoding="utf-8"))
    said = {gate["name"]: (gate["verdict"], gate["message"]) for gate in document["gates"]}

    assert code == 1, printed
    assert said["newfailures"] == (
        "Fail",
        (
            "number of newly failed cases is 3, the candidate failed on 1 of 5 items (counted 3, at most 0 allowed); "
            "newly failed: praise, 2 hidden"
        ),
    )
    assert said["passrate"][0] == "Fail"
    assert said["passrate"][1].startswith("pass rate fell from 100.0 % to 40.0 %")
    assert pl.read_parquet(shop / "out" / "items-negation.parquet")["case"].to_list() == ["praise", "blame", "mild"]


def test_what_is_hidden_is_in_nothing_that_is_written(shop: Path) -> None:
    _, printed = evaluate(shop, "candidate", "secret")
    files = [path for path in (shop / "secret").rglob("*") if path.is_file()]
    names = {path.name for path in files}

    assert {"report.html", "junit.xml", "result.json", "evaluate.log", "items-negation.parquet", "mlflow.db"} <= names
    kept = (HIDDEN.encode(), b"kept-back")
    assert [path.name for path in files if any(word in path.read_bytes() for word in kept)] == []
    assert HIDDEN not in printed


def test_a_model_that_fails_nothing_new_passes(shop: Path) -> None:
    code, printed = evaluate(shop, "champion", "same")

    assert (code, "Pass: 2 of 2 gates passed" in printed) == (0, True), printed


def test_a_changed_manifest_is_refused_before_anything_runs(shop: Path) -> None:
    path = shop / "negation" / "manifest.json"
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    code, printed = evaluate(shop, "champion", "changed")
    path.write_bytes(before)

    assert code == 3
    assert "negation=negation/manifest.json has digest sha256:" in printed
    assert "spec.evaluation.challengeSets[negation].digest pins sha256:" in printed


def test_a_set_that_lies_on_a_server_needs_one(shop: Path) -> None:
    with chdir(shop):
        asked = ["evaluate", "plan.yaml", "--candidate", "champion", "--data", "holdout=holdout.csv", "--out", "none"]
        done = CliRunner().invoke(app, asked)

    assert done.exit_code == 3
    assert "give the file: --challenge-set negation=PATH" in done.output
