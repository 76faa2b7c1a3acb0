"""The share of requests that Seldon's executor answered with a server error."""

from collections.abc import Mapping
from dataclasses import dataclass

ANSWERED = range(100, 500)
"""Status codes that are the caller's affair or a success; whatever else the executor reports is a failure."""

CODE_DIGITS = 3


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """`seldon_api_executor_server_requests_seconds_count` by status code."""

    arm_label: str = "predictor_name"

    def counter(self, labels: Mapping[str, str]) -> str | None:
        """Return the status code."""
        return labels.get("code")

    def tally(self, increase: Mapping[str, float]) -> tuple[float, float]:
        """Return all requests and those that failed. A code that never appeared beside others is zero."""
        return sum(increase.values()), sum(gain for code, gain in increase.items() if _failed(code))


def _failed(code: str) -> bool:
    return not (len(code) == CODE_DIGITS and code.isascii() and code.isdigit() and int(code) in ANSWERED)
