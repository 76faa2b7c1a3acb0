"""Which bounds of a histogram tell requests apart: chosen from the first rounds, which then count for nothing else.

A choice that rests on earlier rounds only keeps the evidence fair whatever it is.
"""

from collections.abc import Mapping

from sluice.core.analysis.counts import Counts

MOST = 6
"""So many bounds are followed: neighbours say nearly the same."""
ENOUGH = 100
"""So many requests of the stable arm are looked at before the choice."""
LOWEST, HIGHEST = 0.001, 0.999
"""A bound says nothing while fewer requests than this are slower in both arms, or more than that."""

COMMON = 0.01
"""A tail rarer than this takes hours to be compared: it may prove a breach, but no pass waits for it."""


def telling(counts: Counts) -> bool:
    """Return whether a bound says something, given what was seen so far: also where one arm alone exceeds it."""
    if not counts.comparable:
        return False
    rates = counts.stable_rate, counts.candidate_failures / counts.candidate_requests
    return max(rates) >= LOWEST and min(rates) <= HIGHEST


def passing(totals: Mapping[str, Counts]) -> tuple[str, ...]:
    """Return the bounds that must speak for the candidate before a step passes: all but rare tails, if any is left.

    A bound that hardly any request of the stable arm exceeds is no rare tail: there the floor decides, and soon.
    """
    rare = {bound for bound, counts in totals.items() if LOWEST <= counts.stable_rate < COMMON}
    return tuple(bound for bound in totals if bound not in rare) or tuple(totals)


def choose(profile: Mapping[str, Counts]) -> tuple[str, ...]:
    """Return the bounds to follow, lowest first; none while too little was seen.

    The lowest bound that hardly any request exceeds is followed too: it says something as soon as an arm grows a tail.
    """
    if not profile or max(one.stable_requests for one in profile.values()) < ENOUGH:
        return ()
    bounds = sorted(profile, key=float)
    inside = [bound for bound in bounds if telling(profile[bound])]
    above = [bound for bound in bounds if profile[bound].stable_rate < LOWEST and bound not in inside]
    return (*_thinned(inside, MOST - 1 if above else MOST), *above[:1]) or (bounds[-1],)


def _thinned(bounds: list[str], most: int) -> list[str]:
    """Return at most so many, evenly spaced, the first and the last among them."""
    if len(bounds) <= most:
        return bounds
    return [bounds[round(place * (len(bounds) - 1) / (most - 1))] for place in range(most)]
