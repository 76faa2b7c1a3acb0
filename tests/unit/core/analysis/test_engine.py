"""Whole looks: a scraped world in, a verdict out."""

from collections.abc import Callable

import pytest

from sluice.api.verdict import Verdict
from sluice.core.analysis.deltas import Cursor
from sluice.core.analysis.engine import Sightings, advance, unread, verdict_on, window_seconds
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.routing import Seen
from sluice.core.analysis.settings import HardLimit, Settings
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import Finding, MetricVerdict
from tests.support.analysis import ARMS, context, counts, feed, step
from tests.support.scraped import Scraped


def live(
    seconds: int = 200, *, failing: int = 0, of: int = 10, stable_failing: int = 0, stable_of: int = 90
) -> Scraped:
    """Both arms serve and are scraped each five seconds, the stable pod a second later."""
    world = Scraped()
    for tick in range(0, seconds + 1, 5):
        world.serve("candidate", "c-0", ok=of - failing, failed=failing).scrape(tick, ["c-0"])
        world.serve("stable", "s-0", ok=stable_of - stable_failing, failed=stable_failing).scrape(tick + 1, ["s-0"])
    return world


def only(arm: str) -> Scraped:
    world = Scraped()
    for tick in range(0, 201, 5):
        world.serve(arm, "p-0", ok=50).scrape(tick)
    return world


@pytest.mark.parametrize(
    ("world", "now", "want"),
    [
        pytest.param(Scraped(), 200, (Verdict.NO_DATA, Finding.NO_SAMPLES, "candidate yet"), id="no samples at all"),
        pytest.param(only("stable"), 200, (Verdict.NO_DATA, Finding.NO_SAMPLES, "candidate yet"), id="no candidate"),
        pytest.param(only("candidate"), 200, (Verdict.NO_DATA, Finding.NO_SAMPLES, "stable yet"), id="no stable"),
        pytest.param(
            live(100), 200, (Verdict.NO_DATA, Finding.STALE_SAMPLES, "candidate is 100 s old"), id="samples ended"
        ),
        pytest.param(live(5), 6, (Verdict.INCONCLUSIVE, Finding.DWELLING, "1 rounds"), id="one round of samples"),
        pytest.param(
            live(200), 201, (Verdict.INCONCLUSIVE, Finding.EVIDENCE_LACKING, "needs about 403"), id="spotless, too few"
        ),
        pytest.param(live(200, of=50, stable_of=450), 201, (Verdict.PASS, Finding.PASSED, "0 of 2,000"), id="spotless"),
        pytest.param(
            live(200, of=0), 201, (Verdict.NO_DATA, Finding.ROUTING_MISMATCH, "gets 0.0%"), id="none of the traffic"
        ),
        pytest.param(live(200, failing=5), 201, (Verdict.FAIL, Finding.BREACHED, "200 of 400"), id="half fails"),
        pytest.param(
            live(200, of=0, stable_of=0),
            201,
            (Verdict.INCONCLUSIVE, Finding.EVIDENCE_LACKING, "needs about 803"),
            id="no traffic at all",
        ),
        pytest.param(
            live(200, failing=5, stable_failing=45),
            201,
            (Verdict.PASS, Finding.PASSED, "200 of 400"),
            id="half fails in both arms: no worse than the stable",
        ),
        pytest.param(
            live(200, of=90, stable_of=90),
            201,
            (Verdict.NO_DATA, Finding.ROUTING_MISMATCH, "gets 50.0% of requests where 10% are configured"),
            id="half the traffic where a tenth is configured",
        ),
        pytest.param(
            live(200, of=90, stable_of=90, failing=45),
            201,
            (Verdict.FAIL, Finding.BREACHED, "failed"),
            id="a failing candidate is taken back however it is routed",
        ),
    ],
)
def test_a_look(world: Scraped, now: float, want: tuple[Verdict, Finding, str]) -> None:
    _, found = feed(world, [now])
    assert (found.verdict, found.finding) == want[:2]
    assert want[2] in found.message


def test_everything_a_verdict_carries() -> None:
    _, found = feed(live(100, failing=1, stable_failing=1), [101.0])
    want = MetricVerdict(
        verdict=Verdict.FAIL,
        finding=Finding.BREACHED,
        message="20 of 200 candidate requests failed where the stable predictor's rate let expect 2.2",
        step=counts((20, 200), (20, 1800)),
        total=counts((20, 200), (20, 1800)),
        ratio=found.ratio,
        against=found.against,
        against_needed=found.against_needed,
        favour=found.favour,
        favour_needed=found.favour_needed,
        rounds=20,
        newest=100.0,
        requests_needed=found.requests_needed,
        seconds_needed=found.seconds_needed,
        interval=found.interval,
        method="Bets",
    )
    assert found == want
    assert found.interval is not None
    assert found.interval.low > 1
    assert (found.ratio, found.against_needed, found.favour_needed) == pytest.approx((9.0, 2.0, 1.301), rel=0.001)
    assert found.favour < 0 < found.against_needed < found.against


@pytest.mark.parametrize(
    ("warm_up", "want"),
    [
        pytest.param(0, (Verdict.INCONCLUSIVE, Finding.EVIDENCE_LACKING), id="what it serves is seen"),
        pytest.param(60, (Verdict.INCONCLUSIVE, Finding.DWELLING), id="what it serves while it warms up is left out"),
    ],
)
def test_a_candidate_that_warms_up_beside_an_old_stable_is_not_misrouted(
    warm_up: float, want: tuple[Verdict, Finding]
) -> None:
    world = Scraped()
    for tick in range(-300, 56, 5):
        world.serve("stable", "s-0", ok=90).scrape(tick, ["s-0"])
        if tick >= 0:
            world.serve("candidate", "c-0", ok=10).scrape(tick, ["c-0"])
    _, found = feed(world, [56.0], settings=Settings(warm_up_seconds=warm_up))
    assert (found.verdict, found.finding) == want


def test_a_breach_outlives_its_samples() -> None:
    state, _ = feed(live(100, failing=5), [101.0])
    _, later = advance(state, (), context(900))
    assert later.verdict is Verdict.FAIL
    assert verdict_on(unread(state, context(901)), "gone").verdict is Verdict.FAIL


def test_without_a_provider_the_state_stays_and_the_reason_shows() -> None:
    found = verdict_on(unread(State(), context(50)), "the metrics provider refuses connections")
    assert (found.verdict, found.finding) == (Verdict.NO_DATA, Finding.UNREAD)
    assert found.message == "the metrics provider refuses connections"


def test_a_minute_without_samples_holds_and_then_goes_on() -> None:
    world = live(400, of=50, stable_of=450)
    blind = {key: [s for s in samples if not 30 < s[0] < 95] for key, samples in world.samples.items()}
    world.samples.update(blind)
    _, during = feed(world, [*range(5, 91, 5)])
    _, after = feed(world, [*range(5, 111, 5)])
    assert (during.verdict, after.verdict) == (Verdict.NO_DATA, Verdict.PASS)
    assert after.total.candidate_requests == 50 * 21


def test_slow_scrapes_are_not_stale() -> None:
    world = Scraped()
    for tick in range(0, 601, 60):
        world.serve("candidate", "c-0", ok=200).serve("stable", "s-0", ok=1800).scrape(tick)
    assert feed(world, [650.0])[1].verdict is Verdict.PASS
    assert feed(world, [790.0])[1].finding is Finding.STALE_SAMPLES


@pytest.mark.parametrize("interval", [1, 5, 15, 30, 60])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_blip_in_both_arms_is_no_breach_however_scrapes_are_staggered(interval: float, part: float) -> None:
    """All requests of a moment fail in both arms; the stable pod shows it a part of an interval after the candidate."""
    world, reads = Scraped(), []
    for tick in range(8):
        failing = "failed" if tick == 5 else "ok"
        world.serve("candidate", "c-0", **{failing: 50}).scrape(tick * interval, ["c-0"])
        world.serve("stable", "s-0", **{failing: 450}).scrape((tick + part) * interval, ["s-0"])
        reads += [tick * interval, (tick + part) * interval]
    _, found = feed(world, reads)
    assert found.verdict in {Verdict.PASS, Verdict.INCONCLUSIVE}


def test_a_crashing_pod_keeps_its_failures() -> None:
    world = Scraped().serve("stable", "s-0", ok=1).serve("candidate", "c-0", ok=1).scrape(0)
    for tick in range(5, 101, 5):
        if tick % 20 == 0:
            world.crash("c-0")
        world.serve("candidate", "c-0", ok=5, failed=5).serve("stable", "s-0", ok=90).scrape(tick)
    _, found = feed(world, [101.0])
    assert found.verdict is Verdict.FAIL
    assert found.total == counts((100, 200), (0, 1800))


@pytest.mark.parametrize("silent", [(40, 85), (40, 130), (55, 100)], ids=str)
def test_a_pod_that_was_not_scraped_over_a_minute_comes_back(silent: tuple[int, int]) -> None:
    world = Scraped()
    for tick in range(0, 201, 5):
        world.serve("candidate", "c-0", ok=50).serve("candidate", "c-1", ok=50).serve("stable", "s-0", ok=900)
        missed = silent[0] <= tick <= silent[1]
        world.scrape(tick, ["c-0", "s-0"] if missed else ["c-0", "c-1", "s-0"])
    _, verdict = feed(world, range(1, 202, 5), settings=Settings(restarts=3))

    assert (verdict.verdict, verdict.total.candidate_requests) == (Verdict.PASS, 4000)


def test_metrics_that_share_a_read_find_what_each_would_find_alone() -> None:
    """The first was left at another time, the last has samples of its own."""
    world, other = live(200), live(200, failing=2)
    behind, asked = feed(world, [101.0])[0], context(150)
    looks = [(behind, world), (State(), world), (State(), world), (State(), other)]
    apart = [advance(state, each.series(until=150), asked) for state, each in looks]
    sightings = Sightings()
    shared = [advance(state, each.series(until=150), asked, sightings) for state, each in looks]
    assert shared == apart


def test_a_step_is_judged_on_its_own_samples() -> None:
    world = live(200, of=50, stable_of=450)
    state, first = feed(world, [101.0])
    after, second = advance(state, world.series(until=111), context(111, at=step(index=1, started_at=101)))
    assert (first.verdict, second.verdict) == (Verdict.PASS, Verdict.INCONCLUSIVE)
    assert (second.step.candidate_requests, second.total.candidate_requests) == (50, 1100)
    assert after.seen == Seen(50, 450)


def test_a_step_restarts_the_evidence_against_beside_the_old() -> None:
    world, settings = live(200), Settings(restarts=1)
    state, _ = feed(world, [101.0], settings=settings)
    late = context(201, at=step(index=1, started_at=101), settings=settings)
    after, _ = advance(state, world.series(), late)
    breach = after.evidence.channels[""].breach
    assert [start.since for start in breach.starts] == [0, 60, 105, 180]
    assert [breach.since(start).requests for start in breach.starts] == [400, 280, 190, 40]


@pytest.mark.parametrize(
    ("other", "together"),
    [
        pytest.param(Settings(hard_limit=HardLimit(0.3)), True, id="a hard limit is a metric's own"),
        pytest.param(Settings(share=0.2), True, id="and so is its part of alpha"),
        pytest.param(Settings(warm_up_seconds=20), False, id="other rounds"),
        pytest.param(Settings(null_ratio=1.2), False, id="another comparison"),
        pytest.param(Settings(matures_seconds=20), False, id="late events"),
    ],
)
def test_metrics_that_count_the_same_take_in_rounds_together(other: Settings, *, together: bool) -> None:
    world, signal = live(60, failing=4, stable_failing=30), ErrorRate()
    first, second, alone = State(), State(), State()
    for now in (21.0, 41.0, 61.0):
        sightings, series = Sightings(), world.series()
        first, _ = advance(first, series, context(now, signal=signal), sightings)
        second, said = advance(second, series, context(now, settings=other, signal=signal), sightings)
        alone, want = advance(alone, series, context(now, settings=other))
        assert (second, said) == (alone, want)
    assert (second.evidence.channels is first.evidence.channels) is together


def test_a_step_is_not_passed_before_its_dwell() -> None:
    world = live(60, of=500, stable_of=4500)
    _, early = feed(world, [16.0], settings=Settings(min_dwell_seconds=30))
    _, late = feed(world, [31.0], settings=Settings(min_dwell_seconds=30))
    assert (early.finding, late.finding) == (Finding.DWELLING, Finding.PASSED)


def test_pods_that_are_long_gone_are_forgotten() -> None:
    world = live(0).serve("stable", "old", ok=5).scrape(3, ["old"])
    for tick in range(5, 1001, 5):
        world.serve("candidate", "c-0", ok=10).serve("stable", "s-0", ok=90).scrape(tick, ["c-0", "s-0"])
    state, _ = feed(world, [1001.0])
    state, _ = advance(state, world.series(since=900), context(1001))
    assert sorted(state.cursors) == ["candidate/c-0", "stable/s-0"]


@pytest.mark.parametrize(
    ("cursors", "want"),
    [
        pytest.param([], 90, id="nothing read yet"),
        pytest.param([(995, 5)], 20, id="to the last sample that was used, and some"),
        pytest.param([(995, 5), (985, 5)], 30, id="to that of the pod which is furthest behind"),
        pytest.param([(995, 5), (900, 5)], 20, id="a pod that has gone is not waited for"),
        pytest.param([(995, 5), (900, 60)], 115, id="one that is scraped seldom is"),
        pytest.param([(1200, 5)], 15, id="a clock that went back"),
        pytest.param([(10, 5)], 600, id="bounded after a long outage"),
    ],
)
def test_how_far_back_to_read(cursors: list[tuple[float, float]], want: int) -> None:
    known = {str(time): Cursor(0.0, float(time), "source", {}, {}, float(gap)) for time, gap in cursors}
    end = max([float(time) for time, _ in cursors], default=None)
    assert window_seconds(State(cursors=known, end=end), 1000.0, Settings()) == want


def portions(*cuts: float) -> list[float]:
    return [*cuts, 201.0]


@pytest.mark.parametrize("build", [pytest.param(live, id="calm"), pytest.param(lambda: live(failing=1), id="failing")])
@pytest.mark.parametrize(
    "reads",
    [
        pytest.param([float(now) for now in range(1, 202)], id="each second"),
        pytest.param(portions(3, 99.5, 100.2), id="in uneven portions"),
        pytest.param(portions(200.5, 10, 150), id="with reads that go back in time"),
    ],
)
def test_portions_do_not_matter(build: Callable[[], Scraped], reads: list[float]) -> None:
    assert feed(build(), reads) == feed(build(), [201.0])


def test_arms_are_named_by_predictor() -> None:
    assert (ARMS.candidate, ARMS.stable) == ("candidate", "stable")
