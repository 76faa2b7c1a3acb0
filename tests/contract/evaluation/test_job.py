"""The evaluation Job on the sentiment example and a real MLflow server, and the operator's judgement of its result."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import yaml

from sluice.api.candidate import PinnedModel
from sluice.api.evaluation_result import EvaluationResult, Measurement, parse
from sluice.api.plan import Evaluation
from sluice.api.termination import Termination, parse_termination
from sluice.api.verdict import Verdict
from sluice.core.gates.judge import judge
from sluice.evaluation.job import run
from tests.contract.evaluation.conftest import CELL, ROOT, ZERO, Json, Orders, parquet, stored
from tests.support.markup import Markup

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like: the Job goes on


def result_of(orders: Orders, order: Json) -> EvaluationResult:
    return parse(content_of(orders, run(orders.write(order))))


def content_of(orders: Orders, words: Termination) -> bytes:
    assert words.error is None, words.error
    assert words.run_id is not None
    assert words.artifact_path is not None
    return orders.fetch(words.run_id, words.artifact_path)


def counts(result: EvaluationResult) -> dict[str, tuple[int, int, int, int]]:
    found = {}
    for measured in result.measurements:
        pairs = measured.pairs
        assert pairs is not None
        found[measured.name] = (pairs.both, pairs.candidate_only, pairs.champion_only, pairs.neither)
    return found


def sentiment_plan(holdout: Json) -> Evaluation:
    spec = yaml.safe_load((ROOT / "examples" / "sentiment" / "plan.yaml").read_text())["spec"]["evaluation"]
    spec["datasets"][0]["digest"] = holdout["digest"]
    return Evaluation.model_validate(spec)


def pinned(model: Json) -> PinnedModel:
    return PinnedModel(registry="default", **model)


@pytest.mark.parametrize(
    ("candidate", "want", "says"),
    [
        pytest.param("good", Verdict.PASS, "2 of 2 gates passed: accuracy rose from 65.0 % to 66.6 %", id="good"),
        pytest.param(
            "cell",
            Verdict.FAIL,
            (
                "1 of 2 gates failed: negative-as-positive: negative→positive rose from 14.5 % to 21.6 % (95 % lower"
                " bound of the rise 5.1 points, allowed 2.0)"
            ),
            id="more accurate, and worse where it hurts: the cell is named",
        ),
        pytest.param("fragile", Verdict.PASS, "2 of 2 gates passed: accuracy rose from 65.0 % to 67.3 %", id="fragile"),
    ],
)
def test_the_example_is_judged_on_bounds(orders: Orders, candidate: str, want: Verdict, says: str) -> None:
    order = orders.order(candidate)
    words = run(orders.write(order))
    judgement = judge(
        sentiment_plan(order["datasets"][0]),
        json.loads(content_of(orders, words)),
        candidate=pinned(order["candidate"]),
        champion=pinned(order["champion"]),
    )

    assert (judgement.verdict, judgement.message[: len(says)]) == (want, says)


def test_the_run_holds_all_that_the_decision_rests_on(orders: Orders) -> None:
    words = run(orders.write(orders.order("cell")))
    content = content_of(orders, words)
    result = parse(content)
    items = pl.read_parquet(io.BytesIO(orders.fetch(words.run_id or "", "sluice/items-holdout.parquet")))
    negative = items.filter(pl.col("label") == "negative")
    shown = orders.run(words.run_id or "")
    metrics = {metric["key"]: metric["value"] for metric in shown["data"]["metrics"]}
    tags = {tag["key"]: tag["value"] for tag in shown["data"]["tags"]}

    assert words.sha256 == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert counts(result) == {"accuracy": (792, 51, 41, 397), "negative-as-positive": (66, 32, 0, 356)}
    assert (negative["candidate"] == "positive").sum() == 66 + 32
    assert metrics["negative-as-positive.candidate.estimate"] == pytest.approx(98 / 454)
    assert metrics["negative-as-positive.difference.pValue"] == pytest.approx(2 * 0.5**32)
    assert {key: tags[key] for key in ("sluice.candidateUid", "sluice.attempt")} == {
        "sluice.candidateUid": "uid-1",
        "sluice.attempt": "2",
    }
    assert (shown["info"]["status"], shown["info"]["run_name"]) == ("FINISHED", "evaluation-cell")


def test_the_run_shows_what_was_measured_as_a_page_without_a_verdict(orders: Orders) -> None:
    words = run(orders.write(orders.order("cell")))
    page = orders.fetch(words.run_id or "", "sluice/report.html").decode()
    shown = Markup.of(page.replace("&nbsp;", " "))

    assert "Measured: review-sentiment/3 against review-sentiment/1" in shown.text
    assert "14.5 % → 21.6 % (18" in shown.text
    assert "+5.1 … +9.1 points" in shown.text
    assert "Items newly wrong: holdout" in shown.text
    assert shown.fetched == []
    assert not {"Pass", "Fail", "Inconclusive"} & set(shown.text.split())


def test_texts_are_shown_only_of_data_that_lie_where_the_page_does(orders: Orders, tmp_path: Path) -> None:
    rows = parquet(text=["great phone", "broken, hate it"], label=["negative", "negative"])
    (tmp_path / "private.parquet").write_bytes(rows)
    local = {"uri": str(tmp_path / "private.parquet"), "digest": f"sha256:{hashlib.sha256(rows).hexdigest()}"}
    pages = [
        orders.fetch(run(orders.write(order)).run_id or "", "sluice/report.html").decode()
        for order in (
            orders.order("cell", champion=None, datasets=[stored(orders, "shared.parquet", rows)]),
            orders.order("cell", champion=None, datasets=[orders.dataset(**local)]),
        )
    ]

    assert ["great phone" in page for page in pages] == [True, False]
    assert ["item 0 is" in page for page in pages] == [True, True]


def test_models_are_asked_again_about_texts_that_say_the_same(orders: Orders) -> None:
    """The models of the example count words in small letters: case cannot matter to them, letters do."""
    gates = [
        {"name": kind.lower(), "metric": "perturbationFlipRate", "dataset": "holdout", "level": 0.95}
        | {"params": {"perturbation": kind, "column": "text"}}
        for kind in ("Case", "Emoji", "Typos")
    ]
    result = result_of(orders, orders.order("good", measurements=gates))
    found = {measured.name: measured for measured in result.measurements}
    flips = {name: (measured.pairs or pytest.fail(name)) for name, measured in found.items()}

    assert {name: pairs.total - pairs.neither for name, pairs in flips.items() if name != "typos"} == {
        "case": 0,
        "emoji": 0,
    }
    assert 0.02 < share(found["typos"]) < 0.5
    assert found["typos"].denominator < found["emoji"].denominator == found["typos"].n


def test_without_champion_the_candidate_is_measured_alone(orders: Orders) -> None:
    result = result_of(orders, orders.order("good", champion=None))
    measured = result.measurement("accuracy") or pytest.fail("no measurement")

    assert (result.champion, measured.champion, measured.difference, measured.pairs) == (None, None, None, None)
    assert measured.candidate is not None
    assert measured.candidate.estimate == pytest.approx(853 / 1281)


def test_items_that_a_model_fails_on_count_against_it(orders: Orders) -> None:
    long = "not good " * 200
    texts: list[object] = ["great phone", long, "broken, hate it", long]
    labels: list[object] = ["positive", "positive", "negative", "negative"]
    dataset = stored(orders, "long.parquet", parquet(text=texts, label=labels))
    result = result_of(orders, orders.order("fragile", datasets=[dataset]))
    accuracy = result.measurement("accuracy") or pytest.fail("no accuracy")
    cell = result.measurement("negative-as-positive") or pytest.fail("no cell")

    assert failures(accuracy) == failures(cell) == (2, 0)
    assert share(accuracy) == pytest.approx(2 / 4)
    assert share(cell) == pytest.approx(1 / 2)
    assert result.warnings == (
        (
            "the candidate failed on 2 items of holdout: item 1: IndexError: index 256 is out of bounds for axis 0"
            " with size 256; item 3: IndexError: index 256 is out of bounds for axis 0 with size 256"
        ),
    )


def failures(measured: Measurement) -> tuple[int, int]:
    return measured.candidate_failures, measured.champion_failures


def share(measured: Measurement) -> float:
    assert measured.candidate is not None
    return measured.candidate.estimate


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({}, 0, id="a result"),
        pytest.param({"datasets": [{"name": "holdout", "uri": "x", "digest": ZERO}]}, 1, id="no result"),
    ],
)
def test_the_command_ends_with_its_last_words(orders: Orders, tmp_path: Path, fields: Json, code: int) -> None:
    """As in the pod: only /tmp (here a folder) is writable, and the root is where it starts."""
    words, home = tmp_path / "words", tmp_path / "tmp"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "SLUICE_TERMINATION_PATH": str(words),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    }
    program, order = Path(sys.executable).parent / "sluice-evaluate-job", orders.write(orders.order("good") | fields)
    command = [str(program), "--spec", str(order)]
    done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)
    said = parse_termination(words.read_text())

    assert done.returncode == code, done.stderr[-2000:]
    assert (said.error is None) == (code == 0)
    assert (said.candidate_uid, said.attempt) == ("uid-1", 2)
    assert sorted(path.name for path in home.iterdir() if path.name.startswith("sluice-")) == []


def test_the_cell_of_the_example_is_the_plans() -> None:
    assert sentiment_plan({"digest": ZERO}).gates[1].params.flat() == CELL
