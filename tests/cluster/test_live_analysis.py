"""Live analysis on real traffic: a model that becomes slow is taken back for that, whatever becomes of the operator."""

from typing import Any

from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, Story, When

METRICS = [{"name": "errors", "signal": "ErrorRate"}, {"name": "latency", "signal": "Latency"}]
STEPS = [{"weight": 25, "margin": "1.5", "floor": "0.005", "maxDurationSeconds": 1200}]
"""One step, so strict that it takes minutes: the model has become slow long before it could pass."""


def requests_judged(story: Story) -> int:
    """Return how many candidate requests the evidence on record rests on."""
    metrics: list[dict[str, Any]] = (story.now().get("status") or {}).get("metrics") or []
    return max((int(metric["candidate"].partition("/")[2] or 0) for metric in metrics), default=0)


def verdicts(story: Story) -> dict[str, str]:
    """Return the last verdict on each live metric."""
    return {metric["name"]: metric["verdict"] for metric in story.now()["status"]["metrics"]}


def test_a_model_that_becomes_slow_is_taken_back_for_its_latency(tell: Tell) -> None:
    story = tell("slow", "champion", "slow")
    Given(story).target().plan(metrics=METRICS, steps=STEPS).load()
    When(story).applies("slow", "slow")
    then = Then(story)
    then.phase_becomes("RolledBack").reason_is("Breached", naming="latency").stable_serves("champion")
    then.nothing_is_left_of().no_client_request_failed().invariants_hold()
    assert verdicts(story)["latency"] == "Fail", story.told()
    assert verdicts(story)["errors"] != "Fail", story.told()


def test_an_operator_that_is_killed_in_the_middle_of_a_step_comes_to_the_same_verdict(tell: Tell) -> None:
    story = tell("slow-killed", "champion", "slow")
    Given(story).target().plan(metrics=METRICS, steps=STEPS).load()
    When(story).applies("slow", "slow").waits_for_applied(step=0)
    story.wait("requests are judged", lambda: requests_judged(story) > 0, 60)
    story.faults.kill_operator()
    then = Then(story)
    then.phase_becomes("RolledBack").reason_is("Breached", naming="latency").stable_serves("champion")
    then.nothing_is_left_of().no_client_request_failed().invariants_hold()
    starts = [entry for entry in story.now()["status"]["history"] if entry["reason"] == "StepStarted"]
    assert len(starts) == 1, story.told()
