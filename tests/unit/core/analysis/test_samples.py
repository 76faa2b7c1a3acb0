"""From raw series to pods: which series count, and which samples in them."""

import pytest

from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.samples import Pod, Scrape, Series, pods
from tests.support.analysis import ARMS

NAN, INF = float("nan"), float("inf")


def series(*samples: tuple[float, float], **labels: str) -> Series:
    base = {"predictor_name": "stable", "pod": "s-0", "instance": "10.0.0.1:8000", "code": "200"}
    return Series({name: value for name, value in {**base, **labels}.items() if value}, samples)


def seen(*given: Series) -> list[tuple[str, dict[float, dict[str, float]]]]:
    """Return what is kept, source aside."""
    found = pods(given, ARMS, ErrorRate(), stale_seconds=15)
    return [(pod.key, {scrape.time: dict(scrape.counters) for scrape in pod.scrapes}) for pod in found]


@pytest.mark.parametrize(
    ("given", "want"),
    [
        pytest.param((), [], id="nothing read, nothing seen"),
        pytest.param((series((1, 5)),), [("stable/s-0", {1: {"200": 5}})], id="a series is a counter of its pod"),
        pytest.param(
            (series((1, 5), (2, 6)), series((2, 1), code="500")),
            [("stable/s-0", {1: {"200": 5}, 2: {"200": 6, "500": 1}})],
            id="codes of one scrape belong together; a code may appear later",
        ),
        pytest.param(
            (series((1, 5), method="post"), series((1, 2), method="get")),
            [("stable/s-0", {1: {"200": 7}})],
            id="other labels of the metric are summed",
        ),
        pytest.param(
            (series((1, 5)), series((1, 3), predictor_name="candidate", pod="c-0"), series((1, 9), predictor_name="x")),
            [("candidate/c-0", {1: {"200": 3}}), ("stable/s-0", {1: {"200": 5}})],
            id="arms are told apart, other predictors left out",
        ),
        pytest.param((series((1, 5), pod=""),), [("stable/10.0.0.1:8000", {1: {"200": 5}})], id="no pod: the instance"),
        pytest.param((series((1, 5), pod="", instance=""),), [], id="neither: nobody's counter"),
        pytest.param((series((1, 5), code=""),), [], id="no code: another metric's series"),
        pytest.param((series(),), [], id="a series without samples"),
        pytest.param(
            (series((1, NAN), (2, 5), (3, INF), (4, -1), (5, 7)),),
            [("stable/s-0", {2: {"200": 5}, 5: {"200": 7}})],
            id="NaN, Inf and negative samples are as if missing",
        ),
        pytest.param((series((1, NAN)),), [], id="a series of NaN only is missing"),
        pytest.param(
            (series((1, 5), job="b"), series((1.1, 6), job="a")),
            [("stable/s-0", {1.1: {"200": 6}})],
            id="scraped by two jobs: one is kept",
        ),
        pytest.param(
            (series((1, 5), prometheus_replica="r-1"), series((1.2, 5), prometheus_replica="r-0")),
            [("stable/s-0", {1.2: {"200": 5}})],
            id="a replica pair: one is kept",
        ),
        pytest.param(
            (series((1, 5), replica="r-0"), series((2, 6), (20, 9), replica="r-1")),
            [("stable/s-0", {2: {"200": 6}, 20: {"200": 9}})],
            id="a replica that fell silent gives way to the other",
        ),
    ],
)
def test_pods(given: tuple[Series, ...], want: object) -> None:
    assert seen(*given) == want


def test_a_source_has_a_short_name_that_tells_it_from_others() -> None:
    one, other = (pods([series((1, 5), job=job)], ARMS, ErrorRate(), 15)[0] for job in ("a", "b"))
    assert one == Pod("stable/s-0", "stable", one.source, (Scrape(1, {"200": 5}),))
    assert one.source != other.source
    assert len(one.source) == 8


@pytest.mark.parametrize(
    ("code", "failed"),
    [
        pytest.param("200", 0, id="success"),
        pytest.param("302", 0, id="redirect"),
        pytest.param("404", 0, id="the caller's mistake"),
        pytest.param("499", 0, id="the caller went away"),
        pytest.param("500", 1, id="server error"),
        pytest.param("503", 1, id="unavailable"),
        pytest.param("599", 1, id="last of the server errors"),
        pytest.param("0", 1, id="no answer"),
        pytest.param("", 1, id="no code"),
        pytest.param("OK", 1, id="no number"),
        pytest.param("2" * 5000, 1, id="a number without end"),
        pytest.param("٢٠٠", 1, id="digits of another script"),
    ],
)
def test_every_code_is_a_request_and_server_errors_are_failures(code: str, failed: int) -> None:
    assert ErrorRate().tally({code: 3.0}) == {"": (3.0, 3.0 * failed)}
