"""Averages of e-processes, on a log scale so that nothing overflows."""

from collections.abc import Iterable, Sequence
from math import exp, inf, log

GRAIN = 1.5 * 2.0**32
"""Added and taken off again, it leaves multiples of 2^-20."""


def log_sum(logs: Iterable[float]) -> float:
    """Return ln Σ exp(x); -inf of nothing."""
    values = tuple(logs)
    top = max(values, default=-inf)
    if top == -inf:
        return -inf
    return top + log(sum([exp(value - top) for value in values]))


def log_mean(weights: Sequence[float], logs: Sequence[float]) -> float:
    """Return ln Σ w·exp(x) for positive weights."""
    return log_sum(log(weight) + value for weight, value in zip(weights, logs, strict=True))


def grained(value: float) -> float:
    """Return a logarithm rounded to 2^-20: what a checkpoint writes, so that a state comes back bit for bit."""
    return (value + GRAIN) - GRAIN


def grown(logs: tuple[float, ...], gains: tuple[float, ...]) -> tuple[float, ...]:
    """Return rounded logarithms with what a round adds; the same ones when that is nothing."""
    if not any(gains):
        return logs
    return tuple([(old + gain + GRAIN) - GRAIN for old, gain in zip(logs, gains, strict=True)])
