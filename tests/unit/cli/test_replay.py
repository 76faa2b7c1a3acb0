"""`sluice replay`: a recorded case gives its verdicts again, and bad input ends plainly."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sluice.api.verdict import Verdict
from sluice.cli.recording_file import Rollout, Step
from sluice.cli.replaying import Question, Timeline, timeline
from sluice.core.rehearsal import Outcome
from tests.support import objects as make
from tests.support.recordings import AT, Fleet, World, recorded, traffic
from tests.unit.cli.conftest import Sluice

STEPS = [make.step(10, maxDurationSeconds=600), make.step(50, margin="2", maxDurationSeconds=900)]
STABLE, CANDIDATE = Fleet(shares=lambda _: 0.9), Fleet("c-1", pods=2, rps=50.0, since=300.0, shares=lambda _: 0.1)
"""A candidate that comes after five minutes, with a tenth of the requests."""


@pytest.fixture
def plan_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a plan of short steps with changed traffic."""

    def written(**changed: object) -> Path:
        path = tmp_path / "plan.yaml"
        fields = make.traffic(**{"steps": STEPS, **changed})
        path.write_text(yaml.safe_dump(make.plan(traffic=fields)), encoding="utf-8")
        return path

    return written


def case(tmp_path: Path, *fleets: Fleet, rollout: Rollout | None = None, hours: float = 0.5) -> Path:
    world = World(fleets=fleets, hours=hours, interval=5.0)
    return recorded(tmp_path / "case.jsonl.gz", world, traffic(steps=STEPS), rollout)


def gist(found: Timeline) -> list[tuple[int, Verdict]]:
    """Return each verdict that differs from the one before it."""
    said = [(look.step, look.verdict) for look in found.changes]
    return [one for place, one in enumerate(said) if place == 0 or one != said[place - 1]]


def test_a_bad_candidate_is_caught_again(tmp_path: Path, plan_file: Callable[..., Path]) -> None:
    bad = Fleet("c-1", pods=2, rps=50.0, failing=0.08, since=300.0, shares=lambda _: 0.1)
    found = timeline(Question(recording=case(tmp_path, STABLE, bad), plan=plan_file()))
    assert (found.outcome, found.arms.candidate, found.arms.stable) == (Outcome.BREACHED, "c-1", "main")
    assert found.began == AT + 300
    assert gist(found)[-1] == (0, Verdict.FAIL)
    assert found.ended - found.began < 120


def test_the_steps_of_a_recorded_rollout_are_followed(tmp_path: Path, plan_file: Callable[..., Path]) -> None:
    """The route followed the rollout: a tenth, then from ten minutes on a half of the requests."""
    stable = Fleet(shares=lambda time: 0.9 if time <= 900 else 0.5)
    candidate = Fleet("c-1", pods=2, rps=50.0, since=300.0, shares=lambda time: 0.1 if time <= 900 else 0.5)
    steps = (Step(index=0, began=AT + 300), Step(index=1, began=AT + 900))
    rollout = Rollout(candidate="c-1", stable="main", steps=steps)
    found = timeline(Question(recording=case(tmp_path, stable, candidate, rollout=rollout), plan=plan_file()))
    assert found.outcome is Outcome.PROMOTED
    assert [step for step, _ in gist(found)] == sorted(step for step, _ in gist(found))
    assert (0, Verdict.PASS) in gist(found)
    assert found.ended > AT + 900


def test_without_a_recorded_rollout_the_verdicts_lead(tmp_path: Path, plan_file: Callable[..., Path]) -> None:
    """After the first pass the replay wants a half, the recording still has a tenth: that is no data."""
    found = timeline(Question(recording=case(tmp_path, STABLE, CANDIDATE), plan=plan_file()))
    assert (0, Verdict.PASS) in gist(found)
    assert found.driven
    assert found.outcome is Outcome.UNFINISHED


def test_the_outcome_does_not_depend_on_how_samples_were_portioned(
    tmp_path: Path, plan_file: Callable[..., Path]
) -> None:
    one = timeline(Question(recording=case(tmp_path, STABLE, CANDIDATE), plan=plan_file()))
    again = tmp_path / "again"
    again.mkdir()
    two = timeline(Question(recording=case(again, STABLE, CANDIDATE), plan=plan_file()))
    assert one == two


def test_the_timeline_is_printed_and_the_exit_code_tells_the_end(
    sluice: Sluice, tmp_path: Path, plan_file: Callable[..., Path]
) -> None:
    bad = Fleet("c-1", pods=2, rps=50.0, failing=0.3, since=300.0, shares=lambda _: 0.1)
    path, plan = case(tmp_path, STABLE, bad), plan_file()
    result = sluice("replay", str(path), str(plan))
    first, *between, last = result.stdout.splitlines()
    assert result.exit_code == 1
    assert first == "careful: c-1 against main from 2023-11-14T22:18:20Z; its own verdicts lead from step to step"
    assert all(line[11:].startswith("step 1  ") for line in between)
    assert last.split() == [between[-1].split()[0], "Breached"]
    as_json = sluice("replay", str(path), str(plan), "-o", "json")
    assert json.loads(as_json.stdout)["outcome"] == "Breached"


@pytest.mark.parametrize(
    ("fleets", "arguments", "says"),
    [
        pytest.param([STABLE], [], "has the predictors main: set --candidate-predictor", id="one predictor"),
        pytest.param(
            [STABLE, CANDIDATE, Fleet("c-2", since=400.0)],
            [],
            "has the predictors main, c-1, c-2: set",
            id="three of them",
        ),
        pytest.param(
            [STABLE, CANDIDATE], ["--stable-predictor", "other"], "has the predictors main, c-1: set", id="unknown one"
        ),
    ],
)
def test_unclear_predictors_are_asked_for(
    sluice: Sluice,
    tmp_path: Path,
    plan_file: Callable[..., Path],
    *,
    fleets: list[Fleet],
    arguments: list[str],
    says: str,
) -> None:
    result = sluice("replay", str(case(tmp_path, *fleets, hours=0.2)), str(plan_file()), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_named_predictors_are_taken(sluice: Sluice, tmp_path: Path, plan_file: Callable[..., Path]) -> None:
    path = case(tmp_path, STABLE, CANDIDATE, Fleet("c-2", since=400.0), hours=0.2)
    chosen = ["--candidate-predictor", "c-1", "--stable-predictor", "main"]
    assert "c-1 against main" in sluice("replay", str(path), str(plan_file()), *chosen).stdout


def test_a_plan_that_judges_more_than_was_recorded_is_refused(
    sluice: Sluice, tmp_path: Path, plan_file: Callable[..., Path]
) -> None:
    plan = plan_file(metrics=[make.metric(), make.metric(name="carts", signal=make.ABSENT, ratio=make.ratio())])
    result = sluice("replay", str(case(tmp_path, STABLE, CANDIDATE, hours=0.1)), str(plan))
    assert result.exit_code == 2
    assert "lacks carts_total, sessions_total, which the plan judges: name the plan it is of" in result.stderr


def test_a_recording_without_samples_is_said(sluice: Sluice, tmp_path: Path, plan_file: Callable[..., Path]) -> None:
    result = sluice("replay", str(case(tmp_path)), str(plan_file()))
    assert result.exit_code == 2
    assert "holds no samples" in result.stderr


def test_a_stored_recording_gives_its_verdicts_again() -> None:
    """Written by the first version of the format: a candidate that turns bad 325 s after its first step began."""
    folder = Path(__file__).parent / "recordings"
    found = timeline(Question(recording=folder / "breached.jsonl.gz", plan=folder / "plan.yaml"))
    waits, passes = (0, Verdict.INCONCLUSIVE), (0, Verdict.PASS)
    assert gist(found) == [waits, passes, (0, Verdict.FAIL)]
    assert (found.outcome, found.driven) == (Outcome.BREACHED, False)
    assert 325 < found.ended - found.began < 445
    guilty = found.changes[-1].metrics
    assert [name for name, one in guilty.items() if one.verdict is Verdict.FAIL] == ["errors"]
