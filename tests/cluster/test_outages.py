"""What a rollout needs is away: it holds, it goes on, and taking traffic back needs nobody."""

from lab.addons import monitoring, registry
from lab.seldon_standin.manifests import NAMESPACE as SELDON
from tests.cluster.conftest import Tell
from tests.cluster.outcome import Then
from tests.cluster.scenario import Given, When

MINUTE = 60.0
MANAGER = "seldon-controller-manager"


def test_registry_and_prometheus_are_away_for_a_while(tell: Tell) -> None:
    story = tell("outages", "champion", "good")
    Given(story).target().plan().load()
    when, then = When(story), Then(story)
    with story.faults.frozen(registry.NAMESPACE, story.faults.pod_of(registry.NAMESPACE, "mlflow")):
        when.applies("good", "good")
        then.waits("RegistryUnavailable")
    when.waits_for_applied(step=0)
    with story.faults.away(monitoring.NAMESPACE, "prometheus"):
        then.is_held("NoData", weight=25).stays_held(MINUTE, weight=25)
    then.phase_becomes("Promoted", within=300).stable_serves("good")
    then.no_client_request_failed().registry_says("good", "Promoted", champion="good").invariants_hold()


def test_clients_are_back_on_stable_though_seldons_manager_is_down_at_the_breach(tell: Tell) -> None:
    story = tell("manager-down", "champion", "erring")
    Given(story).target().plan().load(rate=10)
    when, then = When(story), Then(story)
    when.applies("erring", "erring").waits_for_applied(step=0)
    with story.faults.away(SELDON, MANAGER):
        when.waits_for_phase("RollingBack")
        then.clients_are_back_on_stable(within=30)
    then.phase_becomes("RolledBack").reason_is("Breached").stable_serves("champion").nothing_is_left_of()
    then.only_the_candidate_failed(most=60).invariants_hold()
