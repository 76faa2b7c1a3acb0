"""The evidence as a metric: what is shown of whom, how much at most, and that nothing of it outlives the step."""

from sluice.adapters.memory_clock import MemoryClock
from sluice.api.candidate import MetricStatus
from sluice.api.phase import Phase
from sluice.api.verdict import Verdict
from sluice.runtime.evidence import MOST_CANDIDATES
from sluice.runtime.index import Key
from sluice.runtime.telemetry import Telemetry
from tests.golden.play import Play


def telemetry(*candidates: str, **fields: str) -> Telemetry:
    """Return telemetry over candidates that each have one live metric."""
    made = Telemetry(clock=MemoryClock().seconds, heartbeat_seconds=60)
    known = {"evidence_against": "0.50 of 2.00", "evidence_for": "-1.00 of 4.00"}
    metrics = (MetricStatus(name="errors", verdict=Verdict.INCONCLUSIVE, **(known | fields)),)
    made.evidence.running = lambda: {Key("models", name): metrics for name in candidates}
    return made


def shown(of: Telemetry) -> dict[tuple[str, ...], float]:
    """Return the series of the gauge."""
    samples = [one for family in of.registry.collect() for one in family.samples]
    return {tuple(one.labels.values()): one.value for one in samples if one.name == "sluice_metric_evidence"}


def test_evidence_is_shown_as_a_part_of_what_decides() -> None:
    assert shown(telemetry("shop-43")) == {
        ("models", "shop-43", "errors", "against"): 0.25,
        ("models", "shop-43", "errors", "for"): -0.25,
    }


def test_what_is_no_evidence_has_no_series() -> None:
    assert shown(telemetry("shop-43", evidence_against="")).keys() == {("models", "shop-43", "errors", "for")}


def test_there_are_no_more_candidates_than_the_bound() -> None:
    many = telemetry(*(f"shop-{number}" for number in range(MOST_CANDIDATES + 5)))
    assert len(shown(many)) == 2 * MOST_CANDIDATES


def test_a_candidate_is_shown_while_its_step_is_in_force_and_gone_when_it_ends() -> None:
    play = Play()
    play.telemetry.evidence.running = play.looks.evidence
    names: list[tuple[str, ...]] = []
    play.cue(play.at(Phase.SHIFTING, 5), lambda: play.later(30, lambda: names.extend(shown(play.telemetry))))
    assert shown(play.telemetry) == {}
    play.apply()
    play.run()
    assert names == [("models", "shop-43", "errors", "against"), ("models", "shop-43", "errors", "for")]
    assert shown(play.telemetry) == {}
