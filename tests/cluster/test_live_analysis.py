"""Live analysis on real traffic: a model that becomes slow is taken back for that, whatever becomes of the operator."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from lab.addons import monitoring
from sluice.api.verdict import Verdict
from sluice.runtime.parsing import parse_candidate, parse_plan
from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, Story, When
from tests.support.unbroken import judged, samples_of

PROMETHEUS = os.environ.get("SLUICE_TEST_PROMETHEUS", monitoring.URL)
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


def on_record(story: Story) -> tuple[str, list[dict[str, str]]]:
    """Return up to which sample the metrics were judged at last, and to what numbers that came."""
    status = story.now()["status"]
    return status["checkpoint"]["time"], [numbers(metric) for metric in status["metrics"]]


def unbroken_verdict(story: Story) -> tuple[str, list[dict[str, str]]]:
    """Return the same of an operator that nobody killed, by what Prometheus has of the step."""
    applied = next(version for version in story.life() if version.judged_step == 0)
    candidate = parse_candidate({**applied.body, "status": without_evidence(applied.status)})
    plan = parse_plan(story.kube.get("RolloutPlan", story.namespace, "quick"))
    end = float(story.now()["status"]["checkpoint"]["time"])
    samples = asyncio.run(samples_of(PROMETHEUS, candidate, plan, end + 1))
    found = judged(candidate, plan, samples, end)
    assert found.checkpoint is not None
    assert found.verdict is Verdict.FAIL
    metrics = [metric.model_dump(mode="json", by_alias=True) for metric in found.metrics]
    return found.checkpoint.time, [numbers(metric) for metric in metrics]


def without_evidence(status: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in status.items() if name not in ("metrics", "checkpoint")}


def numbers(metric: Mapping[str, Any]) -> dict[str, str]:
    """Return what a metric's samples came to, and not how it is worded."""
    return {name: str(metric[name]) for name in ("name", "verdict", "candidate", "stable", "ratio", "evidenceAgainst")}


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
    assert on_record(story) == unbroken_verdict(story), story.told()
    starts = [entry for entry in story.now()["status"]["history"] if entry["reason"] == "StepStarted"]
    assert len(starts) == 1, story.told()
