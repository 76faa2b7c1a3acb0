"""Reading a metrics provider in tests: series as they are stored, queries with overrides, and single answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sluice.adapters.prometheus import Endpoint, PrometheusMetrics
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.ports import CounterQuery, MetricsProvider, SluiceError
from tests.support.prometheus import METRIC

AT = 1_700_000_000.0
REQUESTS = CounterSpec(METRIC, (("service", "predictions"),))


def series(*values: float, every: float = 5.0, metric: str = METRIC, **labels: str) -> Series:
    """Return a series of the target "reviews" whose last sample is at `AT`."""
    base = {
        "__name__": metric,
        "namespace": "models",
        "deployment_name": "reviews",
        "predictor_name": "main",
        "service": "predictions",
        "code": "200",
        "pod": "p-0",
    }
    times = (AT - every * (len(values) - 1 - place) for place in range(len(values)))
    return Series(base | labels, tuple(zip(times, map(float, values), strict=True)))


def query(target: str = "reviews", *, namespace: str = "models", seconds: int = 60, **spec: Any) -> CounterQuery:
    """Return a query for the requests of a target; `spec` overrides fields of the counter."""
    return CounterQuery(namespace=namespace, target=target, seconds=seconds, spec=replace(REQUESTS, **spec))


@asynccontextmanager
async def asking(url: str, **overrides: Any) -> AsyncIterator[PrometheusMetrics]:
    """Ask a server, patiently unless said otherwise."""
    provider = PrometheusMetrics(Endpoint(url=url, **{"timeout_seconds": 5, **overrides}))
    try:
        yield provider
    finally:
        provider.close()


async def one(provider: MetricsProvider, wanted: CounterQuery, at: float = AT) -> tuple[Series, ...] | SluiceError:
    """Return the answer to a single query."""
    return (await provider.read((wanted,), at))[wanted]


async def reason(provider: MetricsProvider, wanted: CounterQuery) -> str:
    """Return why a query had no answer."""
    found = await one(provider, wanted)
    assert isinstance(found, SluiceError), found
    return found.reason


def plain(found: object) -> list[str]:
    """Make an answer comparable: NaN is not equal to itself, and the order of series does not matter."""
    assert isinstance(found, tuple), found
    return sorted(f"{sorted(each.labels.items())} {each.samples}" for each in found)
