"""`sluice import`: files that the real tools wrote (in `imported/`), judged by the gates and suites of a plan."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tests.support import objects as make
from tests.unit.cli.conftest import Sluice

IMPORTED = Path(__file__).parent / "imported"
TESTS, EXPECTATIONS = b"def test_one() -> None: ...\n", b"{}\n"
Json = dict[str, Any]
MODELS = ["--candidate", "model", "--data", "holdout=holdout.parquet"]
FILES = ["--suite", "behaviour=tests.py", "--suite", "inputs=inputs.json"]


def pin(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def plan(folder: Path, gates: list[Json], suites: list[Json], **fields: Any) -> None:
    data = {"name": "holdout", "uri": "mlflow-artifacts:/1/holdout.parquet"}
    data["digest"] = pin((folder / "holdout.parquet").read_bytes())
    evaluation = {"datasets": [data], "gates": gates, "suites": suites, **fields}
    (folder / "plan.yaml").write_text(yaml.safe_dump(make.plan(evaluation=evaluation)), encoding="utf-8")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start in a folder with models, data, suites, and a plan of two gates and two suites."""
    pl.DataFrame({"label": [0, 1, 1, 0, 1, 0, 1, 1]}).write_parquet(tmp_path / "holdout.parquet")
    for name in ("model", "served"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "MLmodel").write_text(f"flavors: {{}} # {name}\n", encoding="utf-8")
    (tmp_path / "tests.py").write_bytes(TESTS)
    (tmp_path / "inputs.json").write_bytes(EXPECTATIONS)
    behaviour = {"name": "behaviour", "kind": "Pytest", "uri": "mlflow-artifacts:/1/tests.py", "digest": pin(TESTS)}
    inputs = {"name": "inputs", "kind": "GreatExpectations", "uri": "mlflow-artifacts:/1/inputs.json"}
    inputs |= {"digest": pin(EXPECTATIONS), "dataset": "holdout", "about": "Data"}
    gates: list[Json] = [
        {"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "min": "0.5"},
        {
            "name": "yes",
            "metric": "f1",
            "params": {"class": "1"},
            "dataset": "holdout",
            "vsChampion": {"maxDrop": "0.1"},
        },
    ]
    plan(tmp_path, gates, [behaviour, inputs])
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path


def of(name: str, tool: str, file: str, key: str = "") -> str:
    return f"{name}={tool}:{IMPORTED / file}{'#' if key else ''}{key}"


MLFLOW = of("accuracy", "mlflow", "mlflow.json", "accuracy_score")
EVIDENTLY = of("yes", "evidently", "evidently.json", "F1Score(classification_name=default,conf_matrix=True)")
JUNIT = of("behaviour", "junit", "pytest.xml")
GX = of("inputs", "gx", "great-expectations.json")


def told(folder: Path) -> Json:
    document: Json = json.loads((folder / "sluice-import" / "result.json").read_text(encoding="utf-8"))
    return document


def test_what_other_tools_found_is_judged_and_a_point_decides_nothing(sluice: Sluice, folder: Path) -> None:
    champion = ["--champion", "served", "--champion-from", EVIDENTLY, "--champion-from", MLFLOW]
    froms = [part for text in (MLFLOW, EVIDENTLY, JUNIT, GX) for part in ("--from", text)]
    result = sluice("import", "plan.yaml", *MODELS, *FILES, *froms, *champion)
    document = told(folder)
    said = {gate["name"]: (gate["verdict"], gate["reason"]) for gate in document["gates"]}
    accuracy = document["result"]["measurements"][0]

    assert result.exit_code == 1, result.output
    assert said == {
        "accuracy": ("Inconclusive", "PointOnly"),
        "yes": ("Inconclusive", "PointOnly"),
        "behaviour": ("Fail", "CasesFailed"),
        "inputs": ("Fail", "CasesFailed"),
    }
    assert accuracy["candidate"] == {"estimate": 0.75, "lower": 0.75, "upper": 0.75, "method": "point only"}
    assert (accuracy["n"], document["result"]["candidate"]["name"]) == (8, "model")
    assert "the word of who imported them" in document["result"]["warnings"][0]


def test_cases_keep_their_outcomes_and_messages(sluice: Sluice, folder: Path) -> None:
    sluice("import", "plan.yaml", *MODELS, *FILES, "--from", JUNIT, "--from", GX)
    behaviour, inputs = told(folder)["result"]["suites"]

    assert [(case["name"], case["outcome"]) for case in behaviour["cases"]] == [
        ("test_behaviour::test_negation_turns_it", "Failed"),
        ("test_behaviour::test_needs_a_model", "Error"),
        ("test_behaviour::test_emoji", "Skipped"),
        ("test_behaviour::test_praise_is_positive", "Passed"),
    ]
    assert behaviour["cases"][0]["message"].startswith("AssertionError: assert 'positive' == 'negative'")
    assert [(case["name"].partition("(")[0], case["outcome"], case["message"]) for case in inputs["cases"][:2]] == [
        ("expect_column_values_to_not_be_null", "Failed", "1 of 3 values are not as expected"),
        ("expect_column_values_to_be_between", "Failed", "1 of 3 values are not as expected"),
    ]
    assert (inputs["passed"], inputs["failed"], inputs["errors"]) == (1, 2, 1)


def test_what_nothing_was_imported_for_is_no_pass(sluice: Sluice, folder: Path) -> None:
    result = sluice("import", "plan.yaml", *MODELS, *FILES)
    assert result.exit_code == 3
    assert {(gate["verdict"], gate["reason"]) for gate in told(folder)["gates"]} == {("Error", "MetricMissing")}


BOMB = '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(BOMB.encode(), "declares a document type", id="entities"),
        pytest.param(BOMB.encode("utf-16"), "declares a document type", id="entities in another encoding"),
        pytest.param(b"<html/>", "is no JUnit file, it begins with html", id="another XML"),
        pytest.param(b"<testsuite", "is no XML", id="cut off"),
        pytest.param(b'<testsuite tests="2"><testcase name="a"/></testsuite>', "was it cut off?", id="cases missing"),
        pytest.param(b"x" * (16 * 1024 * 1024 + 1), "has more than 16,777,216 bytes", id="too great"),
    ],
)
def test_a_junit_file_that_is_none_is_refused(sluice: Sluice, folder: Path, content: bytes, says: str) -> None:
    (folder / "junit.xml").write_bytes(content)
    result = sluice("import", "plan.yaml", *MODELS, *FILES, "--from", "behaviour=junit:junit.xml")
    assert (result.exit_code, result.stdout) == (3, "")
    assert says in result.stderr.splitlines()[-1]


def test_a_junit_file_without_tests_is_no_pass(sluice: Sluice, folder: Path) -> None:
    (folder / "junit.xml").write_bytes(b'<testsuites><testsuite tests="0"/></testsuites>')
    sluice("import", "plan.yaml", *MODELS, *FILES, "--from", "behaviour=junit:junit.xml")
    assert told(folder)["gates"][2]["verdict"] == "Error"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param("accuracy", "say NAME=TOOL:PATH", id="no tool"),
        pytest.param("accuracy=excel:x", "no tool excel: say mlflow or evidently or junit or gx", id="unknown"),
        pytest.param("speed=mlflow:x#y", "use one of accuracy, yes, behaviour, inputs", id="no such gate"),
        pytest.param("accuracy=mlflow:none.json#y", "there is no file none.json", id="no such file"),
        pytest.param(of("accuracy", "mlflow", "mlflow.json", "auc"), "one of accuracy_score, example_count", id="key"),
        pytest.param(of("accuracy", "evidently", "evidently.json"), "end with # and one of Accuracy(", id="no key"),
        pytest.param(of("accuracy", "mlflow", "pytest.xml", "x"), "is no JSON", id="no JSON"),
        pytest.param(of("accuracy", "evidently", "mlflow.json", "x"), "no list `metrics`", id="another tool's"),
        pytest.param(of("accuracy", "junit", "pytest.xml"), "a gate needs a number", id="cases for a gate"),
        pytest.param(of("inputs", "junit", "pytest.xml"), "kind GreatExpectations, junit is for Pytest", id="kind"),
        pytest.param(of("inputs", "gx", "mlflow.json"), "holds no list `results`", id="no validation"),
        pytest.param(of("behaviour", "mlflow", "mlflow.json", "x"), "a suite needs cases", id="a number for a suite"),
    ],
)
def test_bad_input_names_the_option_and_the_cure(sluice: Sluice, given: str, says: str) -> None:
    result = sluice("import", "plan.yaml", *MODELS, *FILES, "--from", given)
    assert (result.exit_code, result.stdout) == (3, "")
    assert says in result.stderr.splitlines()[-1]


MORE: list[Json] = [
    {
        "name": "parts",
        "metric": "accuracy",
        "dataset": "holdout",
        "min": "0.5",
        "slices": {"by": [{"column": "label"}]},
    },
    {"name": "cases", "metric": "newFailures", "dataset": "negation"},
]


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        pytest.param("parts", "the gate looks at slices, and one number says nothing of them: leave this", id="slices"),
        pytest.param("cases", "the gate counts the cases of a challenge set, and one number says nothing", id="cases"),
    ],
)
def test_what_one_number_says_nothing_of_is_left_to_the_evaluation(
    sluice: Sluice, folder: Path, gate: str, says: str
) -> None:
    plan(folder, MORE, [], challengeSets=[make.challenge_set()])
    refused = sluice("import", "plan.yaml", *MODELS, "--from", of(gate, "mlflow", "mlflow.json", "accuracy_score"))

    assert (refused.exit_code, says in refused.stderr.splitlines()[-1]) == (3, True), refused.stderr


def test_no_model_and_no_cases_need_be_there_for_it(sluice: Sluice, folder: Path) -> None:
    plan(folder, [{**MORE[0], "slices": None}, MORE[1]], [], challengeSets=[make.challenge_set()])
    models = ["--candidate", "sha256:" + "a" * 64, "--data", "holdout=holdout.parquet"]
    result = sluice("import", "plan.yaml", *models, "--from", of("parts", "mlflow", "mlflow.json", "accuracy_score"))

    assert result.exit_code == 3, result.stderr
    assert {gate["name"]: gate["reason"] for gate in told(folder)["gates"]} == {
        "parts": "PointOnly",
        "cases": "MetricMissing",
    }
