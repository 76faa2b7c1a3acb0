"""What is counted: error rates, latency by bounds, ratios of a team's own counters."""

import pytest

from sluice.api.live import LiveMetric
from sluice.core.analysis.counter_spec import CounterSpec
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.latency import Latency
from sluice.core.analysis.ratio import Ratio
from sluice.core.analysis.signals import signal_of

COUNT = "seldon_api_executor_server_requests_seconds_count"
BUCKET = "seldon_api_executor_server_requests_seconds_bucket"
PREDICTIONS = (("service", "predictions"),)
CARTS = CounterSpec("carts_total", (("page", "shop"),))
VISITS = CounterSpec("visits_total")


def counter(metric: str, **labels: str) -> dict[str, object]:
    return {"metric": metric, "labels": [{"name": name, "value": value} for name, value in labels.items()]}


@pytest.mark.parametrize(
    ("metric", "want"),
    [
        pytest.param({"signal": "ErrorRate"}, (CounterSpec(COUNT, PREDICTIONS),), id="error rate"),
        pytest.param({"signal": "Latency"}, (CounterSpec(BUCKET, PREDICTIONS),), id="latency"),
        pytest.param(
            {"ratio": {"numerator": counter("carts_total", page="shop"), "denominator": counter("visits_total")}},
            (CARTS, VISITS),
            id="a ratio of two counters",
        ),
        pytest.param(
            {"ratio": {"numerator": counter("http", b="2", a="1"), "denominator": counter("http", b="2")}},
            (CounterSpec("http", (("b", "2"),)),),
            id="a part of one counter: read once",
        ),
        pytest.param(
            {
                "ratio": {
                    "numerator": counter("carts_total"),
                    "denominator": counter("visits_total"),
                    "targetLabel": "app",
                    "armLabel": "version",
                }
            },
            (CounterSpec("carts_total", (), "app"), CounterSpec("visits_total", (), "app")),
            id="labels of another convention",
        ),
    ],
)
def test_what_is_read(metric: dict[str, object], want: tuple[CounterSpec, ...]) -> None:
    assert signal_of(LiveMetric.model_validate({"name": "m", **metric})).counters == want


def test_arms_are_told_apart_by_the_label_that_the_plan_names() -> None:
    ratio = {"numerator": counter("a"), "denominator": counter("b"), "armLabel": "version"}
    assert signal_of(LiveMetric.model_validate({"name": "m", "ratio": ratio})).arm_label == "version"


@pytest.mark.parametrize(
    ("labels", "want"),
    [
        pytest.param({"le": "0.1"}, "0.1", id="a bound"),
        pytest.param({"le": "1.0"}, "1", id="in another spelling"),
        pytest.param({"le": "1e-2"}, "0.01", id="or a third"),
        pytest.param({"le": "+Inf"}, "inf", id="all predictions"),
        pytest.param({"le": "fast"}, None, id="no number"),
        pytest.param({"le": "NaN"}, None, id="not a number"),
        pytest.param({}, None, id="no bucket"),
        pytest.param({"le": "0.1", "__name__": "other_bucket"}, None, id="another histogram"),
    ],
)
def test_bounds(labels: dict[str, str], want: str | None) -> None:
    assert Latency().counter({"__name__": BUCKET, **labels}) == want


@pytest.mark.parametrize(
    ("increase", "want"),
    [
        pytest.param({"0.1": 8, "0.5": 10, "inf": 10}, {"0.1": (10, 2), "0.5": (10, 0)}, id="slower than each bound"),
        pytest.param({"0.1": 8}, {}, id="without the bucket of all there is no number of predictions"),
        pytest.param({"inf": 10}, {}, id="no bounds"),
        pytest.param({"0.1": 11, "inf": 10}, {"0.1": (10, 0)}, id="never less than none"),
        pytest.param({}, {}, id="nothing"),
    ],
)
def test_latency(increase: dict[str, float], want: object) -> None:
    assert Latency().tally(increase) == want


@pytest.mark.parametrize(
    ("labels", "want"),
    [
        pytest.param({"__name__": "carts_total", "page": "shop"}, "events", id="the numerator"),
        pytest.param({"__name__": "carts_total", "page": "blog"}, None, id="other labels"),
        pytest.param({"__name__": "visits_total"}, "others", id="the denominator"),
        pytest.param({"page": "shop"}, None, id="no name"),
    ],
)
def test_series_of_a_ratio(labels: dict[str, str], want: str | None) -> None:
    assert Ratio(CARTS, VISITS).counter(labels) == want


NESTED = Ratio(CounterSpec("http", (("code", "500"),)), CounterSpec("http"))


@pytest.mark.parametrize(
    ("ratio", "increase", "want"),
    [
        pytest.param(Ratio(CARTS, VISITS), {"events": 3, "others": 10}, {"": (10, 3)}, id="events of opportunities"),
        pytest.param(Ratio(CARTS, VISITS), {"others": 10}, {"": (10, 0)}, id="no events yet"),
        pytest.param(Ratio(CARTS, VISITS), {"events": 3}, {}, id="events without opportunities are nothing"),
        pytest.param(NESTED, {"events": 3, "others": 10}, {"": (13, 3)}, id="a part of one counter"),
        pytest.param(NESTED, {"events": 3}, {"": (3, 3)}, id="all of it"),
    ],
)
def test_ratios(ratio: Ratio, increase: dict[str, float], want: object) -> None:
    assert ratio.tally(increase) == want


def test_a_counter_of_another_name_is_no_request() -> None:
    assert ErrorRate().counter({"__name__": "other", "code": "200"}) is None
    assert ErrorRate().counter({"__name__": COUNT, "code": "200"}) == "200"
