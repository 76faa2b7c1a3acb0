"""Evidence for a breach and for a pass: the numbers behind the verdict, by hand."""

from math import exp, inf, log

import pytest

from sluice.core.analysis import breach, progress, routing
from sluice.core.analysis.breach import LATE_STARTS, Breach
from sluice.core.analysis.counts import Counts, Tally
from sluice.core.analysis.likelihood import beyond, log_increments
from sluice.core.analysis.mixture import log_mean, log_sum
from sluice.core.analysis.outlook import Outlook, outlook
from sluice.core.analysis.pace import FIRST
from sluice.core.analysis.points import POINTS, PRIOR, STAKES
from sluice.core.analysis.progress import Progress
from sluice.core.analysis.routing import Seen
from sluice.core.analysis.settings import Settings, planned_restarts
from sluice.core.analysis.spread import Spread
from tests.support.analysis import counts, done, step

EVEN = counts((1, 100), (1, 100))


@pytest.mark.parametrize(
    ("given", "want"),
    [
        pytest.param(counts((1, 50), (0, 50)), log((2 / 3) / (1 / 2)), id="a candidate failure speaks for worse"),
        pytest.param(counts((0, 50), (1, 50)), log((1 / 3) / (1 / 2)), id="a stable failure against"),
        pytest.param(counts((0, 50), (0, 50)), 0.0, id="no failures say nothing"),
        pytest.param(counts((5, 50), (0, 0)), 0.0, id="no stable requests say nothing"),
        pytest.param(counts((0, 0), (5, 50)), 0.0, id="no candidate requests say nothing"),
        pytest.param(counts((3, 10), (4, 30)), 3 * log(1.6) + 4 * log(0.8), id="at a quarter of the traffic"),
    ],
)
def test_the_likelihood_ratio_of_twice_against_as_good(given: Counts, want: float) -> None:
    assert log_increments(given, 1.0, beyond(1.0, [2.0])) == pytest.approx((want,))


def test_the_alternatives_rise_and_share_the_whole_prior() -> None:
    assert list(POINTS) == sorted(POINTS)
    assert POINTS[0] > 1
    assert sum(PRIOR) == pytest.approx(1)
    assert len(POINTS) == len(PRIOR) == len(STAKES)
    assert 0 < min(STAKES) <= max(STAKES) < 1


def test_sums_of_logs_do_not_overflow() -> None:
    assert log_sum([1e6, 1e6]) == pytest.approx(1e6 + log(2))
    assert log_sum([-1e6, -inf]) == -1e6
    assert log_sum([]) == log_sum([-inf]) == -inf
    assert log_mean([0.5, 0.5], [0.0, log(3)]) == pytest.approx(log(2))


@pytest.mark.parametrize(
    ("rounds", "want"),
    [
        pytest.param([], Tally(), id="nothing yet"),
        pytest.param([counts((2, 10), (5, 100))], Tally(10, 2, 0.5, 0.05), id="what the stable's rate lets expect"),
        pytest.param([counts((2, 10))], Tally(), id="a round without the stable is left out"),
        pytest.param(
            [counts((0, 10), (0, 990)), counts((50, 500), (50, 500))],
            Tally(510, 50, 50, 50),
            id="weights that move do not bias",
        ),
    ],
)
def test_the_tally(rounds: list[Counts], want: Tally) -> None:
    tally = Tally()
    for one in rounds:
        tally = tally.add(one)
    assert tally == want


SINGLE = Spread(squares=100.0, freedom=100.0, noise=200.0)
"""The stable's pods were long alike."""


def crossed(rounds: list[Counts], settings: Settings | None = None, spread: Spread = SINGLE) -> float | None:
    state = Breach(spread=spread)
    for place, one in enumerate(rounds):
        state = state.extend(done(one, 5.0 * place), settings or Settings())
    return state.crossed_at


@pytest.mark.parametrize(
    ("rounds", "want"),
    [
        pytest.param([EVEN] * 100, None, id="as good as the stable"),
        pytest.param([counts((10, 100), (10, 900))] * 10, 5.0, id="nine times as bad, at a glance"),
        pytest.param([counts((2, 100), (9, 900))] * 3, None, id="twice as bad, too early to tell"),
        pytest.param([counts((2, 100), (9, 900))] * 60, 85.0, id="twice as bad, told after a while"),
        pytest.param([counts((10, 100), (90, 900))] * 100, None, id="both bad"),
        pytest.param([counts((4, 1e5), (0, 9e5))] * 9, None, id="a handful of failures against a spotless stable"),
        pytest.param([counts((4e3, 1e7), (1.8e4, 9e7))] * 9, None, id="huge traffic, twice the rate, below the floor"),
        pytest.param([counts((3e4, 1e7), (9e4, 9e7))] * 9, 5.0, id="huge traffic above the floor"),
        pytest.param(
            [*[counts((10, 100), (10, 900))] * 2, *[EVEN] * 500], 5.0, id="sticky: it does not become good again"
        ),
    ],
)
def test_the_breach(rounds: list[Counts], want: float | None) -> None:
    assert crossed(rounds) == want


@pytest.mark.parametrize(
    ("round_", "spread", "want"),
    [
        pytest.param(counts((10, 100), (10, 900)), Spread(), 20.0, id="nothing is known of bursts: four surprises"),
        pytest.param(counts((10, 100), (10, 900)), SINGLE, 5.0, id="they are known not to come"),
        pytest.param(counts((50, 50), (0, 450)), Spread(), 15.0, id="all of its requests: three surprises"),
        pytest.param(counts((500, 500), (0, 500)), Spread(), 15.0, id="at half of the traffic too"),
        pytest.param(counts((1, 50), (0, 450)), Spread(), 25.0, id="single events"),
    ],
)
def test_a_fault_at_once_takes_some_rounds_while_it_may_be_a_burst(round_: Counts, spread: Spread, want: float) -> None:
    assert crossed([round_] * 10, spread=spread) == want


GOOD, BAD = counts((1, 100), (9, 900)), counts((3, 100), (9, 900))


def test_a_fault_that_sets_in_late_is_found_sooner_from_a_later_start() -> None:
    rounds = [GOOD] * 360 + [BAD] * 200
    alone, spread = crossed(rounds), crossed(rounds, Settings(restarts=6, restart_seconds=300))
    assert alone is not None
    assert spread is not None
    assert 3 * (spread - 1800) < alone - 1800


def test_starts_are_bounded_by_the_plan() -> None:
    settings = Settings(restarts=2, restart_seconds=10, horizon_seconds=3600)
    state = Breach().restart(0)
    assert state == Breach()
    for place in range(20):
        state = state.extend(done(GOOD, 5.0 * place), settings).restart(5.0 * place)
    assert state.starts[0].since == 0
    assert len(state.starts) <= 1 + LATE_STARTS
    assert state.pace.left == pytest.approx(0.4 - 0.2 - 0.2 / 60)
    for place in range(20, 2000):
        state = state.extend(done(GOOD, 5.0 * place), settings)
    assert state.pace.left == pytest.approx(0)
    assert len(state.starts) <= 1 + LATE_STARTS


def test_starts_still_to_come_hold_their_part() -> None:
    settings = Settings(restarts=3)
    state = Breach().extend(done(BAD), settings)
    alone = Breach().extend(done(BAD), Settings()).log_evidence()
    assert state.log_evidence() == pytest.approx(log(FIRST * exp(alone) + 1 - FIRST), abs=1e-5)


def test_a_metric_with_half_of_alpha_needs_twice_the_evidence() -> None:
    assert breach.threshold(Settings(alpha=0.01)) == pytest.approx(log(100))
    assert breach.threshold(Settings(alpha=0.01, share=0.5)) == pytest.approx(log(200))


@pytest.mark.parametrize(
    ("durations", "want"),
    [
        pytest.param((), 0, id="no steps"),
        pytest.param((600,), 0, id="one short step"),
        pytest.param((600, 600, 600), 2, id="one a step after the first"),
        pytest.param((3600, 7200), 1 + 1 + 3, id="and one each half hour inside"),
        pytest.param((1800,), 0, id="not at a step's very end"),
    ],
)
def test_planned_restarts(durations: tuple[float, ...], want: int) -> None:
    assert planned_restarts(durations) == want


def passed(candidate: tuple[float, float], stable: tuple[float, float]) -> bool:
    state = progress.fresh().extend(done(counts(candidate, stable)), step())
    return progress.log_evidence(state, step()) >= progress.threshold(Settings())


@pytest.mark.parametrize(
    ("candidate", "stable", "want"),
    [
        pytest.param((0, 500), (0, 4500), False, id="spotless, too few requests"),
        pytest.param((0, 900), (0, 8100), True, id="spotless, about ln(1/pi beta)/floor requests"),
        pytest.param((1, 900), (0, 8100), False, id="one failure: the floor needs more"),
        pytest.param((1, 2200), (0, 19800), True, id="and gets it"),
        pytest.param((9, 900), (81, 8100), True, id="as good as the stable: by the ratio"),
        pytest.param((27, 900), (81, 8100), False, id="at the margin"),
        pytest.param((0, 900), (0, 0), True, id="the floor needs no stable"),
        pytest.param((0, 0), (10, 9000), False, id="no candidate requests"),
        pytest.param((3e7, 1e9), (9e7, 9e9), False, id="at the margin with huge traffic"),
        pytest.param((1e7, 1e9), (9e7, 9e9), True, id="as good with huge traffic"),
    ],
)
def test_the_pass(candidate: tuple[float, float], stable: tuple[float, float], want: bool) -> None:  # noqa: FBT001
    assert passed(candidate, stable) is want


def test_only_rounds_that_begin_inside_the_step_count() -> None:
    early, late = done(EVEN, 9.9), done(EVEN, 10)
    state = progress.fresh().extend(early, step(started_at=10)).extend(late, step(started_at=10))
    assert (state.counts, state.rounds, state.seconds) == (EVEN, 1, 5)


@pytest.mark.parametrize(
    ("given", "want"),
    [
        pytest.param(counts((0, 450), (0, 4050)), Outlook(353, 5 * 353 / 450), id="half way there"),
        pytest.param(counts((0, 2000), (0, 18000)), Outlook(0, 0.0), id="already there"),
        pytest.param(counts(), Outlook(803, None), id="nothing yet: as if spotless, no rate known"),
    ],
)
def test_what_is_missing(given: Counts, want: Outlook) -> None:
    state = progress.fresh().extend(done(given), step())
    found = outlook(state, step(), Settings())
    assert found.requests == pytest.approx(want.requests, rel=0.01)
    assert found.seconds == (None if want.seconds is None else pytest.approx(want.seconds, rel=0.01))


def test_what_is_missing_is_about_right() -> None:
    """Serve what the outlook asked for at the stable's rate: it passes then, and not much sooner."""
    state = progress.fresh().extend(done(counts((3, 200), (18, 1800))), step())
    need = outlook(state, step(), Settings()).requests
    assert need is not None

    def after(part: float) -> float:
        more = need * part
        served = state.extend(done(counts((0.01 * more, more), (0.09 * more, 9 * more)), 5), step())
        return progress.log_evidence(served, step()) / progress.threshold(Settings())

    assert after(0.9) < 1 <= after(1.05)


@pytest.mark.parametrize(
    ("candidate", "stable", "weight", "want"),
    [
        pytest.param(0, 0, 0.1, False, id="nothing seen"),
        pytest.param(100, 900, 0.1, False, id="as configured"),
        pytest.param(140, 860, 0.1, False, id="within the slack for staggered scrapes"),
        pytest.param(3, 7, 0.1, False, id="few requests may fall anyhow"),
        pytest.param(500, 500, 0.1, True, id="half where a tenth is configured"),
        pytest.param(0, 1000, 0.1, True, id="none where a tenth is configured"),
        pytest.param(0, 50, 0.1, False, id="none of a few"),
        pytest.param(600, 9400, 0.05, False, id="6 % for 5 %"),
        pytest.param(1000, 0, 0.5, True, id="all where half is configured"),
        pytest.param(10, 0, 0.5, False, id="all of a few"),
        pytest.param(5, 10_000, 0.0, False, id="a straggler at weight 0"),
    ],
)
def test_the_routing_check(candidate: float, stable: float, weight: float, want: bool) -> None:  # noqa: FBT001
    assert routing.mismatch(Seen(candidate, stable), weight) is want


def test_a_repaired_route_recovers() -> None:
    seen, looks = Seen(), []
    for one in [counts((0, 500), (0, 500))] * 20 + [counts((0, 100), (0, 900))] * 40:
        seen = seen.extend(one)
        looks.append(routing.mismatch(seen, 0.1))
    assert looks[19]
    assert not looks[-1]


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda: Settings(alpha=0), id="alpha 0"),
        pytest.param(lambda: Settings(alpha=1), id="alpha 1"),
        pytest.param(lambda: Settings(share=0), id="no part of alpha"),
        pytest.param(lambda: Settings(null_ratio=0.9), id="a null that calls as good worse"),
        pytest.param(lambda: Settings(alpha=float("nan")), id="NaN"),
        pytest.param(lambda: step(margin=1), id="a margin of 1"),
        pytest.param(lambda: step(floor=0), id="a floor of 0"),
        pytest.param(lambda: step(weight=10), id="a weight in percent"),
    ],
)
def test_settings_out_of_bounds_are_refused(build: object) -> None:
    assert callable(build)
    with pytest.raises(ValueError, match="out of bounds"):
        build()


def test_progress_without_rounds_is_empty() -> None:
    assert progress.fresh() == Progress(Counts(), (0.0,) * 4)
    assert progress.log_evidence(progress.fresh(), step()) == pytest.approx(0)


@pytest.mark.parametrize(
    ("strata", "want"),
    [
        pytest.param([], (0, 0), id="no pods"),
        pytest.param([(100, 5)], (0, 0), id="one pod, and no round before"),
        pytest.param([(100, 5), (100, 5)], (0, 1), id="alike"),
        pytest.param([(100, 2), (100, 8)], (3.79 * 199 / 200, 1), id="apart"),
        pytest.param([(100, 0), (0, 0), (100, 0)], (0, 0), id="no events"),
        pytest.param([(100, 30), (100, 0), (100, 0)], (20, 2), id="a burst, which says no more than so much"),
    ],
)
def test_pearsons_x2_of_pods(strata: list[tuple[float, float]], want: tuple[float, float]) -> None:
    found = Spread().add(strata, Counts(), Tally())
    assert found.squares == pytest.approx(want[0], abs=0.01)
    assert found.freedom == want[1]


@pytest.mark.parametrize(
    ("given", "before", "want"),
    [
        pytest.param(counts((2, 100), (8, 100)), Tally(1e6, 1e6, 1e6), (3.79 * 199 / 200, 1), id="apart"),
        pytest.param(counts((2, 100), (8, 100)), Tally(1e6, 1e5, 4e5), (0, 1), id="no further than it always was"),
        pytest.param(counts((2, 100), (8, 100)), Tally(), (0.24, 1), id="nothing is known of the ratio yet"),
        pytest.param(counts((2, 10), (180, 900)), Tally(1e6, 1e6, 1e6), (0, 1), id="alike, in a bad moment"),
        pytest.param(counts((2, 10)), Tally(), (0, 0), id="no stable requests"),
    ],
)
def test_a_single_stable_pod_is_held_against_the_candidate(
    given: Counts, before: Tally, want: tuple[float, float]
) -> None:
    found = Spread().add([(given.stable_requests, given.stable_failures)], given, before)
    assert found.squares == pytest.approx(want[0], abs=0.01)
    assert found.freedom == want[1]


@pytest.mark.parametrize(
    ("before", "want"),
    [
        pytest.param(counts(), 0.5, id="nothing was counted before: half each"),
        pytest.param(counts((0, 10), (0, 99)), 0.5, id="too little was"),
        pytest.param(counts((0, 10), (0, 100)), 0.05, id="nothing failed: the floor will win"),
        pytest.param(counts((0, 10), (1, 1000)), 0.5, id="little failed: nobody knows"),
        pytest.param(counts((0, 10), (10, 1000)), 0.95, id="more than the floor failed: the ratio will win"),
    ],
)
def test_the_ratio_holds_what_earlier_rounds_let_expect(before: Counts, want: float) -> None:
    informed = progress.fresh().informed(before, step())
    assert informed.ratio_part == pytest.approx(want)
    later = informed.extend(done(counts((1, 100), (9, 900))), step())
    assert later.informed(counts(), step()).ratio_part == informed.ratio_part
