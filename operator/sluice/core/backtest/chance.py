"""Chance: exact binomial counts from a seeded source, and the confidence interval of a share."""

from collections.abc import Callable
from math import exp, lgamma, log
from typing import Protocol

_SMALL = 16
_HALVINGS = 60


class Dice(Protocol):
    """A source of chance, such as `random.Random(seed)`."""

    def random(self) -> float:
        """Return a number in [0, 1)."""

    def betavariate(self, alpha: float, beta: float) -> float:
        """Return a number of the beta distribution."""


def binomial(dice: Dice, trials: int, rate: float) -> int:
    """Return how many of so many trials succeed.

    Exact: the middle one of so many uniform numbers has a beta distribution, and says on which side of the rate half of
    them lie (Relles 1972).
    """
    hits = 0
    rate = min(max(rate, 0.0), 1.0)
    while trials > _SMALL and 0 < rate < 1:
        middle = 1 + trials // 2
        drawn = dice.betavariate(middle, trials + 1 - middle)
        if drawn >= rate:
            trials, rate = middle - 1, rate / drawn
        else:
            hits, trials, rate = hits + middle, trials - middle, (rate - drawn) / (1 - drawn)
    if rate >= 1:
        return hits + trials
    return hits + sum([dice.random() < rate for _ in range(trials)]) if rate > 0 else hits


def rounded(dice: Dice, value: float) -> int:
    """Return a neighbouring whole number, so that the mean stays."""
    whole = int(value)
    return whole + (dice.random() < value - whole)


def clopper_pearson(hits: int, runs: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact confidence interval of a share (Clopper and Pearson 1934)."""
    tail = (1 - level) / 2
    low = _root(lambda rate: 1 - _below(hits - 1, runs, rate), tail) if hits else 0.0
    high = _root(lambda rate: -_below(hits, runs, rate), -tail) if hits < runs else 1.0
    return low, high


def _root(rising: Callable[[float], float], wanted: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2


def _below(hits: int, runs: int, rate: float) -> float:
    """Return the chance of at most so many hits."""
    if rate <= 0 or rate >= 1:
        return float(rate <= 0 or hits >= runs)
    return min(1.0, sum(exp(_log_mass(one, runs, rate)) for one in range(hits + 1)))


def _log_mass(hits: int, runs: int, rate: float) -> float:
    ways = lgamma(runs + 1) - lgamma(hits + 1) - lgamma(runs - hits + 1)
    return ways + hits * log(rate) + (runs - hits) * log(1 - rate)
