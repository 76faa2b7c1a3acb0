"""The readiness gate, and the three ways of a missed one."""

from typing import Any

import pytest

from lab.seldon_standin.gate import Roll, begin, chosen, looks_ready, next_roll, status_seen
from lab.seldon_standin.settings import MISSED_GATE_ANNOTATION, MissedGate, Settings
from tests.support.sdeps import predictor, sdep

READY = {"readyReplicas": 1, "observedGeneration": 1}
ROLLING = {"readyReplicas": 1, "unavailableReplicas": 1, "observedGeneration": 2}


def deployment(generation: int, status: dict[str, Any], name: str = "sentiment-stable-0-classifier") -> dict[str, Any]:
    return {"metadata": {"name": name, "generation": generation}, "status": status}


@pytest.mark.parametrize(
    ("status", "want"),
    [
        pytest.param({}, False, id="no status yet: closed"),
        pytest.param({"readyReplicas": 1}, True, id="one ready: open"),
        pytest.param({"replicas": 0, "readyReplicas": 0}, False, id="replicas 0: closed"),
        pytest.param({"readyReplicas": 1, "unavailableReplicas": 1}, False, id="one unavailable: closed"),
        pytest.param({"readyReplicas": 2, "observedGeneration": 0}, True, id="the generation is not asked for"),
    ],
)
def test_the_gate_by_status(status: dict[str, Any], want: bool) -> None:  # noqa: FBT001
    assert looks_ready(status) is want


@pytest.mark.parametrize(
    ("switch", "seen"),
    [
        pytest.param(MissedGate.MISS, READY, id="missed: the old pods' readiness is seen"),
        pytest.param(MissedGate.HOLD, {}, id="held: nothing ready is seen"),
    ],
)
def test_right_after_a_template_change(switch: MissedGate, seen: dict[str, Any]) -> None:
    live = deployment(2, READY)

    assert status_seen(live, begin(live, READY, switch, seed=0)) == seen


def test_a_miss_happens_once() -> None:
    missed = Roll(2, missed=True, status_before=READY)

    assert next_roll(deployment(2, READY), missed) is None


@pytest.mark.parametrize(
    ("status", "over"),
    [pytest.param(READY, False, id="not observed"), pytest.param(ROLLING, True, id="observed")],
)
def test_a_hold_ends_when_the_generation_is_observed(status: dict[str, Any], over: bool) -> None:  # noqa: FBT001
    held = Roll(2, missed=False, status_before=READY)

    live = deployment(2, status)
    assert (next_roll(live, held) is None) is over
    assert status_seen(live, held) == (status if over else {})


def test_the_same_seed_misses_the_same_gates_and_two_thirds_of_many() -> None:
    def drawn(seed: int) -> list[bool]:
        lives = [deployment(generation, READY) for generation in range(2, 302)]
        return [begin(live, READY, MissedGate.RANDOM, seed).missed for live in lives]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 170 < sum(drawn(1)) < 230


@pytest.mark.parametrize(
    ("annotations", "want"),
    [
        pytest.param({}, MissedGate.HOLD, id="the setting, where the object says nothing"),
        pytest.param({MISSED_GATE_ANNOTATION: "miss"}, MissedGate.MISS, id="the object's annotation before it"),
    ],
)
def test_the_switch_is(annotations: dict[str, str], want: MissedGate) -> None:
    wish = sdep(predictor("stable"))
    wish["metadata"]["annotations"] = annotations

    assert chosen(wish, Settings(missed_gate=MissedGate.HOLD)) is want
