"""Bounds of differences and means of estimates that have bounds of their own (MOVER).

Source: Zou and Donner, Statistics in Medicine 27 (2008) 1693: the distance of each bound from its estimate stands for
the standard error there, so that bounds stay honest where a share is 0 or 1 and its variance looks like none.
"""

from collections.abc import Sequence
from math import hypot, sqrt

from sluice.evaluation.intervals.interval import Interval

RECOVERED = "mover"


def recovered_difference(first: Interval, second: Interval, correlation: float) -> Interval:
    """Return first minus second, given the correlation of the two estimates."""
    down = _length(first.estimate - first.lower, second.upper - second.estimate, correlation)
    up = _length(first.upper - first.estimate, second.estimate - second.lower, correlation)
    difference = first.estimate - second.estimate
    return Interval(difference, difference - down, difference + up)


def recovered_mean(parts: Sequence[Interval]) -> Interval:
    """Return the mean of independent estimates."""
    mean = sum(part.estimate for part in parts) / len(parts)
    down = hypot(*(part.estimate - part.lower for part in parts)) / len(parts)
    up = hypot(*(part.upper - part.estimate for part in parts)) / len(parts)
    return Interval(mean, mean - down, mean + up)


def _length(first: float, second: float, correlation: float) -> float:
    """Return the length of the sum of two vectors of these lengths whose cosine is minus the correlation."""
    return sqrt(max(0.0, first * first + second * second - 2 * correlation * first * second))
