"""The sentiment example, whole: real reviews, real models: one promoted, one rejected, one rolled back."""

from math import log

import pytest
import yaml

from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, Story, When
from tests.support.registry import VERSIONS

RATE = 16
LONG_SHARE = 0.2
"""Of requests that are whole, very long reviews: what the fragile model fails on."""
WEIGHT = 25
NULL = 1.05
"""Ratio of error rates up to which a candidate is not called worse."""


@pytest.fixture
def sentiment(tell: Tell) -> Story:
    story = tell("sentiment")
    story.versions = {name: str(number) for number, name in enumerate(VERSIONS, start=1)}
    manifest = yaml.safe_load((story.registry.data / "manifests/seldondeployment.yaml").read_text(encoding="utf-8"))
    manifest["metadata"] |= {"namespace": story.namespace}
    manifest["metadata"]["annotations"] = {"standin.sluice.dev/missed-gate": "miss"}
    Given(story).sentiment_target(manifest).plan().load(RATE, long_share=LONG_SHARE)
    return story


def test_worse_cell_is_rejected_fragile_is_rolled_back_good_is_promoted(sentiment: Story) -> None:
    """One target lives through all three, as a team would: each sentence is about what clients and objects show."""
    when, then = When(sentiment), Then(sentiment)

    when.applies("cell", "cell")
    then.phase_becomes("Rejected").reason_is("GatesFailed", naming="negative-as-positive")
    then.condition("Evaluated", "False", "GatesFailed").condition("Stalled", "True", "GatesFailed")
    then.no_predictor_was_added()
    then.registry_says("cell", "Rejected", champion="champion").invariants_hold()

    when.applies("fragile", "fragile")
    then.phase_becomes("RolledBack").reason_is("Breached", naming="candidate requests failed")
    then.stable_serves("champion").nothing_is_left_of("fragile")
    then.only_the_candidate_failed(most=exposure_limit()).bad_exposure_is_told(information_limit())
    then.registry_says("fragile", "RolledBack", champion="champion").invariants_hold()

    when.applies("good", "good")
    then.phase_becomes("Promoted").condition("Ready", "True", "Promoted")
    then.stable_serves("good").nothing_is_left_of("good")
    then.no_client_request_failed().nobody_met_the_old_model("1")
    then.registry_says("good", "Promoted", champion="good").invariants_hold()


def information_limit() -> float:
    """Return how many failures any test of this error rate needs, against a stable predictor that never fails.

    Each failure could have hit either arm: that it hit the candidate has, for one just as bad as allowed, the chance
    theta(r0); the product of these must fall below alpha.
    """
    share = WEIGHT / 100
    return log(1 / 0.01) / -log(share * NULL / (1 + share * (NULL - 1)))


def exposure_limit() -> int:
    """Return how many failures the candidate may cost: what the mixture needs, and what a few late scrapes add."""
    late = 5 * RATE * WEIGHT / 100 * LONG_SHARE
    return round(4 * information_limit() + late)
