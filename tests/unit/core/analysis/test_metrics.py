"""Whole looks at other metrics than error rates: latency, ratios of either direction, late events, hard limits."""

from collections.abc import Mapping

import pytest

from sluice.api.verdict import Verdict
from sluice.core.analysis.counter_spec import CounterSpec
from sluice.core.analysis.latency import Latency
from sluice.core.analysis.ratio import Ratio
from sluice.core.analysis.settings import HardLimit, Settings
from sluice.core.analysis.verdict import Finding, MetricVerdict
from tests.support.analysis import feed, step
from tests.support.scraped import BOUNDS, Scraped

FAST = {0.03: 0.5, 0.07: 0.3, 0.2: 0.15, 0.4: 0.04, 2.0: 0.01}
SHIFTED = {0.03: 0.3, 0.07: 0.3, 0.2: 0.25, 0.4: 0.12, 2.0: 0.03}
TAILED = {0.03: 0.48, 0.07: 0.28, 0.2: 0.13, 0.4: 0.04, 2.0: 0.07}
SWIFT = {0.001: 1.0}
Times = Mapping[float, float]


def timed(candidate: Times, stable: Times = FAST, *, seconds: int = 300, theirs: tuple[str, ...] = BOUNDS) -> Scraped:
    """A candidate with 50 requests a round of five seconds and a stable with 450; times by the share of requests."""
    world = Scraped()
    for tick in range(0, seconds + 1, 5):
        world.took("candidate", "c-0", {time: 50 * share for time, share in candidate.items()})
        world.took("stable", "s-0", {time: 450 * share for time, share in stable.items()}, theirs)
        world.scrape(tick)
    return world


def latency(world: Scraped, settings: Settings | None = None) -> MetricVerdict:
    return feed(world, [301.0], settings=settings, signal=Latency())[1]


@pytest.mark.parametrize(
    ("world", "want"),
    [
        pytest.param(timed(FAST), (Verdict.PASS, Finding.PASSED, "ruled out"), id="as fast"),
        pytest.param(timed(SHIFTED), (Verdict.FAIL, Finding.BREACHED, "took longer than"), id="slower throughout"),
        pytest.param(timed(TAILED), (Verdict.FAIL, Finding.BREACHED, "took longer than 0.5 s"), id="a longer tail"),
        pytest.param(
            timed({0.001: 0.5, 0.3: 0.5}, SWIFT),
            (Verdict.FAIL, Finding.BREACHED, "took longer than 0.05 s"),
            id="the candidate alone is slow",
        ),
        pytest.param(
            timed({0.001: 0.95, 0.3: 0.05}, SWIFT),
            (Verdict.FAIL, Finding.BREACHED, "took longer than 0.05 s"),
            id="the candidate alone has a tail",
        ),
        pytest.param(
            timed({3.0: 1.0}, SWIFT), (Verdict.FAIL, Finding.BREACHED, "took longer"), id="the candidate is all slow"
        ),
        pytest.param(timed(SWIFT, SWIFT), (Verdict.PASS, Finding.PASSED, "took longer than 0.05 s"), id="all fast"),
        pytest.param(
            timed({3.0: 1.0}, {3.0: 1.0}), (Verdict.PASS, Finding.PASSED, "took longer than 2.5 s"), id="all slow"
        ),
        pytest.param(
            timed(FAST, theirs=("0.07", "0.7")),
            (Verdict.NO_DATA, Finding.NO_COMMON_BOUNDS, "no bound in common"),
            id="no common bounds",
        ),
        pytest.param(
            timed(TAILED, theirs=("0.07", "0.5", "0.7")),
            (Verdict.FAIL, Finding.BREACHED, "took longer than 0.5 s"),
            id="one common bound suffices",
        ),
        pytest.param(
            timed(FAST, seconds=5),
            (Verdict.NO_DATA, Finding.STALE_SAMPLES, "296 s old"),
            id="samples that ended",
        ),
        pytest.param(
            Scraped().serve("candidate", "c-0", ok=5).serve("stable", "s-0", ok=5).scrape(300),
            (Verdict.NO_DATA, Finding.NO_SAMPLES, "no samples of predictor candidate"),
            id="no histogram",
        ),
    ],
)
def test_latency(world: Scraped, want: tuple[Verdict, Finding, str]) -> None:
    found = latency(world)
    assert (found.verdict, found.finding) == want[:2]
    assert want[2] in found.message


def test_the_choice_of_bounds_counts_for_nothing_else() -> None:
    """The first round tells which bounds say something; evidence begins with the second."""
    found = latency(timed(FAST))
    assert (found.step.candidate_requests, found.total.candidate_requests) == (50 * 59, 50 * 60)
    assert found.channel in BOUNDS


@pytest.mark.parametrize(
    ("limit", "want"),
    [
        pytest.param(HardLimit(0.02, "0.5"), (Verdict.FAIL, "the hard limit is at most 0.02"), id="beyond it"),
        pytest.param(HardLimit(0.2, "0.5"), (Verdict.PASS, "ruled out"), id="within"),
        pytest.param(HardLimit(0.2, "0.3"), (Verdict.NO_DATA, "0.3 is no bound of the histogram"), id="no bound"),
    ],
)
def test_a_hard_limit_on_latency(limit: HardLimit, want: tuple[Verdict, str]) -> None:
    """Both arms have the same long tail."""
    found = latency(timed(TAILED, TAILED), Settings(hard_limit=limit))
    assert found.verdict is want[0]
    assert want[1] in found.message


SHOP = Ratio(CounterSpec("carts_total"), CounterSpec("visits_total"))


def shop(candidate: int, stable: int, *, of: int = 100, seconds: int = 300, late: int = 0) -> Scraped:
    """Carts of `of` visits of the candidate and nine times as many of the stable a round; carts come `late` rounds."""
    world = Scraped()
    for place in range(seconds // 5 + 1):
        carts = place >= late
        world.count("candidate", "c-0", visits_total=of, carts_total=candidate * carts)
        world.count("stable", "s-0", visits_total=9 * of, carts_total=9 * stable * carts).scrape(5.0 * place)
    return world


HIGHER, LOWER = Settings(higher=True), Settings()


@pytest.mark.parametrize(
    ("world", "settings", "want"),
    [
        pytest.param(shop(10, 10), HIGHER, (Verdict.PASS, "600 of 6,000"), id="as many carts"),
        pytest.param(shop(20, 10), HIGHER, (Verdict.PASS, "1,200 of 6,000"), id="more carts"),
        pytest.param(shop(3, 10), HIGHER, (Verdict.FAIL, "candidate requests had the event where"), id="fewer carts"),
        pytest.param(shop(50, 80), HIGHER, (Verdict.FAIL, "rate let expect"), id="fewer, where most have one"),
        pytest.param(shop(10, 10), LOWER, (Verdict.PASS, "3 times the stable predictor's rate"), id="as many"),
        pytest.param(shop(20, 10), LOWER, (Verdict.FAIL, "had the event where"), id="twice as many bad ones"),
        pytest.param(shop(3, 10), LOWER, (Verdict.PASS, "180 of 6,000"), id="fewer bad ones"),
        pytest.param(shop(150, 150), HIGHER, (Verdict.PASS, "of 6,000"), id="more carts than visits are one each"),
        pytest.param(
            shop(10, 10),
            Settings(higher=True, hard_limit=HardLimit(0.8)),
            (Verdict.FAIL, "the hard limit is at least 0.2 of them"),
            id="short of the hard limit",
        ),
        pytest.param(shop(25, 25), Settings(hard_limit=HardLimit(0.2)), (Verdict.FAIL, "at most 0.2"), id="beyond it"),
        pytest.param(shop(25, 25), Settings(hard_limit=HardLimit(0.3)), (Verdict.PASS, "ruled out"), id="within it"),
    ],
)
def test_ratios(world: Scraped, settings: Settings, want: tuple[Verdict, str]) -> None:
    _, found = feed(world, [301.0], settings=settings, signal=SHOP)
    assert found.verdict is want[0]
    assert want[1] in found.message


def test_the_ratio_that_people_see_is_of_events_in_either_direction() -> None:
    _, found = feed(shop(5, 10), [301.0], settings=HIGHER, signal=SHOP)
    assert found.ratio == pytest.approx(0.5)
    assert found.interval is not None
    assert found.interval.low < 0.5 < found.interval.high < 1
    assert found.step.others.candidate_failures == found.step.candidate_requests * 0.05


LATE = Settings(higher=True, matures_seconds=60)


@pytest.mark.parametrize(
    ("world", "now", "want"),
    [
        pytest.param(shop(10, 10, late=12), 66.0, (Verdict.INCONCLUSIVE, Finding.DWELLING), id="none is old enough"),
        pytest.param(shop(10, 10, late=12), 301.0, (Verdict.PASS, Finding.PASSED), id="as many, a minute late"),
        pytest.param(shop(3, 10, late=12), 301.0, (Verdict.FAIL, Finding.BREACHED), id="fewer, a minute late"),
        pytest.param(shop(10, 10), 301.0, (Verdict.PASS, Finding.PASSED), id="as many, at once"),
        pytest.param(shop(3, 10), 301.0, (Verdict.FAIL, Finding.BREACHED), id="fewer, at once"),
    ],
)
def test_late_events(world: Scraped, now: float, want: tuple[Verdict, Finding]) -> None:
    _, found = feed(world, [*[float(tick) for tick in range(7, int(now), 20)], now], settings=LATE, signal=SHOP)
    assert (found.verdict, found.finding) == want


def test_each_opportunity_is_judged_once_when_it_is_old_enough() -> None:
    _, found = feed(shop(10, 10, late=12), [301.0], settings=LATE, signal=SHOP)
    assert found.total.candidate_requests == pytest.approx(48 * 100)
    assert found.total.others.candidate_failures == pytest.approx(48 * 10)


def test_a_weight_that_changes_leaves_out_what_may_belong_to_the_step_before() -> None:
    world = shop(10, 10)
    state, _ = feed(world, [150.0], settings=LATE, signal=SHOP)
    assert state.evidence.cohorts.since == 0
    _, later = feed(world, [301.0], settings=LATE, signal=SHOP, at=step(started_at=150.0))
    assert later.step.candidate_requests == pytest.approx(18 * 100)
