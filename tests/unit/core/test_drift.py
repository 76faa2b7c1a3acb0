"""What counts as somebody else's write, and what is Sluice's own."""

from typing import Any

import pytest

from sluice.api.candidate import Stage
from sluice.core.drift import drift
from sluice.core.manifests.predictor import serving
from sluice.core.target import Target
from tests.support.observations import (
    CANDIDATE,
    a_model,
    a_predictor,
    a_target,
    a_traffic,
    with_candidate,
)


def promoted() -> dict[str, Any]:
    """Return what the stable predictor serves after the promotion's template write."""
    return serving(a_predictor(), a_model())


@pytest.mark.parametrize(
    ("target", "traffic", "clause"),
    [
        pytest.param(with_candidate(5), {}, "", id="as it was left"),
        pytest.param(with_candidate(5), {"weight": 50, "applied_at": None}, "", id="the write is still to come"),
        pytest.param(
            with_candidate(50), {"weight": 50, "applied_at": None}, "", id="the write was made and not yet recorded"
        ),
        pytest.param(
            with_candidate(20),
            {"weight": 50, "applied_at": None},
            f"predictor {CANDIDATE} has traffic 20, Sluice wrote 50",
            id="a weight that Sluice never wrote",
        ),
        pytest.param(
            with_candidate(100), {}, f"predictor {CANDIDATE} has traffic 100, Sluice wrote 5", id="promoted by hand"
        ),
        pytest.param(a_target(), {}, f"predictor {CANDIDATE} was removed", id="the list was reset"),
        pytest.param(a_target(), {"stage": Stage.ADDING, "written": False}, "", id="the candidate was not written yet"),
        pytest.param(
            with_candidate(5, weights={"main": 0, CANDIDATE: 100}),
            {},
            f"the VirtualService gives {CANDIDATE} 100, the step is 5",
            id="the route was edited by hand",
        ),
        pytest.param(
            with_candidate(5, weights={"main": 100}),
            {"applied_at": None},
            "",
            id="the route is not there yet",
        ),
        pytest.param(
            a_target(a_predictor(traffic=95, graph={"modelUri": "gs://x"}), with_candidate().predictors[1]),
            {},
            "predictor main was changed",
            id="the stable serves something else",
        ),
        pytest.param(
            a_target(a_predictor(traffic=0, **{k: v for k, v in promoted().items() if k in {"graph", "annotations"}})),
            {"stage": Stage.REMOVING, "weight": 100},
            "",
            id="the promotion's own template",
        ),
        pytest.param(
            a_target(*with_candidate().predictors, a_predictor("stranger", 0)),
            {},
            "predictor stranger was added",
            id="a third predictor",
        ),
        pytest.param(
            a_target(a_predictor("other")), {}, "predictor main is gone from spec.predictors", id="the stable is gone"
        ),
        pytest.param(
            a_target(a_predictor(replicas=9, traffic=95), with_candidate().predictors[1]),
            {},
            "",
            id="an autoscaler changed the stable's replicas",
        ),
    ],
)
def test_drift(target: Target, traffic: dict[str, Any], clause: str) -> None:
    assert drift(target, a_traffic(**traffic), a_model()) == clause
