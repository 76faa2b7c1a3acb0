"""Truth tables of the offline gates: rule and evidence in, verdict, reason and sentence out."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.api.verdict import Verdict
from sluice.core.gates.finding import GateReason
from sluice.core.gates.judge import Judgement, judge
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
    pinned,
    source,
)

PASS, FAIL, OPEN, NO_DATA, ERROR = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.NO_DATA,
    Verdict.ERROR,
)
CLEARED, MISSED, UNDECIDED = GateReason.CLEARED, GateReason.MISSED, GateReason.UNDECIDED


def judged(gates: list[Json], found: Json, *, champion: bool = True) -> Judgement:
    reference = pinned(CHAMPION) if champion else None
    return judge(evaluation(*gates), found, candidate=pinned(), champion=reference)


def one(rule: Json, found: Json, *, champion: bool = True) -> tuple[Verdict, GateReason, str]:
    judgement = judged([rule], found, champion=champion)
    return judgement.gates[0].verdict, judgement.reasons[0], judgement.gates[0].message


@pytest.mark.parametrize(
    ("rule", "lower", "upper", "want"),
    [
        pytest.param({"min": "0.60"}, 0.63, 0.69, PASS, id="the lower bound clears the minimum"),
        pytest.param({"min": "0.63"}, 0.63, 0.69, PASS, id="a bound on the minimum reaches it"),
        pytest.param({"min": "0.65"}, 0.63, 0.69, OPEN, id="the minimum lies between the bounds, whatever the point"),
        pytest.param({"min": "0.70"}, 0.63, 0.69, FAIL, id="the upper bound misses the minimum"),
        pytest.param({"max": "0.70"}, 0.63, 0.69, PASS, id="the upper bound is within the maximum"),
        pytest.param({"max": "0.69"}, 0.63, 0.69, PASS, id="a bound on the maximum is within it"),
        pytest.param({"max": "0.67"}, 0.63, 0.69, OPEN, id="the maximum lies between the bounds, whatever the point"),
        pytest.param({"max": "0.60"}, 0.63, 0.69, FAIL, id="the lower bound is beyond the maximum"),
        pytest.param({"min": "0.60", "max": "0.70"}, 0.63, 0.69, PASS, id="both rules hold"),
        pytest.param({"min": "0.65", "max": "0.70"}, 0.63, 0.69, OPEN, id="one rule open, one holds"),
        pytest.param({"min": "0.65", "max": "0.60"}, 0.63, 0.69, FAIL, id="one rule open, one broken"),
    ],
)
def test_absolute_rules_decide_on_bounds(rule: Json, lower: float, upper: float, want: Verdict) -> None:
    found = document(measurement(candidate=estimate(0.66, lower, upper)))

    assert judged([gate(**rule)], found).verdict == want


@pytest.mark.parametrize(
    ("rule", "difference", "want"),
    [
        pytest.param({"maxDrop": "0.01"}, (0.01, -0.005, 0.025), PASS, id="a drop beyond the margin is ruled out"),
        pytest.param({"maxDrop": "0.005"}, (0.01, -0.005, 0.025), PASS, id="a bound on the margin is within it"),
        pytest.param({"maxDrop": "0.004"}, (0.01, -0.005, 0.025), OPEN, id="better in the data, and yet not proved"),
        pytest.param({"maxDrop": "0"}, (-0.01, -0.02, 0.001), OPEN, id="worse in the data, and yet not proved"),
        pytest.param({"maxDrop": "0.01"}, (-0.02, -0.03, -0.011), FAIL, id="a drop beyond the margin is proved"),
        pytest.param({"maxRise": "0.02"}, (0.0, -0.01, 0.01), PASS, id="a rise beyond the margin is ruled out"),
        pytest.param({"maxRise": "0.02"}, (0.01, -0.01, 0.03), OPEN, id="the margin lies between the bounds"),
        pytest.param({"maxRise": "0.02"}, (0.05, 0.021, 0.08), FAIL, id="a rise beyond the margin is proved"),
        pytest.param({"maxRise": "0.02"}, (-0.3, -0.4, -0.2), PASS, id="a fall is no rise"),
    ],
)
def test_the_rule_against_the_champion_decides_on_bounds(
    rule: Json, difference: tuple[float, float, float], want: Verdict
) -> None:
    found = document(measurement(difference=estimate(*difference)), cell_measurement(difference=estimate(*difference)))
    on = cell_gate if "maxRise" in rule else gate

    assert judged([on(vsChampion=rule)], found).verdict == want


DROP: Json = {"vsChampion": {"maxDrop": "0.01"}}
RISE: Json = {"vsChampion": {"maxRise": "0.01"}}


@pytest.mark.parametrize(
    ("rule", "found", "want"),
    [
        pytest.param(
            gate(**DROP), document(), (ERROR, "MetricMissing", "accuracy is missing from the result"), id="missing"
        ),
        pytest.param(
            gate(**DROP),
            document(measurement(metric="f1")),
            (ERROR, "MeasurementMismatch", "the result holds another metric under this gate's name"),
            id="another metric",
        ),
        pytest.param(
            cell_gate(**RISE),
            document(cell_measurement(params={"actual": "positive", "predicted": "negative"})),
            (ERROR, "MeasurementMismatch", "the result holds another set of params under this gate's name"),
            id="another cell",
        ),
        pytest.param(
            gate(**DROP),
            document(measurement(level=0.5)),
            (ERROR, "MeasurementMismatch", "the result holds another confidence level under this gate's name"),
            id="a laxer confidence than the plan's",
        ),
        pytest.param(
            gate(**DROP),
            document(measurement(dataset="easy")),
            (ERROR, "MeasurementMismatch", "the result holds another dataset under this gate's name"),
            id="another data set",
        ),
        pytest.param(
            gate(**DROP),
            document(measurement(), datasets=[source(digest="sha256:" + "0" * 64)]),
            (ERROR, "DatasetMismatch", "data set holdout that was measured on is not the one that the plan pins"),
            id="the data set has other bytes",
        ),
        *(
            pytest.param(
                gate(**DROP),
                document(measurement(), datasets=[source(**{role: column})]),
                (
                    ERROR,
                    "DatasetMismatch",
                    f"data set holdout was measured by another {role} column than columns.{role} of the plan",
                ),
                id=f"measured with {role} {column}",
            )
            for role, column in (("label", "other"), ("query", None), ("cluster", "user"), ("id", "sku"))
        ),
        pytest.param(
            gate(**DROP),
            document(measurement(), datasets=[]),
            (ERROR, "DatasetMismatch", "data set holdout that was measured on is not the one that the plan pins"),
            id="no data set is named",
        ),
        pytest.param(
            gate(**DROP, minSamples=1001),
            document(measurement()),
            (NO_DATA, "TooFewItems", "only 1,000 items, minSamples requires 1,001"),
            id="one item too few",
        ),
        pytest.param(
            cell_gate(**RISE, minSamples=451),
            document(cell_measurement()),
            (NO_DATA, "TooFewItems", "only 450 negative items, minSamples requires 451"),
            id="enough rows, and too few of the class",
        ),
        pytest.param(
            cell_gate(**RISE, minSamples=1),
            document(cell_measurement(denominator=0, candidate=None, champion=None, difference=None)),
            (NO_DATA, "TooFewItems", "only 0 negative items, minSamples requires 1"),
            id="none of the class",
        ),
        pytest.param(
            gate(**DROP),
            document(alone(measurement())),
            (ERROR, "MetricMissing", "accuracy has no value in the result"),
            id="a champion, and no comparison with it",
        ),
        pytest.param(
            gate(min="0.1"),
            document(measurement(candidate=None)),
            (ERROR, "MetricMissing", "accuracy has no value in the result"),
            id="no value at all",
        ),
        pytest.param(
            gate(min="0.1"),
            document(measurement(), candidate={"name": "shop", "version": "2", "digest": CHAMPION}),
            (ERROR, "ModelMismatch", "the result is about another candidate than the one under decision"),
            id="another candidate",
        ),
        pytest.param(
            gate(min="0.1"),
            document(alone(measurement()), champion=None),
            (ERROR, "ModelMismatch", "the result is about another champion than the one under decision"),
            id="the champion was left out",
        ),
    ],
)
def test_what_is_no_evidence_is_no_pass(rule: Json, found: Json, want: tuple[Verdict, str, str]) -> None:
    assert one(rule, found) == want


def test_without_champion_only_absolute_rules_are_judged() -> None:
    found = document(alone(measurement()), champion=None)

    assert one(gate(min="0.6", **DROP), found, champion=False) == (
        PASS,
        GateReason.NO_CHAMPION,
        (
            "accuracy is 66.0 % (95 % lower bound 63.0 %, at least 60.0 required; NoChampion: nothing to compare with,"
            " only min and max are judged)"
        ),
    )
    assert one(gate(min="0.7", **DROP), found, champion=False)[:2] == (FAIL, MISSED)
    assert one(gate(**DROP), found, champion=False) == (
        NO_DATA,
        GateReason.NO_CHAMPION,
        "accuracy is 66.0 % (there is no champion to compare with, and the gate has neither min nor max: add one)",
    )


def test_a_result_with_a_champion_that_nobody_named_is_not_believed() -> None:
    assert one(gate(min="0.1"), document(measurement()), champion=False)[1] == GateReason.MODEL_MISMATCH


@pytest.mark.parametrize(
    ("rule", "found", "want"),
    [
        pytest.param(
            cell_gate(vsChampion={"maxRise": "0.02"}),
            document(
                cell_measurement(
                    candidate=estimate(0.216, 0.18, 0.25),
                    champion=estimate(0.15, 0.12, 0.18),
                    difference=estimate(0.066, 0.045, 0.09),
                )
            ),
            "negative→positive rose from 15.0 % to 21.6 % (95 % lower bound of the rise 4.5 points, allowed 2.0)",
            id="a rise that is proved",
        ),
        pytest.param(
            gate(vsChampion={"maxDrop": "0.01"}),
            document(measurement()),
            "accuracy rose from 65.0 % to 66.0 % (95 % upper bound of the drop 0.5 points, allowed 1.0)",
            id="a drop that is ruled out",
        ),
        pytest.param(
            gate(vsChampion={"maxDrop": "0.0025"}, confidence={"level": "0.99"}),
            document(
                measurement(
                    level=0.99,
                    candidate=estimate(0.65, 0.6, 0.7),
                    difference=estimate(0.0, -0.0, 0.01),
                )
            ),
            "accuracy stayed at 65.0 % (99 % upper bound of the drop 0.0 points, allowed 0.25)",
            id="no change, another level, an odd limit",
        ),
        pytest.param(
            gate(vsChampion={"maxDrop": "0.01"}),
            document(
                measurement(
                    candidate_failures=12,
                    candidate=estimate(0.64, 0.6, 0.7),
                    difference=estimate(-0.01, -0.02, -0.001),
                    candidateFailures=12,
                )
            ),
            "accuracy fell from 65.0 % to 64.0 %, the candidate failed on 12 of 1,000 items (95 % upper bound of the"
            " drop 2.0 points, allowed 1.0: it lies at the limit, no practical number of items would tell)",
            id="items that the candidate failed on",
        ),
        pytest.param(
            gate(max="0.001", minSamples=300),
            document(measurement(n=300, denominator=300, candidate=estimate(0.0, 0.0, 0.00994))),
            "accuracy fell from 65.0 % to 0.0 % (0 of 300) (95 % upper bound 1.0 %, at most 0.1 allowed: about 2,995"
            " items would tell)",
            id="none of 300 proves little",
        ),
        pytest.param(
            cell_gate(max="0.0001"),
            document(alone(cell_measurement(candidate=estimate(0.0002, 0.00015, 0.0003))), champion=None),
            "negative→positive is 0.02 % (95 % lower bound 0.015 %, at most 0.01 allowed)",
            id="small shares keep their digits",
        ),
        pytest.param(
            gate(vsChampion={"maxDrop": "0.02"}),
            document(
                measurement(
                    candidate=estimate(0.6498, 0.6, 0.7),
                    champion=estimate(0.6502, 0.6, 0.7),
                    difference=estimate(-0.03, -0.05, -0.02004),
                )
            ),
            ("accuracy fell from 65.02 % to 64.98 % (95 % lower bound of the drop 2.004 points, allowed 2.0)"),
            id="as many digits as it takes to see the difference",
        ),
        pytest.param(
            gate(min="0.65"),
            document(alone(measurement(candidate=estimate(0.66, 0.65, 0.69))), champion=None),
            "accuracy is 66.0 % (95 % lower bound 65.0 %, at least 65.0 required)",
            id="and no more where there is none",
        ),
    ],
)
def test_sentences(rule: Json, found: Json, want: str) -> None:
    assert one(rule, found, champion="champion" in found)[2] == want


@pytest.mark.parametrize(
    ("found", "want"),
    [
        pytest.param(
            document(measurement(), cell_measurement()),
            (
                PASS,
                (
                    "2 of 2 gates passed: accuracy rose from 65.0 % to 66.0 % (95 % upper bound of the drop 0.5 points,"
                    " allowed 1.0); cell: negative→positive stayed at 15.0 % (95 % upper bound of the rise 1.0 points,"
                    " allowed 2.0)"
                ),
            ),
            id="all pass",
        ),
        pytest.param(
            document(measurement(), cell_measurement(difference=estimate(0.05, 0.03, 0.07))),
            (
                FAIL,
                (
                    "1 of 2 gates failed: cell: negative→positive stayed at 15.0 % (95 % lower bound of the rise 3.0"
                    " points, allowed 2.0)"
                ),
            ),
            id="one fails: the whole fails and names it",
        ),
        pytest.param(
            document(cell_measurement(difference=estimate(0.05, 0.03, 0.07))),
            (
                FAIL,
                (
                    "1 of 2 gates failed: cell: negative→positive stayed at 15.0 % (95 % lower bound of the rise 3.0"
                    " points, allowed 2.0)"
                ),
            ),
            id="proof of harm outranks a missing metric",
        ),
        pytest.param(
            document(cell_measurement()),
            (ERROR, "1 of 2 gates could not be judged: accuracy is missing from the result"),
            id="a missing metric outranks a pass",
        ),
    ],
)
def test_the_whole(found: Json, want: tuple[Verdict, str]) -> None:
    gates = [gate(vsChampion={"maxDrop": "0.01"}), cell_gate(vsChampion={"maxRise": "0.02"})]
    judgement = judged(gates, found)

    assert (judgement.verdict, judgement.message) == want


def test_the_decision_digest_depends_on_rules_models_and_evidence() -> None:
    found, other = document(measurement()), document(measurement(candidate=estimate(0.66, 0.62, 0.69)))
    rules: list[Json] = [
        {},
        {"min": "0.2"},
        {"confidence": {"level": "0.9"}},
        {"tier": 1},
        {"minSamples": 99},
        {"onInsufficient": "Fail"},
        {"vsChampion": {"maxGain": "0.1"}},
        {"vsChampion": {"maxGain": "0.1", "relative": True}},
    ]
    decisions = [judged([gate(**{"min": "0.1", **rule})], found) for rule in rules]
    decisions += [
        judged([gate(min="0.1"), gate(name="advice", min="0.1", severity=severity)], found)
        for severity in ("Advisory", "Blocking")
    ]
    decisions += [
        judged([gate(min="0.1")], other),
        judge(evaluation(gate(min="0.1")), found, candidate=pinned(), champion=None),
    ]

    assert len({decision.decision_digest for decision in decisions}) == len(decisions)
    slower = document(measurement(), timings={"data": 9.0})
    assert judged([gate(min="0.1")], slower).decision_digest == decisions[0].decision_digest


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
_FIELDS = st.sampled_from(["schemaVersion", "candidate", "champion", "datasets", "measurements", "timings", "x"])


@settings(deadline=None)
@given(st.dictionaries(_FIELDS, _JSON))
def test_no_document_makes_it_raise_or_pass_by_accident(changes: dict[str, Any]) -> None:
    found = document(measurement()) | changes
    judgement = judged([gate(min="0.65")], found)

    assert judgement.verdict in {OPEN, ERROR}
    assert judgement == judged([gate(min="0.65")], found)
