"""Truth tables of what a verdict weighs: severity, tiers, and sets that are too small."""

import pytest

from sluice.api.verdict import Severity, Verdict
from sluice.core.gates.finding import GateReason
from sluice.core.gates.judge import MESSAGE_LIMIT, Judgement, judge
from sluice.core.timeline import gate_line
from tests.support.evaluations import CHAMPION, Json, document, estimate, evaluation, gate, measurement, pinned

PASS, FAIL, OPEN, NO_DATA, ERROR = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.NO_DATA,
    Verdict.ERROR,
)
VALUES = {PASS: (0.9, 0.8, 1.0), FAIL: (0.3, 0.2, 0.4), OPEN: (0.6, 0.4, 0.7)}
"""Estimates with their bounds that make "at least 0.5" pass, fail, or stay open."""


def judged(*wanted: tuple[Json, Verdict]) -> Judgement:
    """Return the judgement on gates of which each comes to a wanted verdict (Error: it was not measured)."""
    gates = [gate(name=f"gate-{number}", min="0.5", **fields) for number, (fields, _) in enumerate(wanted, start=1)]
    measured = [
        measurement(name=f"gate-{number}", candidate=estimate(*VALUES[verdict]))
        for number, (_, verdict) in enumerate(wanted, start=1)
        if verdict in VALUES
    ]
    return judge(evaluation(*gates), document(*measured), candidate=pinned(), champion=pinned(CHAMPION))


ADVISORY: Json = {"severity": "Advisory"}
LATER: Json = {"tier": 1}


@pytest.mark.parametrize(
    ("gates", "want"),
    [
        pytest.param([({}, PASS), (ADVISORY, FAIL)], PASS, id="an advisory failure stops nothing"),
        pytest.param([({}, PASS), (ADVISORY, ERROR)], PASS, id="nor does advice that could not be judged"),
        pytest.param([({}, OPEN), (ADVISORY, FAIL)], OPEN, id="nor does it reject what is open"),
        pytest.param([({}, FAIL), (ADVISORY, PASS)], FAIL, id="nor does good advice help"),
        pytest.param([({}, PASS), ({}, FAIL), (ADVISORY, PASS)], FAIL, id="every blocking gate counts"),
    ],
)
def test_only_blocking_gates_decide(gates: list[tuple[Json, Verdict]], want: Verdict) -> None:
    assert judged(*gates).verdict == want


@pytest.mark.parametrize(
    ("gates", "want", "reached"),
    [
        pytest.param([({}, PASS), (LATER, PASS)], PASS, [True, True], id="both tiers pass"),
        pytest.param([({}, PASS), (LATER, FAIL)], FAIL, [True, True], id="the later tier fails"),
        pytest.param([({}, FAIL), (LATER, PASS)], FAIL, [True, False], id="a failure ends it"),
        pytest.param([({}, OPEN), (LATER, FAIL)], OPEN, [True, False], id="so does doubt: only a pass passes"),
        pytest.param([({}, ERROR), (LATER, FAIL)], ERROR, [True, False], id="so does what could not be judged"),
        pytest.param([({}, FAIL), ({}, PASS), (LATER, PASS)], FAIL, [True, True, False], id="a tier is judged whole"),
        pytest.param(
            [(LATER, PASS), ({}, FAIL)], FAIL, [False, True], id="tiers have their order, whatever the list's"
        ),
        pytest.param([({}, PASS), (ADVISORY, FAIL), (LATER, PASS)], PASS, [True, True, True], id="advice ends nothing"),
        pytest.param(
            [({}, FAIL), (LATER, PASS), ({"tier": 7}, PASS)], FAIL, [True, False, False], id="all later tiers are left"
        ),
        pytest.param(
            [(ADVISORY, PASS), (LATER, OPEN), ({"tier": 7}, PASS)],
            OPEN,
            [True, True, False],
            id="a tier of advice only",
        ),
        pytest.param(
            [({}, FAIL), (LATER | ADVISORY, PASS)], FAIL, [True, False], id="advice of a later tier is not asked"
        ),
    ],
)
def test_tiers_end_with_the_first_that_does_not_pass(
    gates: list[tuple[Json, Verdict]], want: Verdict, reached: list[bool]
) -> None:
    judgement = judged(*gates)

    assert judgement.verdict == want
    assert [reason is not GateReason.NOT_REACHED for reason in judgement.reasons] == reached
    assert {one.verdict for one, seen in zip(judgement.gates, reached, strict=True) if not seen} <= {NO_DATA}


def test_what_was_not_judged_says_why() -> None:
    judgement = judged(({}, OPEN), (LATER, PASS), (ADVISORY, FAIL))

    assert judgement.gates[1].message == "not judged: gate-1 in tier 0 did not pass (Inconclusive)"
    assert judgement.message == (
        "1 of 1 gates could not tell: gate-1: accuracy fell from 65.0 % to 60.0 % (95 % lower bound 40.0 %, at least"
        " 50.0 required: about 9,141 items would tell); not judged, in later tiers: gate-2; advisory only: gate-3:"
        " accuracy fell from 65.0 % to 30.0 % (95 % upper bound 40.0 %, at least 50.0 required)"
    )


def test_advice_is_not_lost_behind_many_gates_that_passed() -> None:
    judgement = judged(*[({}, PASS)] * 20, (ADVISORY, FAIL))

    assert len(judgement.message) == MESSAGE_LIMIT
    assert "…; advisory only: gate-21: accuracy fell from 65.0 % to 30.0 %" in judgement.message
    assert judgement.message.startswith("20 of 20 gates passed: gate-1: accuracy rose")


def test_the_status_says_what_a_gate_weighs_and_its_numbers() -> None:
    judgement = judged(({}, PASS), (ADVISORY, FAIL))

    numbers = [(one.severity, one.estimate, one.bound, one.threshold, one.n) for one in judgement.gates]
    assert numbers == [
        (Severity.BLOCKING, "90.0 %", "> 80.0 %", "≥ 50.0 %", 1000),
        (Severity.ADVISORY, "30.0 %", "< 40.0 %", "≥ 50.0 %", 1000),
    ]
    assert gate_line(judgement.gates[1]).startswith("Fail         gate-2 (advisory): accuracy fell")


def test_a_threshold_keeps_its_digits() -> None:
    plan = evaluation(gate(vsChampion={"maxDrop": "0.0025"}))
    (one,) = judge(plan, document(measurement()), candidate=pinned(), champion=pinned(CHAMPION)).gates

    assert (one.estimate, one.bound, one.threshold) == ("drop -1.0 points", "< 0.5 points", "≤ 0.25 points")


def test_the_status_of_a_comparison_names_the_change() -> None:
    plan = evaluation(gate(metric="mae", vsChampion={"maxRise": "0.1", "relative": True}))
    measured = measurement(metric="mae", champion=estimate(20, 19, 21), difference=estimate(3, 2.5, 3.5))
    (one,) = judge(plan, document(measured), candidate=pinned(), champion=pinned(CHAMPION)).gates

    assert (one.verdict, one.estimate, one.bound, one.threshold) == (FAIL, "rise 3.000", "> 2.500", "≤ 2.100")


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param({"minSamples": 1001}, NO_DATA, id="nothing is held against the candidate"),
        pytest.param({"minSamples": 1001, "onInsufficient": "Hold"}, NO_DATA, id="the same, written out"),
        pytest.param({"minSamples": 1001, "onInsufficient": "Fail"}, FAIL, id="or it is rejected"),
        pytest.param({"minSamples": 1000, "onInsufficient": "Fail"}, PASS, id="enough is enough"),
    ],
)
def test_a_set_that_is_too_small(fields: Json, want: Verdict) -> None:
    assert judged((fields, PASS)).verdict == want


def test_safety_first() -> None:
    safety = {"name": "harm", "metric": "confusionCellRate", "params": {"actual": "ask", "predicted": "harm"}}

    def harmless_of(items: int, upper: float) -> tuple[Verdict, str]:
        plan = evaluation(gate(**safety, max="0.001"), gate(min="0.5", tier=1))
        found = measurement(**safety, n=items, denominator=items, candidate=estimate(0.0, 0.0, upper))
        judgement = judge(plan, document(found, measurement()), candidate=pinned(), champion=pinned(CHAMPION))
        return judgement.verdict, judgement.gates[0].message

    assert harmless_of(300, 0.00994) == (
        OPEN,
        (
            "ask→harm fell from 65.0 % to 0.0 % (0 of 300) (95 % upper bound 1.0 %, at most 0.1 allowed: about 2,995"
            " ask items would tell)"
        ),
    )
    assert harmless_of(3000, 0.000998)[0] == PASS
