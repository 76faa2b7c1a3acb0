"""How often a target is scraped and how far behind the newest sample is, measured from the raw samples themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from statistics import median

from sluice.core.analysis.samples import Series

ENOUGH_SERIES = 20
"""All series of a target are scraped alike: so many tell the interval."""
ENOUGH_SAMPLES = 12


@dataclass(frozen=True, slots=True)
class Cadence:
    """What bounds the speed of any verdict: a change shows after a scrape interval and a lag at the latest."""

    interval: float | None
    """Median seconds between two samples of a series; None while no series has two."""
    lag: float
    """Seconds since the newest sample of all."""


def cadence(series: Iterable[Series], now: float) -> Cadence | None:
    """Return the cadence of what was read at `now`; None when there are no samples at all."""
    found = [one for one in series if one.samples]
    if not found:
        return None
    gaps = [gap for one in islice(found, ENOUGH_SERIES) for gap in _gaps(one.samples[-ENOUGH_SAMPLES:])]
    newest = max(one.newest for one in found)
    return Cadence(interval=median(gaps) if gaps else None, lag=max(0.0, now - newest))


def too_short(tick_seconds: float, measured: Cadence | None) -> str:
    """Return why a tick is pointless, or nothing. Clocks jitter: half a second does not make an interval longer."""
    if measured is None or measured.interval is None or measured.interval < tick_seconds + 0.5:
        return ""
    return (
        f"a tick of {tick_seconds:g} s, shorter than the scrape interval of {measured.interval:.0f} s, is pointless:"
        " it reads the same samples again"
    )


def _gaps(samples: Sequence[tuple[float, float]]) -> Iterable[float]:
    return (after[0] - before[0] for before, after in pairwise(samples))
