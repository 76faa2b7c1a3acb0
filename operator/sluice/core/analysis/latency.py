"""The shares of predictions that took longer than each bound of the executor's histogram: tails and shifts alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isinf, isnan

from sluice.core.analysis.counter_spec import CounterSpec
from sluice.core.analysis.error_rate import PREDICTIONS

METRIC = "seldon_api_executor_server_requests_seconds_bucket"
ALL = "inf"
"""The counter of all predictions: the bucket without a bound."""


@dataclass(frozen=True, slots=True)
class Latency:
    """One channel for each bound of a classic histogram, named by the bound in seconds."""

    arm_label: str = "predictor_name"
    counters: tuple[CounterSpec, ...] = (CounterSpec(METRIC, PREDICTIONS),)

    def counter(self, labels: Mapping[str, str]) -> str | None:
        """Return the bucket's bound; None for what is no bucket of the histogram."""
        return bound_of(labels.get("le", "")) if labels.get("__name__", METRIC) == METRIC else None

    def tally(self, increase: Mapping[str, float]) -> Mapping[str, tuple[float, float]]:
        """Return all predictions and the slow ones, for each bound. Without the bucket of all there is nothing."""
        requests = increase.get(ALL)
        if requests is None:
            return {}
        return {bound: (requests, max(0.0, requests - gain)) for bound, gain in increase.items() if bound != ALL}

    def phrase(self, channel: str) -> str:
        """Return what a bad request did."""
        return f"took longer than {channel} s" if channel else "were slow"


@lru_cache(maxsize=1024)
def bound_of(text: str) -> str | None:
    """Return a bound in one spelling: clients write 1, 1.0 and 1e0. None for what is no bound."""
    try:
        bound = float(text)
    except ValueError:
        return None
    return None if isnan(bound) else ALL if isinf(bound) else f"{bound:.12g}"
