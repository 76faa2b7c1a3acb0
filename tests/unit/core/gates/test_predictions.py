"""Predictions and raters in a data set are evidence for the models that they are of, and only those the plan names."""

from typing import Any

import pytest

from sluice.api.verdict import Verdict
from sluice.core.gates.judge import Judgement, judge
from tests.support.evaluations import CANDIDATE, CHAMPION, document, evaluation, gate, measurement, pinned, source

DROP = {"vsChampion": {"maxDrop": "0.01"}}


def said(*digests: str) -> list[dict[str, Any]]:
    return [{"digest": digest, "columns": [f"column {number}"]} for number, digest in enumerate(digests)]


def judged(planned: list[dict[str, Any]], read: list[dict[str, Any]]) -> Judgement:
    plan = evaluation(gate(**DROP), predictions=planned)
    found = document(measurement(), datasets=[source(predictions=read)])
    return judge(plan, found, candidate=pinned(), champion=pinned(CHAMPION))


@pytest.mark.parametrize(
    ("digests", "want"),
    [
        pytest.param((CANDIDATE, CHAMPION), (Verdict.PASS, "1 of 1 gates passed"), id="of both"),
        pytest.param(
            (CANDIDATE,), (Verdict.ERROR, "data set holdout has predictions, and none of the champion"), id="of one"
        ),
        pytest.param(
            (CHAMPION,),
            (Verdict.ERROR, "data set holdout has predictions, and none of the candidate"),
            id="of another",
        ),
    ],
)
def test_predictions_of_other_models_are_no_evidence(digests: tuple[str, ...], want: tuple[Verdict, str]) -> None:
    judgement = judged(said(*digests), said(*digests))

    assert judgement.verdict == want[0]
    assert want[1] in judgement.message


@pytest.mark.parametrize(
    ("planned", "read"),
    [
        pytest.param([], said(CANDIDATE, CHAMPION), id="the plan knows none"),
        pytest.param(said(CANDIDATE, CHAMPION), [], id="the models were asked"),
        pytest.param(said(CANDIDATE, CHAMPION), said(CHAMPION, CANDIDATE), id="the other way round"),
    ],
)
def test_other_predictions_than_the_plans_are_no_evidence(planned: Any, read: Any) -> None:
    judgement = judged(planned, read)

    assert judgement.verdict == Verdict.ERROR
    assert "was measured by other predictions than columns.predictions of the plan" in judgement.message


def test_the_words_of_other_raters_than_the_plans_are_no_evidence() -> None:
    found = document(measurement(), datasets=[source(raters=["ben", "anna"])])
    judgement = judge(
        evaluation(gate(**DROP), raters=["anna", "ben"]), found, candidate=pinned(), champion=pinned(CHAMPION)
    )

    assert judgement.verdict == Verdict.ERROR
    assert "was measured by other raters than columns.raters of the plan" in judgement.message
