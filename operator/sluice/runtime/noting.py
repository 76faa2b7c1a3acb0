"""What is noted of a metrics provider: how long its queries take, how they end, and how often it has pods scraped."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sluice.core.analysis.cadence import cadence
from sluice.runtime.lane import Found
from sluice.runtime.telemetry import Telemetry

READ_OUTCOMES = frozenset(
    {
        "ok",
        "InvalidSelector",
        "NameNotResolved",
        "NativeHistogram",
        "NotPrometheus",
        "Other",
        "Overloaded",
        "PartialAnswer",
        "QueryRejected",
        "Redirected",
        "Refused",
        "RequestFailed",
        "Reset",
        "ServerError",
        "TLSFailed",
        "Timeout",
        "TooLarge",
        "Unauthorized",
    }
)
"""How a query can end."""
EVERY_SECONDS = 5.0
"""The cadence is measured on the samples of one candidate in so many seconds: all are scraped alike."""


@dataclass
class Notes:
    """Of one provider."""

    telemetry: Telemetry
    provider: str
    now: Callable[[], float] = time.time
    _measured: float = field(default=0.0, init=False)

    def query(self, seconds: float, reason: str) -> None:
        """Note a query, and the reason that it failed for; empty when it did not."""
        outcome = reason or "ok"
        known = outcome if outcome in READ_OUTCOMES else "Other"
        self.telemetry.query_seconds.labels(self.provider, known).observe(seconds)

    def samples(self, found: Found) -> None:
        """Note scrape interval and lag."""
        now = self.now()
        if now - self._measured < EVERY_SECONDS or not isinstance(found, tuple):
            return
        measured = cadence(found, now)
        if measured is None or measured.interval is None:
            return
        self._measured = now
        self.telemetry.scrape_interval.labels(self.provider).set(measured.interval)
        self.telemetry.scrape_lag.labels(self.provider).set(measured.lag)
