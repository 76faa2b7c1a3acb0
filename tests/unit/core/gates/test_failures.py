"""Truth tables of models that raise errors on items: nothing passes on an arm that answered nothing."""

from typing import Any

import pytest

from sluice.api.verdict import Verdict
from sluice.core.gates.finding import GateReason
from sluice.core.gates.judge import judge
from sluice.core.manifests.job import measurement_wanted
from sluice.evaluation.measuring import measure
from tests.support.evaluations import (
    CHAMPION,
    Json,
    alone,
    cell_gate,
    cell_measurement,
    document,
    estimate,
    evaluation,
    gate,
    measurement,
    part,
    pinned,
    sliced,
)
from tests.unit.evaluation.builders import Said, numbers, scored

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
DROP: Json = {"vsChampion": {"maxDrop": "0.02"}}
FLIPS: Json = {"metric": "flipRate", "params": {"from": "negative", "to": "positive"}}
NOTHING = estimate(0.0, 0.0, 0.003)
SAME = estimate(0.0, -0.003, 0.003)
BOTH_SILENT = measurement(candidate=NOTHING, champion=NOTHING, difference=SAME)


def failed(candidate: int = 0, champion: int = 0, made: Json | None = None) -> Json:
    """Return a measurement with so many items on which each model failed."""
    return (made or measurement()) | {"candidateFailures": candidate, "championFailures": champion}


def one(rule: Json, found: Json, *, champion: bool = True) -> tuple[Verdict, GateReason, str]:
    """Return verdict, reason and sentence of one gate."""
    reference = pinned(CHAMPION) if champion else None
    made = document(found, **({} if champion else {"champion": None}))
    judgement = judge(evaluation(rule), made, candidate=pinned(), champion=reference)
    return judgement.gates[0].verdict, judgement.reasons[0], judgement.gates[0].message


@pytest.mark.parametrize(
    ("rule", "found", "want"),
    [
        pytest.param(gate(**DROP), failed(champion=10), PASS, id="the champion fails on one item in a hundred"),
        pytest.param(gate(**DROP), failed(champion=11), ERROR, id="the champion fails on one more"),
        pytest.param(gate(**DROP), failed(champion=1000), ERROR, id="the champion fails everywhere"),
        pytest.param(gate(**DROP), failed(1000, 1000, BOTH_SILENT), ERROR, id="both fail everywhere"),
        pytest.param(gate(**DROP), failed(500, 500), ERROR, id="both fail on the same half"),
        pytest.param(gate(min="0.6"), failed(champion=1000), PASS, id="what the champion does is nothing to a minimum"),
        pytest.param(gate(min="0.6", **DROP), failed(champion=11), ERROR, id="a minimum does not make it fair"),
        pytest.param(gate(min="0.7", **DROP), failed(champion=11), FAIL, id="proof of harm outranks what is unfair"),
        pytest.param(
            cell_gate(vsChampion={"maxRise": "0.02"}),
            failed(champion=4, made=cell_measurement()),
            PASS,
            id="one in a hundred of the class, were all its failures there",
        ),
        pytest.param(
            cell_gate(vsChampion={"maxRise": "0.02"}),
            failed(champion=5, made=cell_measurement()),
            ERROR,
            id="more than that of the class",
        ),
        pytest.param(
            gate(minSamples=1, **DROP),
            failed(champion=1, made=measurement(n=40, denominator=40)),
            PASS,
            id="one of few may fail",
        ),
        pytest.param(
            gate(minSamples=1, **DROP),
            failed(champion=1, made=measurement(n=1, denominator=1)),
            ERROR,
            id="not one of one",
        ),
        pytest.param(
            gate(max="0.9", **FLIPS),
            failed(champion=11, made=alone(measurement(**FLIPS))),
            ERROR,
            id="flips from what the champion does not say",
        ),
        pytest.param(gate(**DROP), failed(999), PASS, id="the candidate's failures are in its numbers"),
        pytest.param(gate(max="0.9"), failed(1000), ERROR, id="a candidate that says nothing passes nothing"),
        pytest.param(
            gate(**DROP),
            failed(1000, made=measurement(candidate=NOTHING, difference=estimate(-0.65, -0.68, -0.62))),
            FAIL,
            id="and fails where that is worse",
        ),
    ],
)
def test_nothing_passes_on_an_arm_that_failed(rule: Json, found: Json, want: Verdict) -> None:
    assert one(rule, found)[0] is want


@pytest.mark.parametrize(
    ("rule", "found", "reason", "want"),
    [
        pytest.param(
            cell_gate(vsChampion={"maxRise": "0.02"}),
            failed(champion=30, made=cell_measurement()),
            GateReason.CHAMPION_FAILED,
            "negative→positive stayed at 15.0 % (the champion failed on 30 of 1,000 items, a fair comparison of 450 "
            "negative items allows 4: cure the errors that the report of the evaluation shows, or have gates compare "
            "with nothing (min, max))",
            id="the champion",
        ),
        pytest.param(
            gate(max="0.9"),
            failed(1000),
            GateReason.CANDIDATE_FAILED,
            "accuracy rose from 65.0 % to 66.0 %, the candidate failed on 1,000 of 1,000 items (a candidate that "
            "answers no item was not measured: cure the errors that the report of the evaluation shows)",
            id="the candidate",
        ),
        pytest.param(
            gate(**DROP),
            failed(1000, 1000, BOTH_SILENT),
            GateReason.CHAMPION_FAILED,
            "accuracy stayed at 0.0 % (0 of 1,000), the candidate failed on 1,000 of 1,000 items (a candidate that "
            "answers no item was not measured: cure the errors that the report of the evaluation shows; the champion "
            "failed on 1,000 of 1,000 items, a fair comparison of 1,000 items allows 10: cure the errors that the "
            "report of the evaluation shows, or have gates compare with nothing (min, max))",
            id="both",
        ),
    ],
)
def test_it_says_which_arm_failed_on_how_many_and_what_to_do(
    rule: Json, found: Json, reason: GateReason, want: str
) -> None:
    assert one(rule, found) == (ERROR, reason, want)


def test_without_a_champion_a_silent_candidate_passes_nothing() -> None:
    assert one(gate(max="0.9"), failed(1000, made=alone(measurement())), champion=False)[0] is ERROR


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param({"championFailures": 2}, (PASS, ""), id="one in a hundred of the slice"),
        pytest.param({"championFailures": 3}, (ERROR, "language=fr"), id="more than that"),
        pytest.param({"candidateFailures": 200}, (ERROR, "language=fr"), id="no answer in the slice"),
    ],
)
def test_what_is_unfair_in_one_slice_is_no_pass(fields: Json, want: tuple[Verdict, str]) -> None:
    fine = {"n": 1000, "denominator": 1000}
    found = sliced(part("language=de", **fine), part("language=fr", **fields))
    rule = gate(slices={"by": [{"column": "language"}]}, **DROP)

    judgement = judge(evaluation(rule), document(found), candidate=pinned(), champion=pinned(CHAMPION))

    assert (judgement.gates[0].verdict, judgement.gates[0].slice) == want


ITEMS = 1000
SILENT = [None] * ITEMS
LABELS = ["a", "b"] * (ITEMS // 2)
TRUTH = [0.0, 1.0] * (ITEMS // 2)


@pytest.mark.parametrize(
    ("metric", "rule", "labels", "models"),
    [
        pytest.param("accuracy", DROP, LABELS, (SILENT, SILENT), id="both raise on each item"),
        pytest.param("accuracy", DROP, LABELS, (LABELS, SILENT), id="the champion raises on each item"),
        pytest.param("balancedAccuracy", DROP, LABELS, (SILENT, SILENT), id="both, of a mean over classes"),
        pytest.param(
            "mae", {"max": "2"}, TRUTH, (numbers(*SILENT), numbers(*TRUTH)), id="an error as large as the worst"
        ),
    ],
)
def test_from_answers_to_verdict(metric: str, rule: Json, labels: list[Any], models: tuple[Said, Said]) -> None:
    plan = evaluation(gate(metric=metric, **rule))
    found = measure(measurement_wanted(plan.gates[0]), scored(labels, *models))

    made = document(found.model_dump(mode="json", by_alias=True))
    judgement = judge(plan, made, candidate=pinned(), champion=pinned(CHAMPION))

    assert judgement.verdict is ERROR
