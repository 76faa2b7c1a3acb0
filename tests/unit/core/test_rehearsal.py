"""A plan's steps without a cluster: which step or end follows, by the rules of a rollout."""

from collections.abc import Iterable

import pytest

from sluice.api.live import Traffic
from sluice.core.analysis.pretend import ARMS, Pretended, counters_of, gains_of
from sluice.core.analysis.samples import Series
from sluice.core.rehearsal import Outcome, Rehearsal
from tests.support import objects as make
from tests.support.recordings import traffic

NOTHING = None
GOOD, BAD, UNCLEAR = (100, 1), (100, 30), (2, 0)
"""Requests and failures of the candidate in five seconds; the stable predictor fails as GOOD does."""
Look = tuple[int, int] | None


def rehearsed(plan: Traffic, looks: Iterable[Look], tick: float = 5.0) -> tuple[Outcome | None, int, float]:
    """Return the end, the step that was in force, and the seconds, after looks at such a candidate."""
    metric, now = plan.metrics[0], 0.0
    world, rehearsal = Pretended(counters_of(metric), "predictor_name", now), Rehearsal(plan, ARMS, now)
    for look in looks:
        now += tick
        weight = plan.steps[rehearsal.step].weight / 100
        samples = {} if look is None else {metric.name: _scraped(plan, world, (now, weight), look)}
        outcome = rehearsal.follow(rehearsal.look(samples, now))
        if outcome is not None:
            return outcome, rehearsal.step, now
    return None, rehearsal.step, now


def _scraped(plan: Traffic, world: Pretended, at: tuple[float, float], look: tuple[int, int]) -> tuple[Series, ...]:
    (now, weight), (requests, failures), metric = at, look, plan.metrics[0]
    others = round(requests * (1 - weight) / weight)
    stable = gains_of(metric, others, [others // 100])
    return world.scrape(now, gains_of(metric, requests, [failures]), stable)


STEPS = [make.step(20, maxDurationSeconds=300), make.step(50, maxDurationSeconds=300)]


@pytest.mark.parametrize(
    ("rules", "looks", "want"),
    [
        pytest.param({}, [GOOD] * 200, (Outcome.PROMOTED, 1), id="good through all steps"),
        pytest.param({}, [GOOD, *[BAD] * 200], (Outcome.BREACHED, 0), id="bad"),
        pytest.param({}, [UNCLEAR] * 59, (None, 0), id="unclear so far"),
        pytest.param({}, [UNCLEAR] * 60, (Outcome.UNDECIDED, 0), id="unclear to the end of the step: it holds"),
        pytest.param({"onInconclusive": "Rollback"}, [UNCLEAR] * 60, (Outcome.TAKEN_BACK, 0), id="or is taken back"),
        pytest.param(
            {"onInconclusive": "Advance", "errorBudget": 1_000_000},
            [UNCLEAR] * 119,
            (None, 1),
            id="or goes on, within its budget",
        ),
        pytest.param(
            {"onInconclusive": "Advance", "errorBudget": 1}, [UNCLEAR] * 60, (Outcome.UNDECIDED, 0), id="not beyond it"
        ),
        pytest.param(
            {"onInconclusive": "Advance", "errorBudget": 1_000_000},
            [UNCLEAR] * 120,
            (Outcome.UNDECIDED, 1),
            id="never past the last step",
        ),
        pytest.param({}, [NOTHING] * 500, (None, 0), id="without data time stands still"),
        pytest.param({}, [*[UNCLEAR] * 50, *[NOTHING] * 100, *[UNCLEAR] * 9], (None, 0), id="also for a while"),
        pytest.param(
            {"onNoData": "Rollback", "noDataTimeoutSeconds": 60},
            [NOTHING] * 12,
            (Outcome.TAKEN_BACK, 0),
            id="taken back blind",
        ),
        pytest.param(
            {"onNoData": "Rollback", "noDataTimeoutSeconds": 60},
            [*[NOTHING] * 11, GOOD, *[NOTHING] * 8],
            (None, 0),
            id="a break begins the time anew",
        ),
    ],
)
def test_what_follows(rules: dict[str, object], looks: list[Look], want: tuple[Outcome | None, int]) -> None:
    outcome, step, _ = rehearsed(traffic(steps=STEPS, **rules), looks)
    assert (outcome, step) == want


def test_the_dwell_is_kept_in_every_step() -> None:
    outcome, _, seconds = rehearsed(traffic(steps=STEPS, minDwellSeconds=100), [GOOD] * 200)
    assert (outcome, seconds) == (Outcome.PROMOTED, 200.0)
