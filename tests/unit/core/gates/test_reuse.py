"""A set that was used before: later models are judged at a higher confidence, and the sentence says why."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.api.candidate import DatasetUse
from sluice.api.plan import Evaluation
from sluice.api.verdict import Verdict
from sluice.core.gates.finding import GateReason
from sluice.core.gates.judge import Judgement, judge
from sluice.core.gates.reuse import SMALLEST, counted, level_of, uses_of, widened
from tests.support.evaluations import (
    CHAMPION,
    HOLDOUT,
    alone,
    document,
    estimate,
    evaluation,
    gate,
    measurement,
    pinned,
)

NARROW = estimate(0.66, 0.63, 0.69)


@pytest.mark.parametrize(
    ("level", "use", "want"),
    [
        pytest.param("0.95", 1, "0.95", id="the first use is at the gate's own level"),
        pytest.param("0.95", 2, "0.9875", id="the second may be wrong a quarter as often"),
        pytest.param("0.95", 3, "0.99445", id="what cannot be written in three digits is rounded to the safe side"),
        pytest.param("0.9", 10, "0.999", id="the tenth a hundredth"),
        pytest.param("0.999999", 999_999, "0.999999999", id="no bound is told further out than one in 1e9"),
    ],
)
def test_level(level: str, use: int, want: str) -> None:
    assert level_of(Decimal(level), use) == Decimal(want)


@given(st.decimals("0.5", "0.999999", places=6), st.integers(1, 3_000))
def test_all_uses_together_are_wrong_at_most_1_65_times_as_often_as_the_first(level: Decimal, uses: int) -> None:
    chances = [1 - level_of(level, use) for use in range(1, uses + 1)]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) <= Decimal("1.645") * (1 - level) + uses * SMALLEST


def on(**dataset: Any) -> Evaluation:
    made = evaluation(gate(min="0.6")).model_dump(by_alias=True, exclude_none=True)
    made["datasets"] = [made["datasets"][0] | dataset]
    return Evaluation.model_validate(made)


@pytest.mark.parametrize(
    ("plan", "want"),
    [
        pytest.param(on(), [HOLDOUT], id="unless the plan says otherwise"),
        pytest.param(on(reuse="Widen"), [HOLDOUT], id="asked for"),
        pytest.param(on(reuse="Ignore"), [], id="not where uses are ignored"),
        pytest.param(
            Evaluation.model_validate(
                on().model_dump(by_alias=True, exclude_none=True)
                | {"datasets": [{"name": n, "uri": "pvc://a/b.csv", "digest": HOLDOUT} for n in ("holdout", "spare")]}
            ),
            [HOLDOUT],
            id="nor where no gate looks",
        ),
    ],
)
def test_which_sets_are_counted(plan: Evaluation, want: list[str]) -> None:
    assert [one.digest for one in counted(plan)] == want
    assert [one.use for one in uses_of(plan, {HOLDOUT: 4})] == [4] * len(want)


def judged(use: int, level: float, **found: Any) -> Judgement:
    uses = (DatasetUse(dataset="holdout", use=use),)
    result = document(measurement(level=level, **found))
    return judge(evaluation(gate(min="0.6")), result, candidate=pinned(), champion=pinned(CHAMPION), uses=uses)


@pytest.mark.parametrize(
    ("use", "level", "want"),
    [
        pytest.param(1, 0.95, (Verdict.PASS, "(95 % lower bound 63.0 %, at least 60.0 required)"), id="first"),
        pytest.param(
            2,
            0.9875,
            (Verdict.PASS, "required); at 98.75 % instead of 95 %, for 1 other model was judged on holdout before"),
            id="second",
        ),
        pytest.param(
            4, 0.99688, (Verdict.PASS, "at 99.688 % instead of 95 %, for 3 other models were judged"), id="fourth"
        ),
        pytest.param(2, 0.95, (Verdict.ERROR, "another confidence level"), id="a second one measured as the first"),
        pytest.param(1, 0.9875, (Verdict.ERROR, "another confidence level"), id="a first one measured as the second"),
    ],
)
def test_a_gate_is_judged_at_the_level_of_its_use(use: int, level: float, want: tuple[Verdict, str]) -> None:
    judgement = judged(use, level, candidate=NARROW)
    assert judgement.verdict is want[0]
    assert want[1] in judgement.gates[0].message
    assert want[1] in judgement.message


def test_a_model_without_champion_is_told_of_the_level_too() -> None:
    plan = evaluation(gate(min="0.6", vsChampion={"maxDrop": "0.01"}))
    result = document(alone(measurement(level=0.9875)), champion=None)
    uses = (DatasetUse(dataset="holdout", use=2),)
    judgement = judge(plan, result, candidate=pinned(), champion=None, uses=uses)
    assert (judgement.verdict, "at 98.75 % instead of 95 %" in judgement.message) == (Verdict.PASS, True)


def test_what_rests_on_no_bound_has_no_level_to_tell_of() -> None:
    judgement = judged(2, 0.9875, denominator=50)
    assert judgement.reasons == (GateReason.TOO_FEW_ITEMS,)
    assert "instead of" not in judgement.gates[0].message


def test_another_use_is_another_decision() -> None:
    plan = evaluation(gate(min="0.6"))
    assert widened(plan, ()) == plan
    assert judged(2, 0.9875).decision_digest != judged(3, 0.9875).decision_digest
