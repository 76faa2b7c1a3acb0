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
    then.no_predictor_was_added().no_client_request_failed()
    then.registry_says("cell", "Rejected", champion="champion").invariants_hold()

    when.applies("fragile", "fragile")
    then.phase_becomes("RolledBack").reason_is("Breached", naming="candidate requests failed")
    then.stable_serves("champion").nothing_is_left_of("fragile")
    then.only_the_candidate_failed(most=exposure_limit())
    then.registry_says("fragile", "RolledBack", champion="champion").invariants_hold()

    calm = sentiment.clients.report().records[-1].sent
    when.applies("good", "good")
    then.phase_becomes("Promoted").condition("Ready", "True", "Promoted")
    then.stable_serves("good").nothing_is_left_of("good")
    then.no_client_request_failed(since=calm).nobody_met_the_old_model("1")
    then.registry_says("good", "Promoted", champion="good").invariants_hold()


def exposure_limit() -> int:
    """Return how many failures a candidate may cost: three times what the evidence needs, and what a scrape takes.

    Against a spotless stable predictor a failure is worth at most ln(theta(r1)/theta(r0)) of the ln(1/alpha) and the
    prior of one of 16 alternatives that a breach needs.
    """
    share, worst, null = WEIGHT / 100, 21.0, 1.05
    worth = log((share * worst / (1 + share * (worst - 1))) / (share * null / (1 + share * (null - 1))))
    needed = (log(1 / 0.01) + log(16)) / worth
    scraped_late = 4 * RATE * WEIGHT / 100 * LONG_SHARE
    return round(3 * needed + scraped_late)
