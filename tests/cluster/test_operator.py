"""The operator is killed or frozen in the middle of things: another replica goes on, and only one writes."""

from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, When
from tests.support.writers import in_turn


def test_the_operator_is_killed_at_every_stage_of_a_promotion(tell: Tell) -> None:
    story = tell("killed", "champion", "good")
    Given(story).target(missed_gate="miss").plan().load()
    when, then = When(story), Then(story)
    when.applies("good", "good")
    story.wait("its Job is there", lambda: bool(story.history.of("Job")), 60)
    story.faults.kill_operator()
    when.waits_for_applied(step=1)
    story.faults.kill_operator()
    for between_two_writes in ("Updating", "Returning"):
        when.waits_for(between_two_writes)
        story.faults.kill_operator()
    then.phase_becomes("Promoted", within=300).stable_serves("good").nothing_is_left_of()
    then.no_client_request_failed().nobody_met_the_old_model("champion").invariants_hold()
    assert len(story.history.lives("Job")) == 1


def test_the_operator_is_killed_around_the_breach(tell: Tell) -> None:
    story = tell("killed-breach", "champion", "erring")
    Given(story).target().plan().load()
    when, then = When(story), Then(story)
    when.applies("erring", "erring").waits_for_applied(step=0)
    story.faults.kill_operator()
    when.waits_for_phase("RollingBack")
    story.faults.kill_operator()
    then.phase_becomes("RolledBack").reason_is("Breached").stable_serves("champion").nothing_is_left_of()
    then.only_the_candidate_failed(most=200).invariants_hold()


def test_a_leader_that_froze_finds_another_in_charge_and_writes_no_more(tell: Tell) -> None:
    story = tell("frozen", "champion", "good")
    Given(story).target().plan().load()
    When(story).applies("good", "good").waits_for_phase("Evaluating")
    old = story.faults.leader()
    with story.faults.frozen(story.faults.operator_namespace, old):
        story.wait("another replica leads", lambda: story.faults.leader() != old, 90)
        new = story.faults.leader()
    then = Then(story)
    then.phase_becomes("Promoted").stable_serves("good").no_client_request_failed().invariants_hold()
    assert new != old
    assert [pod_of(instance) for instance in in_turn(story.history)] == [old, new]
    assert len(story.history.lives("Job")) == 1


def pod_of(instance: str) -> str:
    """Return the pod of a replica's identity."""
    return instance.rpartition("_")[0]
