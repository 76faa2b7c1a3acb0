"""Prometheus as a metrics provider: raw samples of many targets in one query, with tight bounds."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from prometheus_api_client import PrometheusConnect
from urllib3.util.retry import Retry

from sluice.adapters.prometheus_session import NOT_PROMETHEUS, GuardedSession
from sluice.adapters.promql import OneOf, raw_samples
from sluice.core.analysis.samples import Series
from sluice.ports import MetricSelector, Unavailable

REQUESTS = "seldon_api_executor_server_requests_seconds_count"
NAMESPACE, TARGET = "namespace", "deployment_name"
PREDICTIONS = OneOf("service", frozenset({"predictions"}))

CONCURRENCY = 8
"""Queries under way at once, one a worker: a step is judged every few seconds however many candidates there are."""
PATIENCE = 3
"""An answer that drips in, each byte just in time, is given up after this many time-outs."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a Prometheus is and how much it may cost to ask it; the administrator's configuration."""

    url: str
    timeout_seconds: float = 2.0
    max_bytes: int = 16 * 1024 * 1024
    ca_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class PrometheusMetrics:
    """`ports.MetricsProvider`. It has threads of its own, so that a hanging provider delays nobody else's."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._timeout = endpoint.timeout_seconds
        session = GuardedSession(endpoint.max_bytes, endpoint.headers, endpoint.ca_file or True)
        self._client = PrometheusConnect(
            endpoint.url.rstrip("/"),
            timeout=endpoint.timeout_seconds,
            retry=Retry(total=0),
            session=session,
            method="POST",
        )
        self._threads = ThreadPoolExecutor(max_workers=CONCURRENCY, thread_name_prefix="prometheus")

    async def requests(self, selector: MetricSelector, at: float) -> Sequence[Series]:
        """Return the raw counter samples of the targets' server requests at Unix time `at`, in one query.

        Raises Unavailable, with a reason, for anything less than a whole answer; Rejected for an unsafe selector.
        """
        if not selector.targets:
            return ()
        query = raw_samples(REQUESTS, (*_scope(selector), PREDICTIONS), selector.seconds)
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, query, at)
        try:
            result = await asyncio.wait_for(asked, PATIENCE * self._timeout)
        except TimeoutError as error:
            raise Unavailable("the metrics provider does not answer in time", reason="Timeout") from error
        return tuple(one for one in map(_series, result) if _inside(one.labels, selector))

    def close(self) -> None:
        """Give up the threads; a query under way ends by its own time-out."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, query: str, at: float) -> Sequence[Mapping[str, Any]]:
        params = {"time": f"{at:.3f}", "timeout": f"{self._timeout:.3f}"}
        answer: Sequence[Mapping[str, Any]] = self._client.custom_query(query, params)
        return answer


def _scope(selector: MetricSelector) -> tuple[OneOf, OneOf]:
    return OneOf(NAMESPACE, frozenset({selector.namespace})), OneOf(TARGET, selector.targets)


def _inside(labels: Mapping[str, str], selector: MetricSelector) -> bool:
    return labels.get(NAMESPACE) == selector.namespace and labels.get(TARGET) in selector.targets


def _series(raw: Mapping[str, Any]) -> Series:
    try:
        labels = {str(name): str(value) for name, value in raw["metric"].items()}
        return Series(labels, tuple((float(time), float(value)) for time, value in raw.get("values", ())))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unavailable(NOT_PROMETHEUS, reason="NotPrometheus") from error
