"""A step without a verdict in its time, or without data: what the plan lets follow, and when."""

from datetime import timedelta
from typing import Any

import pytest

from sluice.api.candidate import Stage
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.analysis.samples import Series
from sluice.core.observed import Candidate, LivePlan
from sluice.core.phases import shifting
from sluice.core.plan import Plan
from sluice.core.target import Problem
from sluice.core.turn import Turn
from tests.support.observations import (
    CANDIDATE,
    NOW,
    PLAN,
    a_candidate,
    a_plan,
    a_status,
    a_traffic,
    ago,
    observed,
    with_candidate,
)
from tests.support.outcomes import Outcome, outcome

AWAY = Problem(reason=Reason.NO_DATA, message="the provider is away")
LONG = 3700
HELD = Outcome(stage=Stage.STEPPING, weight=5, held=Reason.STEP_INCONCLUSIVE, told=(Reason.STEP_INCONCLUSIVE,))


def back(reason: Reason) -> Outcome:
    """Return that traffic is taken back for a reason."""
    to_stable = (f"{CANDIDATE} to weight 0, or by the route",)
    return Outcome(phase=Phase.ROLLING_BACK, stage=Stage.DRAINING, weight=0, writes=to_stable, told=(reason,))


def rules(**traffic: Any) -> LivePlan:
    """Return the plan with other rules of traffic."""
    return a_plan(traffic={**PLAN["traffic"], **traffic})


def at(*, paused: bool = False, **traffic: Any) -> Candidate:
    """Return a candidate in the middle of a step."""
    known = {"since": ago(60), "applied_at": ago(60)}
    return a_candidate(a_status(traffic=a_traffic(**(known | traffic))), paused=paused)


def old(**traffic: Any) -> Candidate:
    """Return a candidate whose step has lasted for more than its hour."""
    return at(**{"since": ago(LONG), "applied_at": ago(LONG)} | traffic)


def samples(candidate: int, stable: int, failed: tuple[int, int] = (0, 0)) -> tuple[Series, ...]:
    """Return what both arms served in the last minute, at an even pace."""
    arms = ((CANDIDATE, candidate, failed[0]), ("main", stable, failed[1]))
    return tuple(
        series(arm, code, total) for arm, served, bad in arms for code, total in (("200", served - bad), ("500", bad))
    )


def series(arm: str, code: str, total: int) -> Series:
    """Return one counter that grew from 0 to `total` in the last minute."""
    labels = {
        "__name__": "seldon_api_executor_server_requests_seconds_count",
        "namespace": "models",
        "deployment_name": "shop",
        "service": "predictions",
        "predictor_name": arm,
        "pod": f"pod-of-{arm}",
        "code": code,
    }
    times = [(NOW - timedelta(seconds=60 - 5 * tick)).timestamp() for tick in range(13)]
    return Series(labels, tuple((time, total * tick / 12) for tick, time in enumerate(times)))


def decided(**seen: Any) -> Plan:
    """Return what follows."""
    return shifting.decide(Turn.start(observed(**seen)))


ROLLBACK, BLIND_ROLLBACK = rules(onInconclusive="Rollback"), rules(onNoData="Rollback", noDataTimeoutSeconds=60)
FEW = samples(20, 380)
"""Too little for a verdict; 6.7 requests a second."""
CASES = [
    pytest.param({"candidate": old()}, HELD, id="without a verdict in its time it is held for a person"),
    pytest.param(
        {"candidate": old(), "plan": ROLLBACK},
        back(Reason.STEP_INCONCLUSIVE),
        id="onInconclusive: Rollback takes it back",
    ),
    pytest.param(
        {"candidate": at(), "plan": ROLLBACK}, Outcome(stage=Stage.STEPPING, weight=5), id="and not before its time"
    ),
    pytest.param(
        {"candidate": old(paused=True), "plan": ROLLBACK},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.PAUSED, told=(Reason.PAUSED,)),
        id="a person who paused it decides: no rollback for want of a verdict",
    ),
    pytest.param(
        {"candidate": old(no_data_seconds=200)},
        Outcome(stage=Stage.STEPPING, weight=5),
        id="time without data does not count against the step",
    ),
    pytest.param({"candidate": old(no_data_seconds=99)}, HELD, id="all other time does"),
    pytest.param(
        {"candidate": old(no_data_since=ago(200))},
        Outcome(stage=Stage.STEPPING, weight=5),
        id="nor does the time without data that just ended",
    ),
    pytest.param(
        {"candidate": old(), "plan": rules(onInconclusive="Advance", errorBudget=10_000)},
        Outcome(stage=Stage.STEPPING, weight=50, told=(Reason.STEP_ADVANCED, Reason.STEP_STARTED)),
        id="Advance: the next step begins when it can cost no more than the budget",
    ),
    pytest.param(
        {"candidate": old(), "plan": rules(onInconclusive="Advance", errorBudget=10)},
        HELD,
        id="Advance: beyond the budget it is held",
    ),
    pytest.param(
        {
            "candidate": old(step=1, weight=50, observed_weight=50),
            "target": with_candidate(50, replicas=2),
            "samples": samples(200, 200),
            "plan": rules(onInconclusive="Advance", errorBudget=10**9),
        },
        Outcome(stage=Stage.STEPPING, weight=50, held=Reason.STEP_INCONCLUSIVE, told=(Reason.STEP_INCONCLUSIVE,)),
        id="Advance: the last step needs proof, whatever the budget",
    ),
    pytest.param(
        {"candidate": old(paused=True), "plan": rules(onInconclusive="Advance", errorBudget=10_000)},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.PAUSED, told=(Reason.PAUSED,)),
        id="Advance: not while paused",
    ),
    pytest.param(
        {"candidate": at(), "samples": AWAY},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.NO_DATA, told=(Reason.NO_DATA,)),
        id="no data holds",
    ),
    pytest.param(
        {"candidate": at(no_data_since=ago(300)), "samples": AWAY},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.NO_DATA_TIMEOUT, told=(Reason.NO_DATA_TIMEOUT,)),
        id="no data for the time-out: a person should look, said once",
    ),
    pytest.param(
        {"candidate": at(no_data_since=ago(61)), "samples": AWAY, "plan": BLIND_ROLLBACK},
        back(Reason.NO_DATA),
        id="onNoData: Rollback takes it back after the time-out",
    ),
    pytest.param(
        {"candidate": at(no_data_since=ago(59)), "samples": AWAY, "plan": BLIND_ROLLBACK},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.NO_DATA, told=(Reason.NO_DATA,)),
        id="and not before it",
    ),
    pytest.param(
        {"candidate": at(no_data_since=ago(61)), "plan": BLIND_ROLLBACK},
        Outcome(stage=Stage.STEPPING, weight=5),
        id="data that are back at the last moment save it",
    ),
    pytest.param(
        {"candidate": at(paused=True, no_data_since=ago(61)), "samples": AWAY, "plan": BLIND_ROLLBACK},
        back(Reason.NO_DATA),
        id="also while paused: nobody can see what it does",
    ),
    pytest.param(
        {"candidate": old(no_data_since=ago(10)), "samples": AWAY},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.NO_DATA, told=(Reason.NO_DATA,)),
        id="a step whose time is over and whose data went away is held for the data",
    ),
    pytest.param(
        {"candidate": old(no_data_since=ago(10)), "samples": AWAY, "plan": ROLLBACK},
        back(Reason.STEP_INCONCLUSIVE),
        id="an operator that died while it took it back finds the same cause without data",
    ),
    pytest.param(
        {"candidate": old(no_data_since=ago(LONG)), "samples": AWAY, "plan": ROLLBACK},
        Outcome(stage=Stage.STEPPING, weight=5, held=Reason.NO_DATA_TIMEOUT, told=(Reason.NO_DATA_TIMEOUT,)),
        id="a step that never had data has lost none of its time",
    ),
]


@pytest.mark.parametrize(("seen", "want"), CASES)
def test_undecided(seen: dict[str, Any], want: Outcome) -> None:
    assert outcome(decided(**{"samples": FEW} | seen)) == want


@pytest.mark.parametrize(
    ("before", "seen", "since", "seconds"),
    [
        pytest.param({}, AWAY, ago(0), 0, id="gone: noted at once"),
        pytest.param({"no_data_since": ago(40)}, AWAY, ago(40), 0, id="still gone: the first time stays"),
        pytest.param({"no_data_since": ago(40), "no_data_seconds": 5}, FEW, None, 45, id="back: added up"),
        pytest.param({"no_data_since": ago(-40)}, FEW, None, 0, id="a clock that went back takes nothing off"),
        pytest.param({"no_data_seconds": 5}, FEW, None, 5, id="there: nothing changes"),
    ],
)
def test_the_time_without_data_is_on_record(before: dict[str, Any], seen: Any, since: str | None, seconds: int) -> None:
    traffic = decided(candidate=at(**before), samples=seen).status.traffic
    assert traffic is not None
    assert (traffic.no_data_since, traffic.no_data_seconds) == (since, seconds)


def test_the_next_step_begins_with_all_its_time() -> None:
    plan = decided(
        candidate=old(no_data_seconds=50), samples=FEW, plan=rules(onInconclusive="Advance", errorBudget=10_000)
    )
    assert plan.status.traffic is not None
    assert (plan.status.traffic.since, plan.status.traffic.no_data_seconds) == (ago(0), 0)


def test_the_budget_is_told_in_numbers() -> None:
    plan = decided(candidate=old(), samples=FEW, plan=rules(onInconclusive="Advance", errorBudget=10))
    (entry,) = plan.news
    assert "errors: the next step may bring" in entry.message
    assert "more bad events, errorBudget allows 10" in entry.message
