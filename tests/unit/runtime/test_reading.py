"""What each live metric of a plan gets of the counters that were read, and what of those that could not be."""

from typing import Any

import pytest

from sluice.adapters.memory_metrics import MemoryMetrics
from sluice.api.conditions import Reason
from sluice.api.live import Traffic
from sluice.core.analysis.samples import Series
from sluice.core.target import Problem
from sluice.ports import Rejected, SluiceError, Unavailable
from sluice.runtime.parsing import parse_candidate
from sluice.runtime.reading import Answer, samples_of
from tests.support.candidates import status, stored, traffic
from tests.support.memory_world import NAMESPACE, MemoryWorld
from tests.support.objects import metric, ratio
from tests.support.objects import traffic as plan

REQUESTS = "seldon_api_executor_server_requests_seconds_count"
BUCKETS = "seldon_api_executor_server_requests_seconds_bucket"
CARTS = ratio(numerator={"metric": "carts_total"}, denominator={"metric": "visits_total"})
METRICS = [
    metric(),
    {"name": "latency", "signal": "Latency"},
    {"name": "carts", "ratio": CARTS},
    {"name": "strict", "signal": "ErrorRate", "hardLimit": {"rate": "0.1"}},
]
HUNG = Unavailable("it does not answer in time", reason="Timeout")
CLOCK = MemoryWorld().clock


def series(name: str) -> Series:
    labels = {"namespace": NAMESPACE, "deployment_name": "review-sentiment", "service": "predictions"}
    return Series({"__name__": name, **labels}, ((CLOCK.seconds() - 5, 1.0),))


STORED = {name: series(name) for name in (REQUESTS, BUCKETS, "carts_total", "visits_total")}


async def read(provider: MemoryMetrics, name: str = "default", **fields: Any) -> dict[str, Answer]:
    live = Traffic.model_validate(plan(metrics=METRICS, **fields))
    raw = stored(status=status("Shifting", traffic=traffic(5, appliedAt="2026-03-02T09:00:10Z")), namespace=NAMESPACE)
    return dict(await samples_of({name: provider}, parse_candidate(raw), live, CLOCK.now))


def made(**broken: SluiceError) -> MemoryMetrics:
    return MemoryMetrics(list(STORED.values()), broken=broken)


def problem(message: str, reason: Reason = Reason.NO_DATA) -> Problem:
    return Problem(reason=reason, message=message)


WHOLE: dict[str, Answer] = {
    "errors": (STORED[REQUESTS],),
    "latency": (STORED[BUCKETS],),
    "carts": (STORED["carts_total"], STORED["visits_total"]),
    "strict": (STORED[REQUESTS],),
}
TIMEOUT = problem("metrics provider default: it does not answer in time (Timeout)")


@pytest.mark.parametrize(
    ("broken", "want"),
    [
        pytest.param({}, {}, id="each gets its own counters"),
        pytest.param({BUCKETS: HUNG}, {"latency": TIMEOUT}, id="a counter that fails hurts only who uses it"),
        pytest.param({REQUESTS: HUNG}, {"errors": TIMEOUT, "strict": TIMEOUT}, id="and all who use it"),
        pytest.param({"carts_total": HUNG}, {"carts": TIMEOUT}, id="a ratio is nothing without its numerator"),
        pytest.param({"visits_total": HUNG}, {"carts": TIMEOUT}, id="nor without its denominator"),
        pytest.param(
            {"visits_total": Rejected("an empty name would match too much", reason="InvalidSelector")},
            {"carts": problem("metrics provider default: an empty name would match too much (InvalidSelector)")},
            id="a query that is never sent",
        ),
        pytest.param(
            {"visits_total": Unavailable("connection refused")},
            {"carts": problem("metrics provider default: connection refused")},
            id="an error without a word of its own",
        ),
    ],
)
async def test_what_live_metrics_get(broken: dict[str, SluiceError], want: dict[str, Answer]) -> None:
    assert await read(made(**broken)) == WHOLE | want


async def test_a_counter_that_two_metrics_use_is_asked_for_once() -> None:
    provider = made()
    await read(provider)
    assert sorted(query.spec.metric for query in provider.reads) == sorted(STORED)
    assert {(query.namespace, query.target) for query in provider.reads} == {(NAMESPACE, "review-sentiment")}


async def test_a_provider_that_is_not_configured_is_named_for_each_metric() -> None:
    found = await read(made(), name="central")
    message = "spec.traffic.metricsProvider: no provider is called default: use one of central"
    assert found == dict.fromkeys(WHOLE, problem(message, Reason.PROVIDER_MISSING))
