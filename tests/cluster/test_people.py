"""People pause, resume, abort and delete; a second candidate waits its turn; other tools reset what is not theirs."""

from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, When


def test_pause_holds_resume_goes_on_and_the_next_in_the_queue_follows(tell: Tell) -> None:
    story = tell("people", "champion", "good", "erring")
    Given(story).target(missed_gate="hold").plan().load()
    when, then = When(story), Then(story)

    when.applies("erring", "erring").waits_for_phase("Evaluating")
    when.applies("good", "good")
    then.waits("Queued", naming="candidate erring is")
    story.candidate = "erring"
    then.phase_becomes("RolledBack").reason_is("Breached")
    story.candidate = "good"
    when.waits_for_applied(step=0).pauses()
    then.is_held("Paused", weight=25)
    when.resumes()
    then.phase_becomes("Promoted").stable_serves("good").nobody_met_the_old_model("champion").invariants_hold()


def test_abort_takes_the_traffic_back(tell: Tell) -> None:
    story = tell("aborted", "champion", "good")
    Given(story).target().plan().load()
    When(story).applies("good", "good").waits_for_applied(step=0).aborts()
    then = Then(story)
    then.phase_becomes("Aborted").reason_is("Aborted").stable_serves("champion").nothing_is_left_of()
    then.no_client_request_failed().invariants_hold()


def test_deleting_a_candidate_in_flight_takes_the_traffic_back_first(tell: Tell) -> None:
    story = tell("deleted", "champion", "good")
    Given(story).target().plan().load()
    When(story).applies("good", "good").waits_for_applied(step=0).deletes()
    then = Then(story)
    then.is_gone().stable_serves("champion").nothing_is_left_of()
    then.no_client_request_failed().invariants_hold()


def test_predictors_reset_by_somebody_else_are_made_safe_without_a_fight(tell: Tell) -> None:
    story = tell("reset", "champion", "good")
    Given(story).target().plan().load()
    When(story).applies("good", "good").waits_for_applied(step=0).somebody_resets_predictors()
    then = Then(story)
    then.phase_becomes("RolledBack").reason_is("Drifted", naming="was removed")
    then.condition("TrafficDrifted", "True", "Drifted").stable_serves("champion").nothing_is_left_of()
    then.invariants_hold()
