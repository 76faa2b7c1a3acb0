"""Which of many findings are no chance finds: Holm's step-down.

With all hypotheses true, the chance that one is rejected is at most 1 - level, however they hang together.
Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65.
"""

from collections.abc import Sequence


def rejected(p_values: Sequence[float], level: float) -> frozenset[int]:
    """Return the places of the p-values that are rejected together."""
    places = sorted(range(len(p_values)), key=lambda place: p_values[place])
    found: set[int] = set()
    for left, place in zip(range(len(places), 0, -1), places, strict=True):
        if p_values[place] * left >= 1 - level:
            break
        found.add(place)
    return frozenset(found)
