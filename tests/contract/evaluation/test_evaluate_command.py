"""`sluice evaluate` with real models in a real MLflow store on this machine: no server, no cluster, no network."""

import hashlib
import json
import tempfile
import warnings
from contextlib import chdir
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from sluice.adapters.model_folder import folder_digest
from sluice.api.candidate import PinnedModel
from sluice.api.evaluation_result import parse
from sluice.api.plan import Evaluation
from sluice.cli.main import app
from sluice.core.gates.judge import judge
from sluice.evaluation.job import run
from tests.support import objects as make
from tests.support import s3_server
from tests.support.challenges import case, written
from tests.support.local_models import ITEMS, Shop

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # MLflow warns about its own type hints when it is imported
    import mlflow
    import mlflow.pyfunc

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like

Json = dict[str, Any]
DIGEST = "sha256:" + "0" * 64
BROKEN = "import a_package_that_nobody_has\n"

ACCURACY = make.gate(min="0.5", minSamples=100)


def test_a_model_as_good_passes_and_the_job_says_the_same(shop: Shop) -> None:
    plan = shop.plan(ACCURACY)
    result = shop.evaluate(plan, str(shop.folder / "same"), "--champion", "models:/shop@champion")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Pass: 1 of 1 gates passed: accuracy stayed at 100.0 %")
    document = shop.document()
    by_job = _job(shop, document)
    evaluation = Evaluation.model_validate(shop.evaluation(ACCURACY))
    judgement = judge(evaluation, by_job, candidate=_pinned(shop, "same"), champion=_pinned(shop, "champion"))
    ours = document["result"] | {"timings": by_job["timings"]}
    assert ours == by_job
    said = (document["verdict"], document["message"], document["decisionDigest"])
    assert said == (judgement.verdict, judgement.message, judgement.decision_digest)


def test_all_files_of_a_plan_may_lie_in_a_named_store(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (shop.folder / "holdout.parquet").read_bytes()
    with s3_server.running(tmp_path) as server:
        server.put("sets", "shop/holdout.parquet", content)
        server.put("sets", "shop/behaviour.py", TESTS)
        manifest, pinned = written(tmp_path / "twenty", case("twenty", number=20))
        for path in manifest.parent.iterdir():
            server.put("sets", f"shop/twenty/{path.name}", path.read_bytes())
        store = {"endpoint": server.url, "bucket": "sets", "region": s3_server.REGION, "secretName": "any"}
        (tmp_path / "stores.yaml").write_text(yaml.safe_dump({"stores": {"main": store}}), encoding="utf-8")
        for name, value in server.keys().items():
            monkeypatch.setenv(name, value)
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        data = make.dataset(uri="store://main/shop/holdout.parquet", digest=digest)
        plan = make.plan(
            evaluation=make.evaluation(
                datasets=[data],
                challengeSets=[make.challenge_set(uri="store://main/shop/twenty/manifest.json", digest=pinned)],
                suites=[make.suite(uri="store://main/shop/behaviour.py", digest=TESTS_DIGEST)],
                gates=[
                    ACCURACY,
                    make.gate(name="twenty", metric="newFailures", dataset="negation", vsChampion=make.ABSENT),
                ],
            )
        )
        (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
        command = ["evaluate", str(tmp_path / "plan.yaml"), "--candidate", str(shop.folder / "same")]
        more = ["--stores", str(tmp_path / "stores.yaml"), "--out", str(tmp_path / "out"), "--output", "json"]
        more += ["--champion", str(shop.folder / "champion")]
        result = CliRunner().invoke(app, [*command, *more])

    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert {gate["name"]: gate["verdict"] for gate in found["gates"]} == dict.fromkeys(
        ("accuracy", "twenty", "behaviour"), "Pass"
    )
    (kept,) = found["result"]["datasets"]
    assert (kept["name"], kept["digest"], kept["rows"]) == ("holdout", digest, ITEMS)


def _job(shop: Shop, document: Json) -> Json:
    """Return the result of the Job's own entry point for the same models and data."""
    wanted = {"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "level": 0.95}
    data = document["result"]["datasets"][0]
    order = {
        "trackingUri": shop.store,
        "identity": {"candidateUid": "uid-1", "attempt": 1},
        "candidate": document["result"]["candidate"] | {"uri": str(shop.folder / "same")},
        "champion": document["result"]["champion"] | {"uri": f"runs:/{shop.runs['champion']}/model"},
        "datasets": [{"name": "holdout", "uri": str(shop.folder / "holdout.parquet"), "digest": data["digest"]}],
        "measurements": [wanted],
    }
    path = shop.folder / "order.json"
    path.write_text(json.dumps(order), encoding="utf-8")
    words = run(path)
    assert words.error is None, words.error
    client = mlflow.MlflowClient(shop.store, shop.store)
    folder = client.download_artifacts(words.run_id, "sluice", str(shop.folder))
    return parse((Path(folder) / "result.json").read_bytes()).model_dump(mode="json", by_alias=True)


def _pinned(shop: Shop, name: str) -> PinnedModel:
    return PinnedModel(
        registry="default", name=name, version="1", digest=folder_digest(shop.folder / name), uri="models:/m"
    )


def test_predictions_in_the_data_are_judged_without_any_model(shop: Shop, tmp_path: Path) -> None:
    said = {name: "sha256:" + letter * 64 for name, letter in (("better", "a"), ("worse", "b"))}
    rows = {"label": ["yes", "no"] * 300, "better": ["yes", "no"] * 300, "worse": ["yes", "no", "no", "no"] * 150}
    pl.DataFrame({"sku": range(600), **rows}).write_parquet(tmp_path / "told.parquet")
    digest = f"sha256:{hashlib.sha256((tmp_path / 'told.parquet').read_bytes()).hexdigest()}"
    columns = {"id": "sku", "predictions": [{"digest": one, "columns": [name]} for name, one in said.items()]}
    told = make.evaluation(datasets=[make.dataset(digest=digest, columns=columns)], gates=[ACCURACY])
    plan = tmp_path / "plan.yaml"
    plan.write_text(yaml.safe_dump(make.plan(evaluation=told)), encoding="utf-8")
    files = [
        "--data",
        f"holdout={tmp_path / 'told.parquet'}",
        "--tracking-uri",
        shop.store,
        "--out",
        str(tmp_path / "out"),
    ]
    codes = [
        CliRunner().invoke(app, ["evaluate", str(plan), "--candidate", one, "--champion", other, *files]).exit_code
        for one, other in ((said["better"], said["worse"]), (said["worse"], said["better"]), (DIGEST, said["better"]))
    ]

    assert codes == [0, 1, 3]
    assert "PredictionsMissing" in (tmp_path / "out" / "evaluate.log").read_text(encoding="utf-8")
    assert pl.read_parquet(tmp_path / "out" / "items-holdout.parquet").columns == [
        *("item", "id", "label", "candidate", "champion")
    ]


def test_a_worse_model_fails_and_all_reports_say_where(shop: Shop) -> None:
    cell = make.cell_gate(
        params={"actual": "positive", "predicted": "negative"}, vsChampion={"maxRise": "0.02"}, minSamples=100
    )
    plan = shop.plan(ACCURACY, cell)
    champion = f"runs:/{shop.runs['champion']}/model"
    result = shop.evaluate(plan, f"runs:/{shop.runs['worse']}/model", "--champion", champion)
    out = shop.folder / "out"
    assert result.exit_code == 1
    assert "negative-as-positive: positive→negative rose from 0.0 % to" in result.stdout
    assert sorted(path.name for path in out.iterdir()) == [
        "evaluate.log",
        "items-holdout.parquet",
        "junit.xml",
        "report.html",
        "result.json",
    ]
    assert "a model's own output" in (out / "evaluate.log").read_text(encoding="utf-8")
    assert "a model's own output" not in result.output
    assert "items are newly wrong" in (out / "report.html").read_text(encoding="utf-8")
    assert shop.document()["models"]["candidate"]["asked"] == f"runs:/{shop.runs['worse']}/model"


TESTS = b"""
def test_number_twenty_is_negative(candidate):
    assert candidate.predict({"number": [20]}) == ["negative"]

def test_one_is_positive(candidate, champion):
    assert candidate.predict([{"number": 1}]) == champion.predict([{"number": 1}]) == ["positive"]
"""
TESTS_DIGEST = f"sha256:{hashlib.sha256(TESTS).hexdigest()}"


@pytest.mark.parametrize(
    ("candidate", "code", "says"),
    [
        pytest.param("same", 0, "Pass: 1 of 1 suites passed: behaviour: 2 cases passed", id="it behaves"),
        pytest.param(
            "worse",
            1,
            "Fail: 1 of 1 suites failed: behaviour: 1 of 2 cases failed: behaviour::test_number_twenty_is_negative",
            id="it does not",
        ),
    ],
)
def test_a_plan_of_tests_alone(shop: Shop, candidate: str, code: int, says: str) -> None:
    tests = shop.folder / "behaviour.py"
    tests.write_bytes(TESTS)
    suite = make.suite(uri="mlflow-artifacts:/1/tests.py", digest=TESTS_DIGEST)
    plan = shop.folder / "tests.yaml"
    plan.write_text(yaml.safe_dump(make.plan(evaluation={"suites": [suite]})), encoding="utf-8")
    with chdir(shop.folder):
        models = ["--candidate", str(shop.folder / candidate), "--champion", str(shop.folder / "champion")]
        files = ["--suite", f"behaviour={tests}", "--out", str(shop.folder / "out"), "--tracking-uri", shop.store]
        result = CliRunner().invoke(app, ["evaluate", str(plan), *models, *files])

    assert (result.exit_code, result.stdout[: len(says)]) == (code, says), result.output


def test_a_slice_that_hides_behind_the_mean_is_named_everywhere(shop: Shop) -> None:
    slices = {"by": [{"column": "number", "edges": ["300", "540"]}, {"column": "label"}]}
    plan = shop.plan(make.gate(vsChampion={"maxDrop": "0.05"}, slices=slices))

    result = shop.evaluate(plan, str(shop.folder / "late"), "--champion", "models:/shop@champion")

    assert result.exit_code == 1, result.stderr
    said = "accuracy fell from 100.0 % to 65.0 % in slice number ≥ 540 ("
    assert said in result.stdout
    assert said in (shop.folder / "out" / "junit.xml").read_text(encoding="utf-8")
    (gate,) = shop.document()["gates"]
    assert gate["slices"][0]["name"] == "number ≥ 540"
    assert {one["name"]: one["verdict"] for one in gate["slices"]} == {
        "number ≥ 540": "Fail",
        "label=negative": "Inconclusive",
        "label=positive": "Pass",
        "number < 300": "Pass",
        "300 ≤ number < 540": "Pass",
    }


def test_too_little_data_is_no_pass_and_the_run_is_kept_in_the_out_folder(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    plan = shop.plan(make.gate(min="0.5", vsChampion=None, minSamples=ITEMS + 1))
    result = shop.started(plan, str(shop.folder / "same"), "--output", "json")
    assert result.exit_code == 2, result.stderr
    document = json.loads(result.stdout)
    assert document["gates"][0]["reason"] == "TooFewItems"
    assert [path.name for path in tmp_path.iterdir()] == ["sluice-evaluation"]
    store = f"sqlite:///{tmp_path}/sluice-evaluation/mlflow.db"
    assert document["mlflow"]["trackingUri"] == store
    run = mlflow.MlflowClient(store, store).get_run(document["mlflow"]["runId"])
    assert run.info.artifact_uri.startswith(f"{tmp_path}/sluice-evaluation/mlruns/")


@pytest.mark.parametrize(
    ("candidate", "says"),
    [
        pytest.param(
            "models:/shop/9",
            "--candidate: models:/shop/9 is not in sqlite:///{folder}/store.db: check its name and version",
            id="no such version",
        ),
        pytest.param("models:/nothing/1", "--candidate: models:/nothing/1 is not in", id="no such model"),
        pytest.param("runs:/0123/model", "--candidate: runs:/0123/model is not in", id="no such run"),
        pytest.param(
            "{folder}/broken",
            "--candidate: the candidate needs the package a_package_that_nobody_has, which the evaluation image does",
            id="a package is missing",
        ),
        pytest.param(
            "{folder}/deadly", "the evaluation ended without a result (exit code 7): read", id="it kills the process"
        ),
    ],
)
def test_models_that_cannot_be_judged(
    shop: Shop, candidate: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # it is looked up again
    broken = shop.folder / "broken"
    if not broken.exists():
        _copy(shop.folder / "same", broken)
    result = shop.evaluate(shop.plan(ACCURACY), candidate.format(folder=shop.folder))
    assert (result.exit_code, result.stdout) == (3, "")
    *_, last = result.stderr.splitlines()
    assert last.startswith("Error: " + says.format(folder=shop.folder))
    assert list(tmp_path.glob("sluice-*")) == []


def _copy(source: Path, target: Path) -> None:
    """Copy a model, with code that needs a package which is not there."""
    for path in source.rglob("*"):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            place.write_bytes(BROKEN.encode() if path.suffix == ".py" else path.read_bytes())
