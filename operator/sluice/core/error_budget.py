"""What the next step could cost at worst: how many more bad events than the stable predictor's it may bring.

Of a step that ended without a verdict it is known how often the candidate failed in n requests, and so with confidence
1 - risk how often it fails at most, whenever one looks: all rates p with

    E(p) = B(f + 1/2, n - f + 1/2) / (B(1/2, 1/2) · p^f · (1 - p)^(n - f))  <  1/risk

cannot be ruled out (Robbins' mixture with Jeffreys' prior; Ville's inequality). The excess over the stable's rate is
at most the candidate's upper bound less the stable's lower bound, each at half the risk. Where events come in bursts
(a dispersion above 1) each request tells so many times less, and both arms are thinned by that.
"""

from dataclasses import dataclass
from math import inf, lgamma, log, pi

from sluice.api.live import Step
from sluice.core.analysis.verdict import MetricVerdict

RISK = 0.05
"""Chance that the truth is worse than the bound."""
_HALVINGS = 60
_JEFFREYS = log(pi)
"""ln B(1/2, 1/2)."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Bad events and all opportunities for one, of one predictor in one step."""

    bad: float
    requests: float

    def thinned(self, dispersion: float) -> "Arm":
        """Return as many independent requests as tell what these do."""
        factor = max(1.0, dispersion)
        return Arm(self.bad / factor, self.requests / factor)


@dataclass(frozen=True, slots=True)
class Coming:
    """The step that would begin."""

    weight: float
    """The candidate's share of traffic: 0..1."""
    requests_per_second: float
    """Of both predictors together."""
    seconds: float


def next_cost(said: MetricVerdict, coming: Step, judged_seconds: float) -> float:
    """Return `worst_cost` of the step that would follow, by what a metric counted in the seconds of the present one."""
    seen = said.step
    return worst_cost(
        Arm(seen.candidate_failures, seen.candidate_requests).thinned(said.dispersion),
        Arm(seen.stable_failures, seen.stable_requests).thinned(said.dispersion),
        Coming(
            weight=coming.weight / 100,
            requests_per_second=(seen.candidate_requests + seen.stable_requests) / max(judged_seconds, 1.0),
            seconds=float(coming.max_duration_seconds),
        ),
    )


def worst_cost(candidate: Arm, stable: Arm, coming: Coming) -> float:
    """Return how many more bad events than the stable's the coming step brings at worst."""
    return highest_excess(candidate, stable) * coming.weight * coming.requests_per_second * coming.seconds


def highest_excess(candidate: Arm, stable: Arm, risk: float = RISK) -> float:
    """Return the upper bound of the candidate's rate less the stable's; never below 0."""
    return max(0.0, highest_rate(candidate, risk / 2) - lowest_rate(stable, risk / 2))


def highest_rate(arm: Arm, risk: float) -> float:
    """Return the greatest rate that cannot be ruled out; 1 without requests."""
    return _edge(arm, risk, outside=1.0)


def lowest_rate(arm: Arm, risk: float) -> float:
    """Return the smallest rate that cannot be ruled out; 0 without requests."""
    return _edge(arm, risk, outside=0.0)


def _edge(arm: Arm, risk: float, outside: float) -> float:
    """Return where evidence against a rate reaches 1/risk, between the observed rate and `outside`; errs outwards."""
    inside = arm.bad / arm.requests if arm.requests else 1 - outside
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if _log_evidence(arm, middle) >= -log(risk):
            outside = middle
        else:
            inside = middle
    return outside


def _log_evidence(arm: Arm, rate: float) -> float:
    """Return ln E against a rate."""
    good = arm.requests - arm.bad
    mixed = lgamma(arm.bad + 0.5) + lgamma(good + 0.5) - lgamma(arm.requests + 1) - _JEFFREYS
    return mixed - _power(arm.bad, rate) - _power(good, 1 - rate)


def _power(times: float, rate: float) -> float:
    """Return ln of rate to the power of `times`; 0 to the power of 0 is 1."""
    if not times:
        return 0.0
    return times * log(rate) if rate > 0 else -inf
