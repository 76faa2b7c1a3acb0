"""Truth tables of the comparison with the champion: no worse, better, not suspiciously better, parts, units."""

import json

import pytest

from sluice.api.verdict import Verdict
from sluice.core.gates.finding import GateReason
from sluice.core.gates.judge import judge
from tests.support.evaluations import CHAMPION, Json, alone, document, estimate, evaluation, gate, measurement, pinned
from tests.support.offline_cases import METRICS, OF_CASES

PASS, FAIL, OPEN, NO_DATA, ERROR = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.NO_DATA,
    Verdict.ERROR,
)
Spans = tuple[float, float, float]
PARAMS: dict[str, Json] = {
    "ndcg": {"k": 10},
    "rocAuc": {"class": "fraud"},
    "recallAtFpr": {"class": "fraud", "fpr": "0.001"},
    "flipRate": {"from": "approve", "to": "decline"},
}


def judged(
    metric: str, rule: Json, difference: Spans, champion: Spans = (0.65, 0.62, 0.68), **found: object
) -> tuple[Verdict, str, str]:
    """Return verdict, reason and sentence of one gate on a difference to the champion."""
    params = PARAMS.get(metric, {})
    measured = measurement(
        metric=metric,
        params={name: str(value) for name, value in params.items()},
        candidate=estimate(champion[0] + difference[0], -9_000.0, 9_000.0),
        champion=estimate(*champion),
        difference=estimate(*difference),
        **found,
    )
    plan = evaluation(gate(metric=metric, params=params, **rule))
    judgement = judge(plan, document(measured), candidate=pinned(), champion=pinned(CHAMPION))
    return judgement.gates[0].verdict, judgement.reasons[0], judgement.gates[0].message


@pytest.mark.parametrize(
    ("metric", "rule", "difference", "want"),
    [
        pytest.param("accuracy", {"minGain": "0"}, (0.01, 0.001, 0.02), PASS, id="better is proved"),
        pytest.param("accuracy", {"minGain": "0"}, (0.01, 0.0, 0.02), PASS, id="a bound on the limit reaches it"),
        pytest.param("accuracy", {"minGain": "0"}, (0.01, -0.001, 0.02), OPEN, id="better in the data, not proved"),
        pytest.param("accuracy", {"minGain": "0.03"}, (0.01, 0.001, 0.02), FAIL, id="not so much better, proved"),
        pytest.param("mae", {"minGain": "2"}, (-5.0, -7.0, -3.0), PASS, id="a lower error is a gain"),
        pytest.param("mae", {"minGain": "2"}, (5.0, 3.0, 7.0), FAIL, id="a higher error is none"),
        pytest.param("mae", {"minGain": "2"}, (-2.5, -4.0, -1.0), OPEN, id="a lower error, by too little to tell"),
        pytest.param("accuracy", {"maxGain": "0.1"}, (0.01, -0.01, 0.03), PASS, id="a believable gain"),
        pytest.param("accuracy", {"maxGain": "0.1"}, (-0.3, -0.4, -0.2), PASS, id="a loss is not suspicious"),
        pytest.param("accuracy", {"maxGain": "0.1"}, (0.2, 0.15, 0.25), FAIL, id="too good to be true"),
        pytest.param("accuracy", {"maxGain": "0.1"}, (0.09, 0.05, 0.12), OPEN, id="perhaps too good"),
        pytest.param("mae", {"maxGain": "4"}, (-5.0, -5.5, -4.5), FAIL, id="an error that fell too far"),
        pytest.param("mae", {"maxRise": "4", "maxGain": "4"}, (3.0, 2.0, 4.0), PASS, id="two limits, both hold"),
        pytest.param("mae", {"maxRise": "4", "maxGain": "4"}, (-5.0, -5.5, -4.5), FAIL, id="two limits, one broken"),
        pytest.param(
            "accuracy", {"maxDrop": "0.02", "minGain": "0"}, (0.001, -0.01, 0.02), OPEN, id="no worse, not better"
        ),
    ],
)
def test_gains(metric: str, rule: Json, difference: Spans, want: Verdict) -> None:
    assert judged(metric, {"vsChampion": rule}, difference)[0] == want


TENTH: Json = {"maxRise": "0.1", "relative": True}
TWENTY = (20.0, 18.0, 22.0)


@pytest.mark.parametrize(
    ("rule", "difference", "champion", "want"),
    [
        pytest.param(TENTH, (1.0, 0.5, 1.8), TWENTY, PASS, id="within a tenth of the least that the champion has"),
        pytest.param(TENTH, (1.0, 0.5, 1.9), TWENTY, OPEN, id="within a tenth of the champion's estimate only"),
        pytest.param(TENTH, (3.0, 2.1, 4.0), TWENTY, OPEN, id="beyond a tenth of the champion's estimate only"),
        pytest.param(TENTH, (3.0, 2.3, 4.0), TWENTY, FAIL, id="beyond a tenth of the most that the champion has"),
        pytest.param(TENTH, (-9.0, -9.5, -8.0), TWENTY, PASS, id="a fall is no rise"),
        pytest.param(
            {"minGain": "0.1", "relative": True}, (-3.0, -3.5, -2.2), TWENTY, PASS, id="better by a tenth of the most"
        ),
        pytest.param(
            {"minGain": "0.1", "relative": True}, (-3.0, -3.5, -2.1), TWENTY, OPEN, id="better by nearly a tenth"
        ),
        pytest.param(TENTH, (1.0, 0.5, 1.8), (0.0, 0.0, 0.0), ERROR, id="a part of nothing"),
        pytest.param(TENTH, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), ERROR, id="a part of nothing, and no change"),
        pytest.param(TENTH, (0.0, 0.0, 0.0), (1.0, -0.5, 1.5), PASS, id="no change, of next to nothing"),
        pytest.param(TENTH, (0.0, 0.0, 0.01), (1.0, -0.5, 1.5), OPEN, id="a part of what may be nothing"),
    ],
)
def test_parts_of_the_champion(rule: Json, difference: Spans, champion: Spans, want: Verdict) -> None:
    assert judged("mae", {"vsChampion": rule}, difference, champion)[0] == want


def test_a_part_of_nothing_fails_closed_and_says_what_to_do() -> None:
    assert judged("mae", {"max": "9000", "vsChampion": TENTH}, (1.0, 0.5, 1.8), (0.0, 0.0, 0.0)) == (
        ERROR,
        GateReason.ZERO_BASELINE,
        (
            "mean absolute error rose from 0 to 1.000 (the champion's value is 0, of which no part can be allowed: use"
            " limits that are not relative)"
        ),
    )


@pytest.mark.parametrize(
    ("metric", "rule", "difference", "champion", "want"),
    [
        pytest.param(
            "accuracy",
            {"maxGain": "0.1"},
            (0.2, 0.15, 0.25),
            (0.65, 0.62, 0.68),
            (
                "accuracy rose from 65.0 % to 85.0 % (95 % lower bound of the gain 15.0 points, allowed 10.0:"
                " suspiciously good, look for items of the set in the training data)"
            ),
            id="the alarm for leaks",
        ),
        pytest.param(
            "ndcg",
            {"maxDrop": "0.003"},
            (-0.0002, -0.0041, 0.0036),
            (0.35, 0.33, 0.37),
            (
                "NDCG@10 fell from 0.3500 to 0.3498 (95 % upper bound of the drop 0.0041, allowed 0.003: about 4,434"
                " queries would tell)"
            ),
            id="a ranking, in its own unit and in queries",
        ),
        pytest.param(
            "ndcg",
            {"maxDrop": "0.005"},
            (-0.0106, -0.0149, -0.0063),
            (0.35, 0.33, 0.37),
            "NDCG@10 fell from 0.3500 to 0.3394 (95 % lower bound of the drop 0.0063, allowed 0.005)",
            id="a noisy ranker",
        ),
        pytest.param(
            "recallAtFpr",
            {"maxDrop": "0.02"},
            (-0.06, -0.09, -0.03),
            (0.7, 0.65, 0.75),
            (
                "recall of fraud at 0.1 % false positives fell from 70.0 % to 64.0 % (95 % lower bound of the drop 3.0"
                " points, allowed 2.0)"
            ),
            id="recall at a rate of false positives",
        ),
        pytest.param(
            "rocAuc",
            {"minGain": "0"},
            (0.0, -0.001, 0.001),
            (0.91, 0.9, 0.92),
            (
                "ROC AUC of fraud stayed at 0.9100 (95 % lower bound of the gain -0.0010, at least 0 required: it lies"
                " at the limit, no practical number of items would tell)"
            ),
            id="no difference at all",
        ),
        pytest.param(
            "rmse",
            {"maxRise": "0.05", "relative": True},
            (150.0, 130.0, 170.0),
            (1234.5, 1200.0, 1270.0),
            (
                "root mean squared error rose from 1,234 to 1,384 (95 % lower bound of the rise 130.0, allowed 5.0 % of"
                " the champion's, 63.50)"
            ),
            id="a part, in the unit of the data",
        ),
    ],
)
def test_sentences_in_units(metric: str, rule: Json, difference: Spans, champion: Spans, want: str) -> None:
    assert judged(metric, {"vsChampion": rule}, difference, champion)[2] == want


@pytest.mark.parametrize("metric", [metric for metric in METRICS if metric not in OF_CASES])
def test_every_metric_has_its_words(metric: str) -> None:
    params = {name: value if isinstance(value, str) else json.dumps(value) for name, value in METRICS[metric].items()}
    plan = evaluation(gate(metric=metric, params=METRICS[metric], max="0.1"))
    flat = plan.gates[0].params.flat()
    (one,) = judge(
        plan,
        document(measurement(metric=metric, params=flat, candidate=estimate(0.3, 0.2, 0.4))),
        candidate=pinned(),
        champion=pinned(CHAMPION),
    ).gates

    named = [text for name, text in params.items() if name in {"class", "actual", "predicted", "from", "to", "k"}]
    assert one.verdict == FAIL
    assert [text for text in named if text not in one.message] == []
    assert not set("{}") & set(one.message)


PAIRS: Json = {"both": 600, "candidateOnly": 12, "championOnly": 80, "neither": 308}


def test_a_failure_counts_the_items_that_are_newly_wrong() -> None:
    failed = judged("accuracy", {"vsChampion": {"maxDrop": "0.01"}}, (-0.068, -0.08, -0.05), pairs=PAIRS)
    passed = judged("accuracy", {"vsChampion": {"maxDrop": "0.1"}}, (-0.068, -0.08, -0.05), pairs=PAIRS)

    assert failed[2].endswith("allowed 1.0); 80 items newly wrong, 12 newly right")
    assert passed[2].endswith("allowed 10.0)")


def flips(champion: str | None, **rule: object) -> tuple[Verdict, str, str]:
    """Return what came of a gate on flips, which are one number."""
    params = PARAMS["flipRate"]
    flipped = estimate(0.05, 0.04, 0.06)
    measured = measurement(
        metric="flipRate", params=params, candidate=flipped, champion=estimate(0, 0, 0), difference=flipped
    )
    nothing = alone(measured | {"denominator": 0, "candidate": None})
    found = document(measured) if champion else document(nothing, champion=None)
    plan = evaluation(gate(metric="flipRate", params=params, **rule))
    reference = pinned(champion) if champion else None
    judgement = judge(plan, found, candidate=pinned(), champion=reference)
    return judgement.gates[0].verdict, judgement.reasons[0], judgement.gates[0].message


def test_flips_are_judged_by_themselves() -> None:
    text = "share of flips approve→decline is 5.0 % (95 % lower bound 4.0 %, at most 1.0 allowed)"

    assert flips(CHAMPION, max="0.01") == (FAIL, GateReason.MISSED, text)
    assert flips(CHAMPION, max="0.06")[:2] == (PASS, GateReason.CLEARED)


def test_flips_without_a_champion_prove_nothing() -> None:
    assert flips(None, max="0.5") == (
        NO_DATA,
        GateReason.NO_CHAMPION,
        "share of flips approve→decline compares with a champion, and there is none",
    )


def test_flips_are_counted_among_what_the_champion_says() -> None:
    assert flips(CHAMPION, max="0.5", minSamples=1001)[2] == (
        "only 1,000 items that the champion calls approve, minSamples requires 1,001"
    )
