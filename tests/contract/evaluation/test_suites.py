"""Suites in the evaluation Job: real pytest and real Great Expectations, on the sentiment example and a real MLflow."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from sluice.api.candidate import PinnedModel
from sluice.api.evaluation_result import EvaluationResult, parse
from sluice.api.plan import Evaluation
from sluice.api.verdict import Verdict
from sluice.core.gates.judge import Judgement, judge
from sluice.evaluation.job import run
from tests.contract.evaluation.conftest import ROOT, Json, Orders

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like: the Job goes on

BEHAVIOUR = ROOT / "examples" / "sentiment" / "behaviour"


def packed(folder: Path) -> bytes:
    """Return the tests of a folder as an archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as made:
        for path in sorted(folder.glob("*.py")):
            made.add(path, path.name)
    return target.getvalue()


def suite(orders: Orders, name: str, ending: str, content: bytes, **fields: Any) -> Json:
    """Put a suite into the server's artifacts, and return it as an order and as a plan name it."""
    uri = orders.server.put(f"suites/{name}{ending}", content)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"name": name, "kind": "Pytest", "uri": uri, "digest": digest, "timeoutSeconds": 300} | fields


def expected(orders: Orders, name: str, about: str, *expectations: Json) -> Json:
    """Return a suite of expectations on the hold-out, as Great Expectations writes it."""
    content: Json = {"name": name, "id": None, "expectations": list(expectations), "meta": {}, "notes": None}
    more = {"kind": "GreatExpectations", "dataset": "holdout", "about": about}
    return suite(orders, name, ".json", json.dumps(content).encode(), **more)


def expect(kind: str, **kwargs: Any) -> Json:
    return {"type": f"expect_{kind}", "kwargs": kwargs, "meta": {}, "severity": "critical"}


def evaluated(orders: Orders, candidate: str, *suites: Json, **fields: Any) -> tuple[Judgement, EvaluationResult]:
    """Return what the operator makes of the Job's result."""
    order = orders.order(candidate, suites=list(suites), measurements=[], **fields)
    words = run(orders.write(order))
    assert words.error is None, words.error
    content = orders.fetch(words.run_id or "", words.artifact_path or "")
    plan = Evaluation.model_validate({"datasets": [orders.dataset()], "suites": suites})
    models = {arm: order.get(arm) for arm in ("candidate", "champion")}
    pinned = {arm: None if one is None else PinnedModel(registry="default", **one) for arm, one in models.items()}
    return judge(plan, json.loads(content), candidate=pinned["candidate"], champion=pinned["champion"]), parse(content)


CLASSES = ["negative", "neutral", "positive"]


def test_a_candidate_that_takes_complaints_for_praise_is_rejected_by_the_teams_own_tests(orders: Orders) -> None:
    behaviour = suite(orders, "behaviour", ".tar.gz", packed(BEHAVIOUR))
    judgement, result = evaluated(orders, "cell", behaviour)
    (ran,) = result.suites

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.startswith(
        "1 of 1 suites failed: behaviour: 12 of 36 cases failed: "
        "test_complaints::test_a_complaint_does_not_become_praise["
    )
    assert (ran.passed, ran.failed, ran.errors, ran.skipped) == (24, 12, 0, 0)
    assert "AssertionError: assert ['positive'] != ['positive']" in ran.cases[0].message


def test_a_good_candidate_passes_tests_and_expectations(orders: Orders) -> None:
    behaviour = suite(orders, "behaviour", ".tar.gz", packed(BEHAVIOUR))
    inputs = expected(
        orders,
        "inputs",
        "Data",
        expect("column_values_to_not_be_null", column="text"),
        expect("column_values_to_be_in_set", column="label", value_set=CLASSES),
        expect("table_row_count_to_be_between", min_value=1000),
    )
    outputs = expected(
        orders,
        "outputs",
        "Predictions",
        expect("column_values_to_be_in_set", column="candidate", value_set=CLASSES),
        expect("column_distinct_values_to_equal_set", column="champion", value_set=CLASSES),
    )
    judgement, result = evaluated(orders, "good", behaviour, inputs, outputs)

    assert (judgement.verdict, judgement.message) == (
        Verdict.PASS,
        "3 of 3 suites passed: behaviour: 36 cases passed; inputs: 3 cases passed; outputs: 2 cases passed",
    )
    assert {one.name: (one.passed, one.judged) for one in result.suites} == {
        "behaviour": (36, 36),
        "inputs": (3, 3),
        "outputs": (2, 2),
    }
    assert {"suite.behaviour", "suite.inputs", "suite.outputs"} <= set(result.timings)
    assert {"pytest", "great-expectations"} <= set(result.software)


def test_without_champion_what_needs_one_is_skipped_and_no_pass(orders: Orders) -> None:
    behaviour = suite(orders, "behaviour", ".tar.gz", packed(BEHAVIOUR))
    alone = suite(orders, "alone", ".py", b"def test(champion): champion.predict(['bad'])\n")
    judgement, result = evaluated(orders, "good", behaviour, alone, champion=None)

    assert [(one.verdict, one.message) for one in judgement.gates] == [
        (Verdict.PASS, "35 cases passed, 1 skipped"),
        (Verdict.ERROR, "its only case was skipped: alone::test: there is no champion"),
    ]
    assert {"pytest", "great-expectations"} & set(result.software) == {"pytest"}


def test_expectations_that_do_not_hold_and_that_cannot_be_looked_at(orders: Orders) -> None:
    wrong = expected(
        orders,
        "wrong",
        "Predictions",
        expect("table_row_count_to_be_between", min_value=5000),
        expect("column_values_to_be_in_set", column="candidate", value_set=["negative", "positive"]),
    )
    strange = expected(
        orders,
        "strange",
        "Data",
        expect("nonsense"),
        expect("column_values_to_not_be_null", column="nobody"),
        expect("column_values_to_not_be_null", column="candidate"),
        expect("column_values_to_be_between", colum="text"),
        expect("column_values_to_not_be_null", column="text"),
    )
    judgement, result = evaluated(orders, "good", wrong, strange, expected(orders, "empty", "Data"))
    seen = {one.name: one for one in result.suites}

    assert [one.verdict for one in judgement.gates] == [Verdict.FAIL, Verdict.ERROR, Verdict.ERROR]
    assert [case.message for case in seen["wrong"].cases] == [
        "observed 1,281",
        "100 of 1,281 values are not as expected",
    ]
    assert [case.outcome.value for case in seen["strange"].cases] == [*["Error"] * 4, "Passed"]
    messages = [case.message for case in seen["strange"].cases]
    assert "expect_nonsense not found" in messages[0]
    assert 'The column "nobody" in BatchData does not exist.' in messages[1]
    assert 'The column "candidate" in BatchData does not exist.' in messages[2]
    assert "column field required" in messages[3]
    assert judgement.gates[2].message == "the suite has no expectation"


@pytest.mark.parametrize(
    ("ending", "content", "says"),
    [
        pytest.param(".tar.gz", b"import os\n", "SuiteArchiveUnsafe", id="no archive"),
        pytest.param(".txt", b"text", "SuiteFormatUnknown", id="an unknown format"),
    ],
)
def test_suites_that_cannot_be_read_end_the_job_before_a_model_is_loaded(
    orders: Orders, ending: str, content: bytes, says: str
) -> None:
    bad = suite(orders, "behaviour", ending, content)
    missing = orders.model("good") | {"uri": "mlflow-artifacts:/no/such/model"}
    words = run(orders.write(orders.order("good", suites=[bad]) | {"candidate": missing}))

    assert words.error is not None
    assert (words.error.reason, words.error.field) == (says, "spec.evaluation.suites[behaviour]")


def test_a_suite_that_is_not_in_the_registry_is_named(orders: Orders) -> None:
    lost = suite(orders, "behaviour", ".py", b"def test(): ...\n") | {"uri": "mlflow-artifacts:/suites/nothing.py"}
    words = run(orders.write(orders.order("good", suites=[lost])))

    assert words.error is not None
    assert (words.error.reason, words.error.field) == ("ArtifactMissing", "spec.evaluation.suites[behaviour].uri")
