"""How often the samples of a look come: for people, and to be held against the tick."""

from functools import lru_cache

from sluice.core.analysis.cadence import Cadence, cadence
from sluice.core.analysis.same import Same
from sluice.core.analysis.samples import Series
from sluice.core.observed import Observed

ENOUGH_SERIES = 8
"""So many series of a metric tell how often it is scraped."""


def sampled(observed: Observed, metric: str) -> Cadence | None:
    """Return how often a metric's samples come, and how late; None where there are none."""
    samples = (observed.samples or {}).get(metric, ())
    return _cadence(Same(samples), observed.now.timestamp()) if isinstance(samples, tuple) else None


def told(observed: Observed, metric: str) -> str:
    """Return the same in words; nothing while it is not known."""
    found = sampled(observed, metric)
    if found is None or found.interval is None:
        return ""
    return f"every {found.interval:.0f} s, {found.lag:.0f} s behind"


@lru_cache(maxsize=16)
def _cadence(same: Same[tuple[Series, ...]], now: float) -> Cadence | None:
    """Return it, worked out once a pass, and once for all metrics that count the same."""
    return cadence(same.value[:ENOUGH_SERIES], now)
