"""Worlds that traffic is drawn from: failure rates, shares and bursts by time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import tau

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Course = Callable[[Numbers], Numbers]

HOUR = 3600.0
RATE, WEIGHT, BASELINE = 100.0, 0.1, 0.01
"""Requests a second, the candidate's share of them, and the share that fails, where nothing else is said."""
TRAFFIC = f"{RATE:.0f} requests/s, {100 * WEIGHT:.0f} % to the candidate"
RAMP = (0.05, 0.1, 0.25, 0.5)
"""Shares of the steps of a whole rollout."""


def steady(value: float) -> Course:
    """Return a course that never changes."""
    return lambda times: np.full_like(times, value)


_SAME, _WEIGHT, _BASELINE = steady(1.0), steady(WEIGHT), steady(BASELINE)


@dataclass(frozen=True, kw_only=True)
class World:
    """Traffic and failure rates by time in seconds."""

    baseline: Course = _BASELINE
    """Share of the stable arm's requests that fail."""
    ratio: Course = _SAME
    """How many times more often the candidate's fail."""
    weight: Course = _WEIGHT
    """Share of requests that the candidate gets."""
    per_second: float = RATE
    burst: float = 1.0
    """Mean number of failures that come together."""


def _waves(times: Numbers) -> Numbers:
    return BASELINE * (1 + 0.8 * np.sin(tau * times / HOUR))


def _blip(times: Numbers) -> Numbers:
    return np.where((times >= 1200) & (times < 1500), 0.1, BASELINE)


def _rising(times: Numbers) -> Numbers:
    return 0.005 * np.exp(times / 1800)


def _ramp(times: Numbers) -> Numbers:
    weights: Numbers = np.asarray(RAMP)[np.minimum(times // 900, len(RAMP) - 1).astype(int)]
    return weights


EQUAL: Mapping[str, World] = {
    "constant": World(),
    "diurnal": World(baseline=_waves),
    "shared blip": World(baseline=_blip),
    "bursts of 8": World(burst=8.0),
    "bursts of 3": World(burst=3.0),
    "ramp, baseline rises": World(baseline=_rising, weight=_ramp),
    "low traffic": World(per_second=1.0),
    "no failures": World(baseline=steady(0.0)),
}
"""A candidate like the stable arm, for one hour: whoever rolls it back is wrong."""


def worse(ratio: float, *, onset: float = 0.0) -> World:
    """Return a world whose candidate fails so many times more often from `onset` on."""
    return World(ratio=lambda times: np.where(times >= onset, ratio, 1.0))
