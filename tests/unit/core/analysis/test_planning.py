"""What a plan will take: held against the closed formulas, against simulated rollouts, and against plain sense."""

import random
from math import log, log1p
from statistics import median

import pytest

from sluice.api.live import Traffic
from sluice.api.plan import RolloutPlanSpec
from sluice.api.verdict import Verdict
from sluice.core.analysis.planning import Expected, Outlook, Rates, outlooks
from sluice.core.analysis.pretend import ARMS, Pretended, counters_of, gains_of
from sluice.core.rehearsal import Outcome, Rehearsal
from tests.support import objects as make

HUNDRED = Rates(100.0, 0.01)


def planned(rates: Rates = HUNDRED, **traffic: object) -> list[Outlook]:
    plan = RolloutPlanSpec.model_validate(make.plan(traffic=make.traffic(**traffic))["spec"]).traffic
    return list(outlooks(plan, plan.metrics[0], rates))


def requests(expected: Expected | None) -> int:
    assert expected is not None
    return expected.requests


@pytest.mark.parametrize("ratio", [1.5, 2.0, 5.0])
def test_a_breach_takes_about_what_the_formula_says(ratio: float) -> None:
    q, share, alpha = 0.01, 0.1, 0.01
    (only,) = planned(steps=[make.step(10)])
    spread = log1p(share * (ratio - 1))
    information = q * (ratio * (log(ratio) - spread) - (1 - share) / share * spread)
    assert 0.9 <= requests(only.to_detect[ratio]) / ((log(1 / alpha) + log(1 / 0.1)) / information) <= 2.2


def test_a_spotless_service_passes_by_the_floor() -> None:
    (only,) = planned(Rates(100.0, 0.0), steps=[make.step(10, floor="0.005")])
    assert requests(only.to_pass) == pytest.approx(log(6 / 0.05) / 0.005, rel=0.15)


def test_nothing_is_a_multiple_of_nothing() -> None:
    (only,) = planned(Rates(100.0, 0.0), steps=[make.step(10)])
    assert set(only.to_detect.values()) == {None}


def test_twice_the_traffic_takes_half_the_time_and_the_same_requests() -> None:
    (slow,), (fast,) = (planned(Rates(rps, 0.01), steps=[make.step(10)]) for rps in (20.0, 40.0))
    for before, after in (
        (slow.to_pass, fast.to_pass),
        *zip(*(one.to_detect.values() for one in (slow, fast)), strict=True),
    ):
        assert requests(before) == pytest.approx(requests(after), rel=0.1)
        assert before.seconds / after.seconds == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize(
    ("traffic", "seconds", "waits"),
    [
        pytest.param({}, 85, False, id="evidence decides"),
        pytest.param({"minDwellSeconds": 600}, 600, True, id="the dwell decides"),
        pytest.param({"warmUpSeconds": 300}, 395, False, id="warm-up comes on top"),
    ],
)
def test_time_that_a_step_waits_for(traffic: dict[str, int], seconds: float, *, waits: bool) -> None:
    (only,) = planned(Rates(100.0, 0.0), steps=[make.step(10, floor="0.005")], **traffic)
    assert only.to_pass is not None
    assert only.to_pass.seconds == pytest.approx(seconds, rel=0.1)
    assert only.waits_for_time is waits


def test_fewer_carts_are_caught_like_more_errors() -> None:
    (only,) = planned(
        Rates(100.0, 0.08),
        steps=[make.step(10)],
        metrics=[make.metric(signal=make.ABSENT, ratio=make.ratio(), better="Higher")],
    )
    assert requests(only.to_detect[2.0]) < requests(only.to_detect[1.5])


def test_latency_is_spread_over_bounds_and_takes_longer_to_detect_than_a_single_rate() -> None:
    (errors,), (latency,) = (
        planned(steps=[make.step(10)], metrics=[make.metric(signal=signal)]) for signal in ("ErrorRate", "Latency")
    )
    assert requests(latency.to_detect[2.0]) > requests(errors.to_detect[2.0])


@pytest.mark.parametrize(
    ("truth", "ends"),
    [pytest.param(2.0, Outcome.BREACHED, id="twice as bad"), pytest.param(1.0, Outcome.PROMOTED, id="good")],
)
def test_simulated_rollouts_take_what_was_planned(truth: float, ends: Outcome) -> None:
    """Half of the rollouts need more, half need less: the plan is near their median."""
    steps = [make.step(10, margin="3", floor="0.005")]
    (only,) = planned(steps=steps)
    wanted = only.to_pass if truth == 1.0 else only.to_detect[truth]
    plan = RolloutPlanSpec.model_validate(make.plan(traffic=make.traffic(steps=steps))["spec"]).traffic
    served = [_simulated(plan, truth, random.Random(seed), ends) for seed in range(60)]  # noqa: S311 -- dice
    assert 0.5 <= median(one for one in served if one is not None) / requests(wanted) <= 1.5


def _simulated(plan: Traffic, truth: float, dice: random.Random, ends: Outcome) -> float | None:
    """Return the candidate's requests when a rollout ended so; None for another end."""
    metric = plan.metrics[0]
    world, rehearsal, now = Pretended(counters_of(metric), "predictor_name", 0.0), Rehearsal(plan, ARMS, 0.0), 0.0
    wanted = Verdict.FAIL if ends is Outcome.BREACHED else Verdict.PASS
    while now < 50_000:
        now += 5.0
        mine = gains_of(metric, 50, [_binomial(dice, 50, 0.01 * truth)])
        theirs = gains_of(metric, 450, [_binomial(dice, 450, 0.01)])
        look = rehearsal.look({metric.name: world.scrape(now, mine, theirs)}, now)
        if look.verdict is wanted:
            return look.metrics[metric.name].step.candidate_requests
    return None


def _binomial(dice: random.Random, trials: int, rate: float) -> int:
    return sum(dice.random() < rate for _ in range(trials))
