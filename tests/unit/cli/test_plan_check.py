"""`sluice plan-check`: what is printed, and how bad input ends."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sluice.api.plan import RolloutPlanSpec
from sluice.cli.plan_check import Answer, as_json, lines
from sluice.core.analysis.planning import REGRESSIONS, Expected, Outlook, Rates
from tests.support import objects as make
from tests.unit.cli.conftest import Sluice

PlanAt = Callable[..., str]


@pytest.fixture
def plan_at(tmp_path: Path) -> PlanAt:
    """Return a function that writes a plan with this traffic and returns its path."""

    def written(**traffic: object) -> str:
        path = tmp_path / "plan.yaml"
        path.write_text(yaml.safe_dump(make.plan(traffic=make.traffic(**traffic))), encoding="utf-8")
        return str(path)

    return written


def outlook(step: int, metric: str, passes: Expected | None, *caught: Expected | None, waits: bool = False) -> Outlook:
    return Outlook(step, metric, passes, waits, dict(zip(REGRESSIONS, caught, strict=True)))


def answer() -> Answer:
    """Return an answer with everything that may be said: a step in time, one that waits, one too long, one that never."""
    metrics = [make.metric(), make.metric(name="latency", signal="Latency", required=False)]
    steps = [make.step(5), make.step(10), make.step(25, maxDurationSeconds=600), make.step(50)]
    plan = RolloutPlanSpec.model_validate(make.plan(traffic=make.traffic(metrics=metrics, steps=steps))["spec"]).traffic
    some, more, most = Expected(445, 890.0), Expected(8302, 16_604.0), Expected(33_207, 400_000.0)
    return Answer(
        name="careful",
        plan=plan,
        rates={"errors": Rates(10.0, 0.01), "latency": Rates(10.0, 0.0025)},
        steps=[
            (outlook(0, "errors", some, more, some, some), outlook(0, "latency", None, None, None, most)),
            (outlook(1, "errors", some, more, some, some, waits=True), outlook(1, "latency", some, None, None, most)),
            (outlook(2, "errors", more, more, some, some), outlook(2, "latency", some, None, None, most)),
            (outlook(3, "errors", None, more, some, some), outlook(3, "latency", some, None, None, most)),
        ],
    )


# ruff: noqa: E501 -- a table is read as it is printed
WANT = """\
careful: about for ever from the first step to the promotion of a good candidate
  errors: 10 requests/s with events in 1 % of them, as long as all is well
  latency: 10 requests/s with events in 0.25 % of them, as long as all is well
  requests are the candidate's; half of all candidates need more
  Latency is planned for a tail that grows: what shows at every bound of the histogram is caught sooner

STEP   WEIGHT   METRIC    GOOD ONE PASSES   1.5x IS CAUGHT   2x IS CAUGHT    5x IS CAUGHT      LIMIT
1      5 %      errors    445 in 15 min     8,302 in 4.6 h   445 in 15 min   445 in 15 min     60 min
                latency   never             never            never           33,207 in 4.6 d
2      10 %     errors    445 in 15 min     8,302 in 4.6 h   445 in 15 min   445 in 15 min     60 min
                latency   445 in 15 min     never            never           33,207 in 4.6 d
3      25 %     errors    8,302 in 4.6 h    8,302 in 4.6 h   445 in 15 min   445 in 15 min     10 min
                latency   445 in 15 min     never            never           33,207 in 4.6 d
4      50 %     errors    never             8,302 in 4.6 h   445 in 15 min   445 in 15 min     60 min
                latency   445 in 15 min     never            never           33,207 in 4.6 d

Warning: step 2: it waits for minDwellSeconds or warmUpSeconds, its evidence is complete before
Warning: step 3: a good candidate needs about 4.6 h, maxDurationSeconds allows 10 min: raise it to 24960, or raise floor or margin
Warning: step 4: a good candidate does not pass in 30 d: raise its floor or margin, or wait for more traffic\
"""


def test_the_table() -> None:
    assert "\n".join(lines(answer())) == WANT


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param([], "these are assumptions: say --rps and --baseline", id="both"),
        pytest.param(["--rps", "5"], "these are assumptions: say --baseline", id="one"),
        pytest.param(["--rps", "5", "--baseline", "0.1"], "", id="none"),
    ],
)
def test_what_is_assumed_is_said(sluice: Sluice, plan_at: PlanAt, arguments: list[str], says: str) -> None:
    output = sluice("plan-check", plan_at(), *arguments).stdout
    assert [line.strip() for line in output.splitlines() if "assumptions" in line] == [says][: bool(says)]


def test_json_holds_the_same() -> None:
    document = json.loads(as_json(answer()))
    assert document["steps"][2]["metrics"][0] == {
        "name": "errors",
        "pass": {"requests": 8302, "seconds": 16_604.0},
        "waitsForTime": False,
        "caught": {
            "1.5x": {"requests": 8302, "seconds": 16_604.0},
            "2x": {"requests": 445, "seconds": 890.0},
            "5x": {"requests": 445, "seconds": 890.0},
        },
    }
    assert (document["seconds"], document["finishes"], len(document["warnings"])) == (None, False, 3)


@pytest.mark.parametrize(
    ("rps", "code", "says"),
    [
        pytest.param("100", 0, "careful: about ", id="busy enough"),
        pytest.param("0.1", 1, "Warning: step 1: a good candidate needs about", id="too quiet for its time"),
        pytest.param(
            "0.01", 1, "maxDurationSeconds allows a week at most: raise its floor", id="too quiet for any time"
        ),
    ],
)
def test_the_exit_code_tells_whether_the_plan_can_finish(
    sluice: Sluice, plan_at: PlanAt, rps: str, code: int, says: str
) -> None:
    result = sluice("plan-check", plan_at(), "--rps", rps)
    assert (result.exit_code, result.stderr) == (code, "")
    assert says in result.stdout


def test_numbers_may_be_given_by_metric(sluice: Sluice, plan_at: PlanAt) -> None:
    path = plan_at(metrics=[make.metric(), make.metric(name="carts", signal=make.ABSENT, ratio=make.ratio())])
    result = sluice("plan-check", path, "--rps", "50", "--rps", "carts=5", "--baseline", "carts=0.1", "-o", "json")
    assert json.loads(result.stdout)["assumed"] == {
        "errors": {"requestsPerSecond": 50.0, "baseline": 0.01},
        "carts": {"requestsPerSecond": 5.0, "baseline": 0.1},
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--rps", "0"], "--rps: '0' is not a number of requests a second", id="no traffic"),
        pytest.param(["--rps", "nan"], "--rps: 'nan' is not", id="no number"),
        pytest.param(["--rps", "1e300"], "--rps: '1e300' is not", id="absurd traffic"),
        pytest.param(["--baseline", "5"], "'5' is not a share of requests from 0 to below 1", id="percent for a share"),
        pytest.param(["--baseline", "-0.1"], "'-0.1' is not a share", id="a negative share"),
        pytest.param(["--baseline", "carts=0.1"], "no live metric 'carts': use one of errors", id="unknown metric"),
        pytest.param(["-o", "xml"], "choose one of table, json", id="no such format"),
    ],
)
def test_numbers_that_make_no_sense(sluice: Sluice, plan_at: PlanAt, arguments: list[str], says: str) -> None:
    result = sluice("plan-check", plan_at(), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(None, "there is no file", id="no file"),
        pytest.param("{", "is no YAML", id="no YAML"),
        pytest.param("a: 1", "holds 0 objects of kind RolloutPlan, wanted is one", id="no plan"),
        pytest.param("kind: RolloutPlan", "spec: Input should be", id="no spec"),
        pytest.param(
            yaml.safe_dump(make.plan(traffic=make.traffic(steps=[make.step(5, margin="1")]))),
            "spec.traffic.steps.0: Value error, margin must be above 1",
            id="a margin of 1",
        ),
        pytest.param(
            yaml.safe_dump(make.plan(traffic=make.traffic(steps=[make.step(5, margin="2"), make.step(9, margin="3")]))),
            "spec.traffic: Value error, margins of steps must not rise",
            id="rising margins",
        ),
        pytest.param(
            yaml.safe_dump(make.plan(traffic=make.traffic(falseRollback="0.2"))),
            "falseRollback must be in (0, 0.2)",
            id="alpha out of bounds",
        ),
        pytest.param(
            yaml.safe_dump(make.plan(traffic=make.traffic(metrics=[make.metric(signal="Mood")]))),
            "spec.traffic.metrics.0.signal: Input should be 'ErrorRate' or 'Latency'",
            id="unknown signal",
        ),
    ],
)
def test_plans_that_are_none(sluice: Sluice, tmp_path: Path, text: str | None, says: str) -> None:
    path = tmp_path / "plan.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    result = sluice("plan-check", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in " ".join(result.stderr.split())
    assert result.stderr.count("\n") == 1
