"""Each invariant is silent on histories as they should be and catches the one it is there for."""

import pytest

from tests.support.chronicle import (
    Chronicle,
    judged,
    led,
    passing,
    promoted,
    promoting,
    rolled_back,
    shifting,
)
from tests.support.history import History
from tests.support.invariants import INVARIANTS, violations
from tests.support.taking_back import Outage, rollback_needs_nobody

DOUBT = passing(verdict="Inconclusive")
ADVANCED = [{"reason": "StepAdvanced"}, {"reason": "StepStarted"}]

SAID = "errors: 3 of 400 requests failed; dataset mlflow-artifacts:/1/data@sha256:ab; http://mlflow.mlflow:5000 is away"

GOOD = [
    pytest.param(Chronicle(), id="nothing happened"),
    pytest.param(Chronicle().both(100), id="a target alone"),
    pytest.param(shifting(), id="a candidate at its first step"),
    pytest.param(promoted(), id="a promotion"),
    pytest.param(rolled_back(), id="a rollback"),
    pytest.param(Chronicle().candidate("Evaluating").candidate("Rejected").release(), id="a rejection"),
    pytest.param(Chronicle().job("a", "1").job("a", "1", done=True).job("b", "2"), id="a second attempt"),
    pytest.param(
        shifting().candidate(metrics=[*passing(), {**DOUBT[0], "required": False}]).traffic(weight=50, step=1),
        id="a metric that the step does not need stays in doubt",
    ),
    pytest.param(
        shifting().candidate(metrics=DOUBT, history=ADVANCED).traffic(weight=50, step=1),
        id="a step within an error budget",
    ),
    pytest.param(
        shifting().route(100, 0).traffic("RollingBack", weight=0).route(90, 10).both(100),
        id="Seldon writes the route once more when its manager is back, until the removal is through",
    ),
    pytest.param(
        shifting().traffic("RollingBack", weight=0).route(100, 0).target(100, 0).route(90, 10).both(100),
        id="the pass of Seldon's manager that writes the route once more began before the spec fell",
    ),
    pytest.param(
        shifting().lease("a").traffic("RollingBack", weight=0).pause(40).lease("b").both(100, 0).both(100),
        id="the leader is lost in the middle of a rollback: the next one ends it",
    ),
    pytest.param(led("a").event("a"), id="the leader writes"),
    pytest.param(led("a").event("a").lease("").lease("b").candidate(message="on").event("b"), id="then another leads"),
    pytest.param(Chronicle().candidate("Evaluating").event("a"), id="nobody knows who leads"),
    pytest.param(led("a").event("a", SAID).candidate(message=SAID), id="numbers, places and digests are no secrets"),
]

BAD = [
    pytest.param("S1", Chronicle().target(90, 20), id="S1: the spec sums to 110"),
    pytest.param("S1", Chronicle().route(70, 20), id="S1: the route sums to 90"),
    pytest.param("S1", Chronicle().target(150, -50), id="S1: weights outside 0 to 100"),
    pytest.param("S2", shifting().target(80, 20), id="S2: the spec rises above the recorded weight"),
    pytest.param("S2", shifting().route(80, 20), id="S2: the route rises above the recorded weight"),
    pytest.param("S2", Chronicle().target(100, 0).target(90, 10).traffic(weight=10), id="S2: effect before intent"),
    pytest.param("S3", shifting().traffic(weight=50, step=1), id="S3: a rise without any metric"),
    pytest.param(
        "S3",
        shifting().candidate(metrics=DOUBT).traffic(weight=50),
        id="S3: a rise on a metric in doubt",
    ),
    pytest.param(
        "S3",
        shifting().candidate(metrics=DOUBT, history=ADVANCED).traffic("Promoting", weight=100),
        id="S3: a promotion on an error budget",
    ),
    pytest.param("S3", shifting().candidate(metrics=passing("0/0")).traffic(weight=50), id="S3: a rise on no requests"),
    pytest.param(
        "S3",
        shifting().traffic(appliedAt=None).candidate(metrics=passing()).traffic(weight=50),
        id="S3: a rise before the step was seen in the route",
    ),
    pytest.param(
        "S4",
        shifting().both(100, 0).traffic("RollingBack", weight=0).target(90, 10),
        id="S4: the spec rises after the breach",
    ),
    pytest.param(
        "S4",
        shifting().lease("a").traffic("RollingBack", weight=0).lease("b").pause(40).both(100, 0),
        id="S4: the route falls too late after another replica leads",
    ),
    pytest.param(
        "S4",
        shifting().traffic("RollingBack", weight=0).both(100, 0).pause(20).route(90, 10).route(100, 0),
        id="S4: the route rises to what the spec said long ago",
    ),
    pytest.param(
        "S4", shifting().traffic("RollingBack", weight=0).pause(5), id="S4: the route never falls after the breach"
    ),
    pytest.param(
        "S4", shifting().traffic("RollingBack", weight=0).pause(60).route(100, 0), id="S4: the route falls too late"
    ),
    pytest.param("S5", shifting().target(90, 10, model="2"), id="S5: the stable's model changes outside a promotion"),
    pytest.param(
        "S5",
        shifting().traffic("Promoting", weight=100, stage="Updating").target(10, 90, model="2"),
        id="S5: the stable's model changes while it has traffic",
    ),
    pytest.param(
        "S5",
        promoting().candidate(evaluation=judged(verdict="Fail")).target(0, 100, model="2"),
        id="S5: the stable's model changes though the gates failed",
    ),
    pytest.param(
        "S5",
        promoting().target(0, 100, model="2").route(100, 0).traffic(stage="Returning"),
        id="S5: clients meet the stable predictor before it serves the new model",
    ),
    pytest.param("S6", Chronicle().job("a", "1", done=True).job("a", "2"), id="S6: an attempt's Job is made twice"),
    pytest.param("S6", Chronicle().job("a", "1").job("b", "2").job("a", "1", done=True), id="S6: two Jobs at once"),
    pytest.param("S7", Chronicle().candidate("Rejected").candidate("Shifting"), id="S7: an end is taken back"),
    pytest.param(
        "S7", Chronicle().candidate(observedGeneration=2).candidate(observedGeneration=1), id="S7: a generation lost"
    ),
    pytest.param("S7", shifting().traffic(step=2).traffic(step=1), id="S7: a step back"),
    pytest.param(
        "S7",
        Chronicle()
        .candidate("Promoted", conditions=[{"type": "Ready", "status": "True"}])
        .candidate(conditions=[{"type": "Ready", "status": "Unknown"}]),
        id="S7: a terminal condition reverts",
    ),
    pytest.param("S8", shifting().release(), id="S8: released with traffic on the candidate"),
    pytest.param(
        "S8", shifting().target(100).release(), id="S8: released while the route still leads to the candidate"
    ),
    pytest.param("S10", Chronicle().candidate(metrics=passing("0/0")), id="S10: a pass on no requests"),
    pytest.param("S10", Chronicle().candidate(metrics=passing(favour="nan of 1.30")), id="S10: a pass on NaN"),
    pytest.param("S10", Chronicle().candidate(metrics=passing(candidate="")), id="S10: a pass on an empty answer"),
    pytest.param("S10", Chronicle().candidate(evaluation=judged(gates=[])), id="S10: an offline pass without gates"),
    pytest.param(
        "S10",
        Chronicle().candidate(evaluation=judged(gates=[{"name": "accuracy", "verdict": "NoData"}])),
        id="S10: an offline pass on a gate without data",
    ),
    pytest.param(
        "S10", Chronicle().candidate("Shifting", evaluation={"verdict": "Error"}), id="S10: traffic after an error"
    ),
    pytest.param("S9", led("a").lease("b").event("a"), id="S9: an Event of a replica that led before"),
    pytest.param("S9", led("a").lease("b").candidate(message="on").event("a"), id="S9: a status of who led before"),
    pytest.param("S9", led("a").event("b"), id="S9: a status of one that does not lead yet"),
    pytest.param("S12", led("a").event("a", "401: Bearer abc"), id="S12: a token in an Event"),
    pytest.param("S12", Chronicle().candidate(message="eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOi"), id="S12: a JSON web token"),
    pytest.param("S12", Chronicle().candidate(message="https://me:pw@mlflow is away"), id="S12: a URL with a password"),
    pytest.param("S12", Chronicle().candidate(message="502: <html><body>"), id="S12: the answer of a proxy"),
    pytest.param("S12", Chronicle().candidate(message="AWS: secret_key=1"), id="S12: a key of a store"),
]


@pytest.mark.parametrize("chronicle", GOOD)
def test_a_good_history_violates_nothing(chronicle: Chronicle) -> None:
    assert violations(chronicle.history) == []


@pytest.mark.parametrize(("rule", "chronicle"), BAD)
def test_each_invariant_catches_its_violation(rule: str, chronicle: Chronicle) -> None:
    found = INVARIANTS[rule](chronicle.history)
    assert found
    assert all(line.startswith(f"{rule}: ") for line in found)


def test_every_invariant_has_a_history_that_violates_it() -> None:
    assert {str(case.values[0]) for case in BAD} == set(INVARIANTS)


def test_a_rollback_while_something_is_away_must_be_in_time() -> None:
    late = shifting().traffic("RollingBack", weight=0).pause(60).route(100, 0).history
    begun = next(version.received for version in late.of("ModelCandidate") if version.status["phase"] == "RollingBack")
    away = [Outage("Prometheus", begun - 1, begun + 1)]
    assert [line[:4] for line in rollback_needs_nobody(late, away)] == ["S11:"]
    assert rollback_needs_nobody(rolled_back().history, away) == []


def test_versions_are_ordered_by_commit_however_they_arrive() -> None:
    told = promoted().history
    assert History.sorted(reversed(told.versions)).versions == told.versions


def test_a_version_that_arrives_twice_counts_once() -> None:
    told = rolled_back().history
    assert History.sorted([*told.versions, *told.versions]).versions == told.versions
