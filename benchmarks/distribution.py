"""Distributions in four numbers, by the nearest rank: every figure is one that was measured."""

from collections.abc import Sequence
from math import ceil

RANKS = (50, 90, 99)
HEAD = ("n", *(f"p{rank}" for rank in RANKS), "max")


def percentile(values: Sequence[float], rank: float) -> float:
    """Return the smallest value that at least `rank` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * rank / 100) - 1)]


def described(values: Sequence[float]) -> dict[str, float]:
    """Return count, percentiles and maximum."""
    ranks = {f"p{rank}": round(percentile(values, rank), 3) for rank in RANKS}
    return {"n": len(values), **ranks, "max": round(max(values), 3)}


def row(values: Sequence[float]) -> list[str]:
    """Return the same as cells of a table, in seconds."""
    found = described(values)
    return [f"{found['n']:.0f}", *(f"{found[name]:.2f}" for name in HEAD[1:])]
