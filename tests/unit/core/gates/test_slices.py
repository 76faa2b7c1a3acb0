"""Truth tables of gates on slices: what must hold where, who is blamed, and what is no evidence."""

from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.api.evaluation_result import Measurement
from sluice.api.plan import Gate
from sluice.api.verdict import Verdict
from sluice.core.gates.finding import SEVERITY, GateReason, worst
from sluice.core.gates.holm import rejected
from sluice.core.gates.judge import judge
from sluice.core.gates.slices import parts
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
    part,
    pinned,
    sliced,
)

PASS, FAIL, OPEN, NO_DATA, ERROR = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.NO_DATA,
    Verdict.ERROR,
)
DROP: Json = {"vsChampion": {"maxDrop": "0.02"}}
BY_LANGUAGE: Json = {"by": [{"column": "language"}]}


def change(value: float, reach: float = 0.01) -> Json:
    return estimate(value, value - reach, value + reach)


def of(name: str, value: float, reach: float = 0.01, **fields: Any) -> Json:
    return part(f"language={name}", difference=change(value, reach), **fields)


FINE, OPEN_ONE, BAD, WORSE, BEYOND, BARELY = 0.0, -0.02, -0.05, -0.08, -0.0325, -0.0305
"""Changes of accuracy, each between bounds 0.01 away, where a drop of 0.02 is allowed."""


EMPTY: Json = {"column": "language", "name": "language=it", "n": 0, "denominator": 0}


def status(found: Json, slices: Json = BY_LANGUAGE, **rule: Any) -> Any:
    made = gate(**{**DROP, "slices": slices, **rule})
    judgement = judge(evaluation(made), document(found), candidate=pinned(), champion=pinned(CHAMPION))
    return judgement.gates[0], judgement.reasons[0]


def every(*values: float, whole: float = FINE) -> Json:
    names = ("de", "en", "fr", "it", "nl", "pl")
    return sliced(*(of(name, value) for name, value in zip(names, values, strict=False)), difference=change(whole))


@pytest.mark.parametrize(
    ("whole", "values", "want", "slice_", "worst_alone"),
    [
        pytest.param(FINE, (FINE, FINE), PASS, "", PASS, id="all slices pass, and the whole"),
        pytest.param(FINE, (FINE, OPEN_ONE), OPEN, "language=en", OPEN, id="one slice that cannot tell keeps it open"),
        pytest.param(FINE, (BAD, FINE), FAIL, "language=de", FAIL, id="one slice fails behind a mean that passes"),
        pytest.param(FINE, (BAD, WORSE), FAIL, "language=en", FAIL, id="the worst of two that fail tells"),
        pytest.param(FINE, (OPEN_ONE, BAD), FAIL, "language=en", FAIL, id="a failure outranks a doubt"),
        pytest.param(BAD, (FINE, FINE), FAIL, "", PASS, id="a whole that fails, and no slice that does"),
        pytest.param(BAD, (BAD, FINE), FAIL, "", FAIL, id="whole and slice fail: the whole tells"),
        pytest.param(OPEN_ONE, (FINE, FINE), OPEN, "", PASS, id="a whole that cannot tell"),
        pytest.param(OPEN_ONE, (FINE, BAD), FAIL, "language=en", FAIL, id="a slice fails where the whole cannot tell"),
        pytest.param(FINE, (BEYOND, FINE), FAIL, "language=de", FAIL, id="barely beyond, one of two"),
        pytest.param(
            FINE, (BARELY, FINE, FINE, FINE, FINE, FINE), OPEN, "language=de", OPEN, id="barely beyond, one of six"
        ),
        pytest.param(FINE, (BAD, BARELY), FAIL, "language=de", FAIL, id="barely beyond, beside one that is far"),
    ],
)
def test_every_slice_and_the_whole_or_the_worst_slice_must_pass(
    whole: float, values: tuple[float, ...], want: Verdict, slice_: str, worst_alone: Verdict
) -> None:
    found = every(*values, whole=whole)

    said, _ = status(found)
    assert (said.verdict, said.slice, said.slices) == (want, slice_, len(values))
    said, _ = status(found, {**BY_LANGUAGE, "quantifier": "Worst"})
    assert said.verdict == worst_alone
    assert said.slice.startswith("language=")
    assert said.slices == len(values)


def test_the_slice_that_fails_is_named_with_its_numbers() -> None:
    cell = {"vsChampion": {"maxRise": "0.02"}, "slices": BY_LANGUAGE}
    rises = estimate(0.216, 0.19, 0.24), estimate(0.15, 0.13, 0.17), estimate(0.066, 0.045, 0.087)
    pairs = {"both": 38, "candidateOnly": 60, "championOnly": 30, "neither": 326, "pValue": 0.002}
    arms = ("candidate", "champion", "difference")
    bad = part("language=de", n=454, denominator=454, pairs=pairs, **dict(zip(arms, rises, strict=True)))
    good = part("language=en", n=546, denominator=300, difference=change(0.0))
    found = cell_measurement(slicedBy=BY_LANGUAGE["by"], slices=[bad, good])

    judgement = judge(evaluation(cell_gate(**cell)), document(found), candidate=pinned(), champion=pinned(CHAMPION))

    assert judgement.gates[0].model_dump() == {
        "name": "cell",
        "verdict": FAIL,
        "message": (
            "negative→positive rose from 15.0 % to 21.6 % in slice language=de (95 % lower bound of the rise "
            "4.5 points, allowed 2.0, no chance find among 2 slices); 60 negative items newly taken for positive, "
            "30 no longer"
        ),
        "severity": "Blocking",
        "estimate": "rise 6.6 points",
        "bound": "> 4.5 points",
        "threshold": "≤ 2.0 points",
        "n": 454,
        "slice": "language=de",
        "slices": 2,
    }


@pytest.mark.parametrize(
    ("found", "slices", "want"),
    [
        pytest.param(
            every(FINE, FINE),
            BY_LANGUAGE,
            "accuracy rose from 65.0 % to 66.0 % (95 % upper bound of the drop 1.0 points, allowed 2.0); and so in "
            "each of 2 slices, nearest to it language=de",
            id="a pass says how many slices there were",
        ),
        pytest.param(
            every(BAD, WORSE, BAD, FINE),
            BY_LANGUAGE,
            "accuracy rose from 65.0 % to 66.0 % in slice language=en (95 % lower bound of the drop 7.0 points, "
            "allowed 2.0, no chance find among 4 slices); likewise in language=de, language=fr",
            id="others that fail are named",
        ),
        pytest.param(
            every(BARELY, FINE, FINE, FINE, FINE, FINE),
            BY_LANGUAGE,
            "accuracy rose from 65.0 % to 66.0 % in slice language=de (95 % lower bound of the drop 2.05 points, "
            "allowed 2.0: among 6 slices one may miss its limit by chance)",
            id="what may be chance is said to be so",
        ),
        pytest.param(
            every(FINE, 0.002),
            {**BY_LANGUAGE, "quantifier": "Worst"},
            "accuracy rose from 65.0 % to 66.0 % in slice language=de (95 % upper bound of the drop 1.0 points, "
            "allowed 2.0); the worst of 2 slices",
            id="the worst slice stands for the gate",
        ),
        pytest.param(
            sliced(of("de", FINE), of("fr", FINE, denominator=12), EMPTY),
            BY_LANGUAGE,
            "slice language=it has only 0 items, slices.minSamples requires 30; likewise in language=fr",
            id="slices with too few items are named, the emptiest first",
        ),
    ],
)
def test_what_it_says(found: Json, slices: Json, want: str) -> None:
    assert status(found, slices)[0].message == want


@pytest.mark.parametrize(
    ("rule", "quantifier", "want"),
    [
        pytest.param({}, "Every", NO_DATA, id="too few items are no evidence"),
        pytest.param({}, "Worst", NO_DATA, id="too few items are no evidence for the worst slice either"),
        pytest.param({"onInsufficient": "Fail"}, "Every", FAIL, id="or a failure, where the plan says so"),
        pytest.param({"onInsufficient": "Fail"}, "Worst", FAIL, id="or a failure of the worst slice"),
    ],
)
@pytest.mark.parametrize("items", [0, 29])
def test_an_empty_slice_and_a_small_one_fail_closed(rule: Json, quantifier: str, want: Verdict, items: int) -> None:
    small = {**EMPTY, "name": "language=fr"} if not items else of("fr", FINE, n=items, denominator=items)
    found = sliced(of("de", FINE), small)

    said, reason = status(found, {**BY_LANGUAGE, "quantifier": quantifier}, **rule)

    assert (said.verdict, reason, said.slice) == (want, GateReason.TOO_FEW_ITEMS, "language=fr")
    assert said.message == f"slice language=fr has only {items} items, slices.minSamples requires 30"


TWO = [of("de", FINE), of("en", FINE)]
NAMED: Json = {"column": "language", "values": ["de", "en"]}
PRICES: Json = {"column": "price", "edges": ["10"]}


@pytest.mark.parametrize(
    ("by", "found", "reason", "want"),
    [
        pytest.param(
            BY_LANGUAGE["by"],
            sliced(by=[], n=400, denominator=400),
            GateReason.MEASUREMENT_MISMATCH,
            "the result holds another set of slices under this gate's name",
            id="no slices at all",
        ),
        pytest.param(
            BY_LANGUAGE["by"],
            sliced(*TWO, by=[NAMED]),
            GateReason.MEASUREMENT_MISMATCH,
            "the result holds another set of slices under this gate's name",
            id="cut another way",
        ),
        pytest.param(
            BY_LANGUAGE["by"],
            sliced(n=400, denominator=400),
            GateReason.METRIC_MISSING,
            "accuracy: the result does not hold the slices by language, each once",
            id="a column without slices",
        ),
        pytest.param(
            BY_LANGUAGE["by"],
            sliced(*TWO, n=401, denominator=401),
            GateReason.METRIC_MISSING,
            "accuracy: the slices by language hold 400 of 401 items",
            id="a slice was left out",
        ),
        pytest.param(
            BY_LANGUAGE["by"],
            sliced(TWO[0], TWO[0]),
            GateReason.METRIC_MISSING,
            "accuracy: the result does not hold the slices by language, each once",
            id="a slice twice",
        ),
        pytest.param(
            [NAMED],
            sliced(TWO[0], by=[NAMED]),
            GateReason.METRIC_MISSING,
            "accuracy: the result does not hold the slices by language, each once",
            id="a value that the plan names is missing",
        ),
        pytest.param(
            [NAMED],
            sliced(*TWO, by=[NAMED], n=399, denominator=399),
            GateReason.METRIC_MISSING,
            "accuracy: the slices by language hold 400 of 399 items",
            id="more items than there are",
        ),
        pytest.param(
            [PRICES],
            sliced(part("price < 10", column="price"), by=[PRICES]),
            GateReason.METRIC_MISSING,
            "accuracy: the result does not hold the slices by price, each once",
            id="a bucket is missing",
        ),
        pytest.param(
            BY_LANGUAGE["by"],
            sliced(*TWO, part("age=7"), n=400, denominator=400),
            GateReason.METRIC_MISSING,
            "accuracy: the result holds slices that nobody asked for",
            id="slices of another column",
        ),
        pytest.param(
            BY_LANGUAGE["by"],
            sliced(TWO[0], alone(TWO[1])),
            GateReason.METRIC_MISSING,
            "accuracy: the slices by language are not compared with the champion as the whole set is",
            id="a slice without the champion's value",
        ),
        pytest.param(
            BY_LANGUAGE["by"],
            sliced(TWO[0], {key: value for key, value in alone(TWO[1]).items() if key != "candidate"}),
            GateReason.METRIC_MISSING,
            "accuracy was not measured in slice language=en (no value in the result)",
            id="a slice without a value",
        ),
    ],
)
def test_slices_that_are_not_whole_are_an_error(by: list[Json], found: Json, reason: GateReason, want: str) -> None:
    said, why = status(found, {"by": by})
    assert (said.verdict, why, said.message) == (ERROR, reason, want)


def test_values_that_the_plan_does_not_name_are_no_slices() -> None:
    assert status(sliced(*TWO, by=[NAMED], n=1000, denominator=1000), {"by": [NAMED]})[0].verdict == PASS


def test_a_gate_without_a_champion_is_judged_by_its_absolute_rule_in_slices_too() -> None:
    absolute: Json = {"vsChampion": None, "min": "0.64", "slices": BY_LANGUAGE}
    weak = alone(part("language=de", candidate=estimate(0.5, 0.45, 0.55)))
    found = alone(sliced(weak, alone(part("language=en"))))
    result = document(found | {"candidate": estimate(0.66, 0.65, 0.67)}, champion=None)

    judgement = judge(evaluation(gate(**absolute)), result, candidate=pinned(), champion=None)

    assert (judgement.gates[0].verdict, judgement.gates[0].slice) == (FAIL, "language=de")


@pytest.mark.parametrize(
    ("p_values", "want"),
    [
        pytest.param((), set(), id="nothing"),
        pytest.param((0.04,), {0}, id="one alone"),
        pytest.param((0.04, 0.04), set(), id="two that would each do alone"),
        pytest.param((0.024, 0.04), {0, 1}, id="the second is held to the whole level once the first is out"),
        pytest.param((0.04, 0.6, 0.01), {2}, id="one of three, the next to half the level"),
        pytest.param((0.03, 0.001, 0.02, 0.9), {1}, id="it stops at the first that holds"),
    ],
)
def test_holms_step_down(p_values: tuple[float, ...], want: set[int]) -> None:
    assert rejected(p_values, 0.95) == want


changes = st.lists(
    st.tuples(st.floats(-0.2, 0.2), st.floats(0.001, 0.1), st.floats(0.001, 0.1), st.integers(0, 60)),
    min_size=1,
    max_size=6,
)


def _drawn(values: list[tuple[float, float, float, int]]) -> Json:
    made = [
        part(f"language={place}", n=items, denominator=items, difference=estimate(value, value - low, value + high))
        for place, (value, low, high, items) in enumerate(values)
    ]
    return sliced(*made, n=sum(one["n"] for one in made), denominator=sum(one["n"] for one in made))


def _alone(found: Json, place: int) -> Verdict:
    one = sliced(found["slices"][place], difference=found["slices"][place]["difference"])
    return Verdict(status(one, minSamples=1, slices={**BY_LANGUAGE, "quantifier": "Worst"})[0].verdict)


@given(changes)
@settings(max_examples=60, deadline=None)
def test_the_gate_is_never_better_than_its_worst_slice(values: list[tuple[float, float, float, int]]) -> None:
    found = _drawn(values)
    if found["n"] < 1:
        return
    alone_ = [_alone(found, place) if found["slices"][place]["n"] else NO_DATA for place in range(len(values))]

    for quantifier in ("Every", "Worst"):
        verdict = status(found, {**BY_LANGUAGE, "quantifier": quantifier}, minSamples=1)[0].verdict
        assert (verdict is PASS) <= all(one is PASS for one in alone_)
        assert (verdict is FAIL) <= (FAIL in alone_)


@given(changes)
@settings(max_examples=60, deadline=None)
def test_the_order_of_slices_does_not_matter(values: list[tuple[float, float, float, int]]) -> None:
    found = _drawn(values)
    rule = Gate.model_validate(gate(**DROP, slices=BY_LANGUAGE))

    def verdicts(slices: list[Json]) -> dict[str, Verdict]:
        measured = Measurement.model_validate(found | {"slices": slices})
        return {one.name: one.finding.verdict for one in parts(rule, measured)}

    assert verdicts(found["slices"]) == verdicts(found["slices"][::-1])


@given(changes, st.floats(0.001, 0.2))
@settings(max_examples=60, deadline=None)
def test_a_worse_slice_never_makes_a_better_verdict(values: list[tuple[float, float, float, int]], loss: float) -> None:
    found, worse = _drawn(values), _drawn([(values[0][0] - loss, *values[0][1:]), *values[1:]])
    if not found["n"]:
        return
    for quantifier in ("Every", "Worst"):
        slices = {**BY_LANGUAGE, "quantifier": quantifier}
        before, after = (status(one, slices, minSamples=1)[0].verdict for one in (found, worse))
        assert (after is PASS) <= (before is PASS)
        assert worst([before, after]) in SEVERITY


def test_the_p_value_says_what_the_bound_says() -> None:
    rule = Gate.model_validate(gate(**DROP, slices=BY_LANGUAGE))
    z = NormalDist().inv_cdf(0.95)
    for times in (0.999, 1.001):
        value = -0.02 - 0.01 * times
        (one,) = parts(rule, Measurement.model_validate(sliced(of("de", value))))
        assert (one.finding.verdict is FAIL) == (NormalDist().cdf(-z * times) < 0.05)
