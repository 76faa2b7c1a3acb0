"""A candidate that turns bad in the stub Prometheus: what is told, from when on, and what is made of the times."""

import pytest

from benchmarks.answers import Answer, data_of, rows_of
from benchmarks.healthy import SCRAPE_SECONDS, result, scrape
from benchmarks.turning import FAILURES, Turned, readable

TARGET, PREDICTOR = "team/shop", "c-1"
SINCE = 1_700_100_000.0
QUERY = 'requests_seconds_count{namespace=~"team|other",deployment_name=~"shop|none"}[60s]'


def turned(since: float | None = SINCE) -> Turned:
    """Return the candidate as one that fails since then; None: healthy."""
    return Turned({TARGET: PREDICTOR}, scrape, since={} if since is None else {TARGET: since})


def failures(known: Turned, at: float, predictor: str) -> int:
    """Return what the failure counter gained over the window."""
    (series,) = [
        one
        for one in result(QUERY, at, known.predictors, known)
        if (one["metric"]["predictor_name"], one["metric"]["code"]) == (predictor, "500")
    ]
    return int(series["values"][-1][1]) - int(series["values"][0][1])


@pytest.mark.parametrize("pod", ["team/shop/main", "team/shop/c-1"])
@pytest.mark.parametrize("since", [SINCE, SINCE + 3.21])
def test_a_pod_is_scraped_at_its_own_moments(pod: str, since: float) -> None:
    at = scrape(since, pod)
    assert since <= at < since + SCRAPE_SECONDS
    assert scrape(at, pod) == at
    assert scrape(at + 0.001, pod) == pytest.approx(at + SCRAPE_SECONDS)


def test_failures_jump_with_the_first_scrape_after_the_fault() -> None:
    known, first = turned(), scrape(SINCE, f"{TARGET}/{PREDICTOR}")
    assert failures(known, first - 0.01, PREDICTOR) < 5
    assert FAILURES <= failures(known, first, PREDICTOR) < FAILURES + 5
    assert failures(known, SINCE + 30, "main") < 5


def test_a_breach_is_told_when_both_arms_were_scraped() -> None:
    known, when = turned(), readable(SINCE, TARGET, PREDICTOR, scrape)
    result(QUERY, when - 0.01, known.predictors, known)
    assert known.told == {}
    result(QUERY, when, known.predictors, known)
    assert set(known.told) == {TARGET}


def test_the_healthy_are_never_told_of() -> None:
    known = turned(None)
    result(QUERY, SINCE, known.predictors, known)
    assert known.told == {}


def test_answers_are_told_by_their_parts() -> None:
    answers = [Answer(failing=0.0, readable=1.0, told=3.0, written=3.0 + late / 10) for late in range(1, 101)]
    data = {"alone": data_of(answers), "at_once": data_of([])}
    (row,) = rows_of(10, data)
    assert row == ("10 running, one by one", "100", "2.00", "2.00", "5.00", "9.90", "7.00", "11.90")
