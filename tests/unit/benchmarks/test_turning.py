"""A candidate that turns bad in the stub Prometheus: what is told, from when on, and what is made of the times."""

import pytest

from benchmarks.answers import Answer, data_of, rows_of
from benchmarks.healthy import RATE, SCRAPE_SECONDS, SHARE, failing_told, result, scrape
from benchmarks.readable import breach_readable
from benchmarks.turning import Turned, first_told
from tests.support import observations

TARGET, PREDICTOR = "team/shop", "c-1"
SINCE = 1_700_100_000.0
QUERY = 'requests_seconds_count{namespace=~"team|other",deployment_name=~"shop|none"}[60s]'
VISITS = QUERY.replace("requests_seconds_count", "shop_visits_total")


def turned(since: float | None = SINCE) -> Turned:
    """Return the candidate as one that fails since then; None: healthy."""
    return Turned({TARGET: PREDICTOR}, since={} if since is None else {TARGET: since})


def gained(known: Turned, at: float, predictor: str, code: str) -> int:
    """Return what a predictor's counter gained over the window."""
    (series,) = [
        one
        for one in result(QUERY, at, known.predictors, known)
        if (one["metric"]["predictor_name"], one["metric"]["code"]) == (predictor, code)
    ]
    return int(series["values"][-1][1]) - int(series["values"][0][1])


@pytest.mark.parametrize("pod", ["team/shop/main", "team/shop/c-1"])
@pytest.mark.parametrize("since", [SINCE, SINCE + 3.21])
def test_a_pod_is_scraped_at_its_own_moments(pod: str, since: float) -> None:
    at = scrape(since, pod)
    assert since <= at < since + SCRAPE_SECONDS
    assert scrape(at, pod) == at
    assert scrape(at + 0.001, pod) == pytest.approx(at + SCRAPE_SECONDS)


def test_from_the_fault_on_all_requests_fail_and_none_are_lost() -> None:
    known, first = turned(), scrape(SINCE, f"{TARGET}/{PREDICTOR}")
    assert gained(known, first - 0.01, PREDICTOR, "500") < 5
    assert gained(known, SINCE + 30, "main", "500") < 5
    late = SINCE + 200
    assert gained(known, late, PREDICTOR, "200") == 0
    assert gained(known, late, PREDICTOR, "500") == pytest.approx(gained(turned(None), late, PREDICTOR, "200"), abs=2)
    assert gained(known, late, PREDICTOR, "500") > RATE * SHARE * 50


def test_what_was_told_counts_from_when_it_held_what_was_readable() -> None:
    told = [(10.0, 10.1), (14.999, 15.2), (20.0, 20.3)]
    assert [first_told(told, readable, 99.0) for readable in (9.0, 10.0, 12.0, 15.0, 21.0)] == [
        10.1,
        10.1,
        15.2,
        15.2,
        99.0,
    ]


def test_only_answers_that_tell_failures_of_the_failing_are_noted() -> None:
    known = turned()
    for query in (QUERY, VISITS):
        known.answered(failing_told(query), at=7.0)
    assert {target: [at for at, _ in told] for target, told in known.told.items()} == {TARGET: [7.0]}
    healthy = turned(None)
    healthy.answered(failing_told(QUERY), at=7.0)
    assert healthy.told == {}


@pytest.mark.parametrize("later", [pytest.param(0, id="now"), pytest.param(77.7, id="later")])
def test_a_breach_can_be_read_with_a_stable_scrape_soon_after_the_fault(later: float) -> None:
    traffic = observations.a_traffic(applied_at=observations.ago(300))
    candidate = observations.a_candidate(observations.a_status(traffic=traffic))
    since = observations.NOW.timestamp() + later
    when = breach_readable(candidate, observations.a_plan(), since)
    assert since + SCRAPE_SECONDS < when < since + 12 * SCRAPE_SECONDS
    assert when == scrape(when, f"{candidate.namespace}/{candidate.spec.target_ref.name}/main")


def test_answers_are_told_by_their_parts() -> None:
    answers = [Answer(failing=0.0, readable=1.0, told=3.0, written=3.0 + late / 10) for late in range(1, 101)]
    data = {"alone": data_of(answers), "at_once": data_of([])}
    (row,) = rows_of(10, data)
    assert row == ("10 running, one by one", "100", "2.00", "2.00", "5.00", "9.90", "7.00", "11.90", "8.00", "12.90")
