"""Candidates whose pods will not do are taken back in time, and a lost pod of the stable predictor is no breach."""

from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, When


def test_a_model_that_never_becomes_ready_is_taken_back_within_its_deadline(tell: Tell) -> None:
    story = tell("never-ready", "champion", "silent")
    Given(story).target().plan(readyTimeoutSeconds=15).load()
    When(story).applies("silent", "silent")
    then = Then(story)
    then.phase_becomes("RolledBack").reason_is("CandidateUnready", naming="not ready within 15 s")
    then.traffic_never_moved().stable_serves("champion").nothing_is_left_of()
    then.no_client_request_failed().invariants_hold()


def test_an_image_that_cannot_be_pulled_is_taken_back_and_named(tell: Tell) -> None:
    story = tell("no-image", "champion", "missing")
    Given(story).target().plan(readyTimeoutSeconds=15).load()
    When(story).applies("missing", "missing")
    then = Then(story)
    then.phase_becomes("RolledBack").reason_is("CandidateUnready", naming="ImagePull")
    then.traffic_never_moved().stable_serves("champion").nothing_is_left_of()
    then.no_client_request_failed().invariants_hold()


def test_a_model_that_crashes_at_25_percent_is_taken_back(tell: Tell) -> None:
    """Two causes are true, and which one is seen first is timing: the executor answers 500 as soon as the model is
    gone, which Prometheus shows with its next scrape, and about then the kubelet reports that no pod is ready.
    """
    story = tell("crashing", "champion", "crashing")
    Given(story).target().plan().load()
    When(story).applies("crashing", "crashing")
    then = Then(story)
    then.phase_becomes("RolledBack").reason_is_one_of(CandidateUnready=" at weight 25", Breached="errors:")
    then.stable_serves("champion").nothing_is_left_of()
    then.only_the_candidate_failed(most=200).invariants_hold()


def test_an_evicted_pod_of_the_stable_predictor_is_waited_for(tell: Tell) -> None:
    story = tell("evicted", "champion", "good")
    Given(story).target().plan().load()
    When(story).applies("good", "good").waits_for_applied(step=0)
    stable = story.kube.list("Pod", story.namespace, labelSelector="version=main")
    story.faults.evict(story.namespace, stable[0]["metadata"]["name"])
    then = Then(story)
    then.phase_becomes("Promoted").stable_serves("good").nothing_is_left_of().invariants_hold()
