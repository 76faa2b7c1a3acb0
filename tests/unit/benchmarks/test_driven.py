"""Driving the evidence with counts comes to what the whole path from raw samples comes to."""

import pytest

from benchmarks.analysis.driven import breached, rollout
from benchmarks.analysis.rules.sluice import Sluice, one_start
from benchmarks.analysis.traffic import Traffic, generate
from benchmarks.analysis.worlds import World, steady, worse
from sluice.api.verdict import Verdict
from sluice.core.analysis.engine import advance
from sluice.core.analysis.settings import Settings, Step
from sluice.core.analysis.state import State
from tests.support.analysis import context, step
from tests.support.scraped import Scraped

SCRAPE = 5.0


def scraped(traffic: Traffic, run: int) -> Scraped:
    """Return the world of pods in which the same was served, scraped at the end of each bin."""
    arms = [("candidate", traffic.candidate_requests, traffic.candidate_failures)]
    arms += [("stable", *pod) for pod in traffic.pods]
    world = Scraped()
    for number, (arm, _, _) in enumerate(arms):
        world.serve(arm, f"p-{number}", ok=0, failed=0)
    world.scrape(0)
    for place, end in enumerate(traffic.ends.tolist()):
        for number, (arm, requests, failures) in enumerate(arms):
            failed = float(failures[run, place])
            world.serve(arm, f"p-{number}", ok=float(requests[run, place]) - failed, failed=failed)
        world.scrape(end)
    return world


def whole_path(traffic: Traffic, settings: Settings, at: Step) -> tuple[float | None, float | None]:
    """Return when the samples, read after every scrape, first breach and first pass."""
    world, state, passed = scraped(traffic, 0), State(), None
    for now in traffic.ends.tolist():
        state, verdict = advance(state, world.series(until=now), context(now, at=at, settings=settings))
        if verdict.verdict is Verdict.PASS and passed is None:
            passed = now
    return state.evidence.crossed_at, passed


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(one_start(), id="one start"),
        pytest.param(Sluice(Settings(restarts=3, horizon_seconds=600, restart_seconds=120)), id="later starts"),
    ],
)
@pytest.mark.parametrize("ratio", [pytest.param(2.0, id="twice as many"), pytest.param(5.0, id="five times")])
def test_a_breach_crosses_at_the_same_sample(rule: Sluice, ratio: float) -> None:
    traffic = generate(worse(ratio, onset=60), (3, 0), 1, 600, SCRAPE)
    crossed, _ = whole_path(traffic, rule.settings, step())
    assert crossed is not None
    assert breached(traffic, 0, rule.settings) == crossed


@pytest.mark.parametrize("baseline", [pytest.param(0.01, id="by the ratio"), pytest.param(0.0, id="by the floor")])
def test_a_step_passes_at_the_same_sample(baseline: float) -> None:
    traffic = generate(World(baseline=steady(baseline)), (4, 0), 1, 600, SCRAPE)
    settings, at = Settings(), step()
    _, passed = whole_path(traffic, settings, at)
    assert passed is not None
    assert rollout([(at, traffic)], 0, settings).promoted == passed
