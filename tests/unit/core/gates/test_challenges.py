"""Truth tables of gates on challenge sets: counted, not estimated; failed cases are named, hidden ones counted."""

import pytest

from sluice.api.plan import Evaluation
from sluice.api.verdict import Verdict
from sluice.core.gates.judge import judge
from tests.support.evaluations import CANDIDATE, CHAMPION, HOLDOUT, Json, alone, document, estimate, measurement, pinned

PASS, FAIL, NO_DATA, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.NO_DATA, Verdict.ERROR
SET = "sha256:" + "5" * 64


def plan(metric: str, **fields: object) -> Evaluation:
    """Return a plan with one gate on a challenge set."""
    sets = [{"name": "negation", "uri": "mlflow-artifacts:/1/m.json", "digest": SET, "perCase": {"repeats": 3}}]
    data = [{"name": "holdout", "uri": "mlflow-artifacts:/1/h.parquet", "digest": HOLDOUT}]
    gate = {"name": "cases", "metric": metric, "dataset": "negation", **fields}
    return Evaluation.model_validate({"datasets": data, "challengeSets": sets, "gates": [gate]})


def asked(failed: Json, new: Json | None) -> Json:
    """Return what a result says of the set: which cases failed."""
    known = {"name": "negation", "digest": SET, "setName": "negation", "setVersion": "3", "cases": 40, "hidden": 10}
    return {**known, "repeats": 3, "minPassRate": "1.0", "failed": failed, "newlyFailed": new}


def cases(*ids: str, hidden: int = 0, more: int = 0) -> Json:
    return {"visible": len(ids) + more, "hidden": hidden, "ids": list(ids)}


def counted(value: float) -> Json:
    return estimate(value, value, value, "counted")


def found(metric: str, failed: Json, new: Json | None, info: Json | None = None) -> Json:
    """Return a result: 40 cases, of which the champion passes 39."""
    count = failed["visible"] + failed["hidden"]
    known = {"name": "cases", "metric": metric, "dataset": "negation", "n": 40, "denominator": 40}
    if metric == "passRate":
        known |= {"candidate": counted(1 - count / 40), "champion": counted(39 / 40)}
        known |= {"difference": counted(1 / 40 - count / 40)}
    else:
        known |= {"candidate": counted(0.0 if new is None else float(new["visible"] + new["hidden"]))}
    made = measurement(**known)
    return document(made if metric == "passRate" else alone(made), challengeSets=[asked(failed, new) | (info or {})])


def judged(evaluation: Evaluation, result: Json, champion: str | None = CHAMPION) -> tuple[Verdict, str, str]:
    """Return verdict, reason and sentence."""
    reference = None if champion is None else pinned(champion)
    judgement = judge(evaluation, result, candidate=pinned(CANDIDATE), champion=reference)
    return judgement.gates[0].verdict, judgement.reasons[0], judgement.gates[0].message


NONE = cases()
TWO = cases("not-bad", "double-not", hidden=1)


@pytest.mark.parametrize(
    ("metric", "rule", "failed", "new", "want"),
    [
        pytest.param(
            "newFailures",
            {},
            cases("old", hidden=1),
            NONE,
            (PASS, "Cleared", "number of newly failed cases is 0 (counted 0, at most 0 allowed)"),
            id="what the champion fails too is no new failure, and nothing is wrong with 0 of 40",
        ),
        pytest.param(
            "newFailures",
            {},
            TWO,
            cases("not-bad", hidden=1),
            (
                FAIL,
                "Missed",
                "number of newly failed cases is 2 (counted 2, at most 0 allowed); newly failed: not-bad, 1 hidden",
            ),
            id="one seen and one hidden",
        ),
        pytest.param(
            "newFailures", {"max": "2"}, TWO, cases("a", "b"), (PASS, "Cleared", "at most 2 allowed"), id="two may"
        ),
        pytest.param(
            "passRate",
            {"min": "0.925"},
            TWO,
            NONE,
            (PASS, "Cleared", "pass rate fell from 97.5 % to 92.5 % (counted 92.5 %, at least 92.5 required)"),
            id="as many as it must, exactly",
        ),
        pytest.param(
            "passRate",
            {"min": "0.95"},
            TWO,
            NONE,
            (
                FAIL,
                "Missed",
                (
                    "pass rate fell from 97.5 % to 92.5 % (counted 92.5 %, at least 95.0 required); "
                    "failed: not-bad, double-not, 1 hidden"
                ),
            ),
            id="fewer than it must",
        ),
        pytest.param(
            "passRate",
            {"vsChampion": {"maxDrop": "0.02"}},
            TWO,
            NONE,
            (FAIL, "Missed", "(drop 5.0 points, allowed 2.0); failed: not-bad, double-not, 1 hidden"),
            id="too many fewer than the champion",
        ),
        pytest.param(
            "passRate", {"min": "1"}, NONE, NONE, (PASS, "Cleared", "rose from 97.5 % to 100.0 %"), id="all pass"
        ),
        pytest.param(
            "passRate",
            {"min": "1"},
            cases(*(f"case-{number}" for number in range(12)), hidden=3, more=5),
            NONE,
            (FAIL, "Missed", "case-8, case-9, 7 more, 3 hidden"),
            id="the first ten are named",
        ),
        pytest.param(
            "passRate",
            {"min": "1", "minSamples": 41},
            NONE,
            NONE,
            (NO_DATA, "TooFewItems", "only 40 cases"),
            id="too few",
        ),
    ],
)
def test_the_cases_decide(metric: str, rule: Json, failed: Json, new: Json, want: tuple[Verdict, str, str]) -> None:
    verdict, reason, text = judged(plan(metric, **rule), found(metric, failed, new))

    assert (verdict, reason) == want[:2]
    assert want[2] in text


def test_without_a_champion_there_are_no_new_failures_and_that_is_no_pass() -> None:
    result = found("newFailures", TWO, None)
    result["measurements"][0] |= {"denominator": 0, "candidate": None}

    assert judged(plan("newFailures"), result | {"champion": None}, None) == (
        NO_DATA,
        "NoChampion",
        "number of newly failed cases compares with a champion, and there is none",
    )


@pytest.mark.parametrize(
    ("fields", "reason", "text"),
    [
        pytest.param({"digest": HOLDOUT}, "DatasetMismatch", "not the one that the plan pins", id="another set"),
        pytest.param(
            {"name": "irony"}, "DatasetMismatch", "not the one that the plan pins", id="a set of another name"
        ),
        pytest.param({"repeats": 2}, "DatasetMismatch", "asked by another perCase", id="asked less often"),
        pytest.param({"minPassRate": "0.5"}, "DatasetMismatch", "asked by another perCase", id="passed more easily"),
        pytest.param(
            {"cases": 41}, "MeasurementMismatch", "is not that of the 3 failed cases of 41", id="another number"
        ),
        pytest.param(
            {"failed": NONE}, "MeasurementMismatch", "not that of the 0 failed cases", id="none failed, it says"
        ),
    ],
)
def test_what_was_asked_otherwise_is_no_evidence(fields: Json, reason: str, text: str) -> None:
    verdict, why, said = judged(plan("passRate", min="0.9"), found("passRate", TWO, NONE, fields))

    assert (verdict, why) == (ERROR, reason)
    assert text in said


def test_bounds_on_what_is_counted_are_no_evidence() -> None:
    result = found("passRate", TWO, NONE)
    result["measurements"][0]["candidate"] = estimate(0.925, 0.92, 0.93)

    assert judged(plan("passRate", min="0.9"), result)[:2] == (ERROR, "MeasurementMismatch")
