"""The share of requests that Seldon's executor answered with a server error."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sluice.core.analysis.counter_spec import CounterSpec

METRIC = "seldon_api_executor_server_requests_seconds_count"
PREDICTIONS = (("service", "predictions"),)
ANSWERED = range(100, 500)
"""Status codes that are the caller's affair or a success; whatever else the executor reports is a failure."""

CODE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Server errors among the executor's answers, by status code."""

    arm_label: str = "predictor_name"
    counters: tuple[CounterSpec, ...] = (CounterSpec(METRIC, PREDICTIONS),)

    def counter(self, labels: Mapping[str, str]) -> str | None:
        """Return the status code."""
        return labels.get("code") if labels.get("__name__", METRIC) == METRIC else None

    def tally(self, increase: Mapping[str, float]) -> Mapping[str, tuple[float, float]]:
        """Return all requests and those that failed. A code that never appeared beside others is zero."""
        failed = sum(gain for code, gain in increase.items() if _failed(code))
        return {"": (sum(increase.values()), failed)}

    def phrase(self, channel: str) -> str:  # noqa: ARG002 -- there is one
        """Return what a bad request did."""
        return "failed"


@lru_cache(maxsize=1024)
def _failed(code: str) -> bool:
    return not (len(code) == CODE_DIGITS and code.isascii() and code.isdigit() and int(code) in ANSWERED)
