"""Error rates of gates on slices, by simulation, through the whole judgement.

A pass is wrong if one slice is just beyond its limit: its chance is at most 1 - level, whichever slice that is and
however many others there are. A failure is wrong if no slice is beyond its limit: at most 1 - level as well, over all
slices together, which Holm sees to. Both within 2 standard errors.
"""

from collections.abc import Iterator
from functools import cache
from math import sqrt

import numpy as np
import pytest

from sluice.api.evaluation_result import Estimate, Measurement, Pairs, SliceMeasurement
from sluice.api.plan import Gate
from sluice.api.slices import Quantifier, Slices
from sluice.api.verdict import Verdict
from sluice.core.gates.finding import Finding, GateReason
from sluice.core.gates.slices import parts, with_slices
from sluice.evaluation.intervals import clopper_pearson, newcombe_paired
from sluice.evaluation.intervals.interval import Interval

LEVEL = 0.95
ROUNDS = 2_000
SIZES = (40, 80, 200, 500, 1_000, 3_000)
LIMIT = 0.1
WHOLE = Finding(Verdict.PASS, GateReason.CLEARED, "")
"""The whole set passes: the slices alone decide."""
Draw = np.random.Generator


def gate(quantifier: Quantifier = Quantifier.EVERY, **rule: object) -> Gate:
    slices = Slices.model_validate({"by": [{"column": "s"}], "quantifier": quantifier})
    return Gate.model_validate(
        {"name": "g", "metric": "fpr", "params": {"class": "a"}, "dataset": "d", "slices": slices, **rule}
    )


def measured(slices: list[SliceMeasurement]) -> Measurement:
    total = sum(one.n for one in slices)
    return Measurement(
        name="g", metric="fpr", dataset="d", level=LEVEL, n=total, denominator=total, slices=tuple(slices), params={}
    )


def estimate(found: Interval, method: str) -> Estimate:
    return Estimate(estimate=found.estimate, lower=found.lower, upper=found.upper, method=method)


@cache
def exact(events: int, items: int) -> Estimate:
    return estimate(clopper_pearson(events, items, LEVEL), "clopper-pearson")


def shares(chance: Draw, rates: list[float]) -> Iterator[Measurement]:
    """Yield results in which each slice has a share of its own, with exact bounds."""
    for events in chance.binomial(SIZES, rates, (ROUNDS, len(SIZES))).tolist():
        yield measured(
            [
                SliceMeasurement(
                    column="s", name=f"s={place}", n=items, denominator=items, candidate=exact(count, items)
                )
                for place, (count, items) in enumerate(zip(events, SIZES, strict=True))
            ]
        )


@cache
def paired(more: int, less: int, items: int) -> tuple[Estimate, Pairs]:
    both, neither = 0, items - more - less
    found = estimate(newcombe_paired(both, more, less, neither, LEVEL), "newcombe-paired")
    return found, Pairs(both=both, candidate_only=more, champion_only=less, neither=neither, p_value=1.0)


def rises(chance: Draw, rises_: list[float], size: int) -> Iterator[Measurement]:
    """Yield results in which each slice's share rises by so much, with paired bounds."""
    flat = estimate(Interval(LIMIT, 0.0, 1.0), "clopper-pearson")
    chances = [[0.08 + rise, 0.08, 0.84 - rise] for rise in rises_]
    drawn = np.stack([chance.multinomial(size, one, ROUNDS) for one in chances], axis=1)
    for counts in drawn.tolist():
        made = [
            {"name": f"s={place}", "difference": found, "pairs": pairs}
            for place, (more, less, _) in enumerate(counts)
            for found, pairs in [paired(more, less, size)]
        ]
        yield measured(
            [
                SliceMeasurement(column="s", n=size, denominator=size, candidate=flat, champion=flat, **one)
                for one in made
            ]
        )


def rate(rule: Gate, results: Iterator[Measurement], verdict: Verdict) -> float:
    return float(np.mean([with_slices(rule, one, WHOLE).verdict is verdict for one in results]))


MOST = (1 - LEVEL) + 2 * sqrt(LEVEL * (1 - LEVEL) / ROUNDS)


@pytest.mark.parametrize("quantifier", list(Quantifier))
@pytest.mark.parametrize("bad", range(len(SIZES)))
def test_a_slice_at_its_limit_seldom_passes_whichever_it_is(bad: int, quantifier: Quantifier) -> None:
    rates = [0.0] * len(SIZES)
    rates[bad] = LIMIT + 1e-9

    wrong = rate(gate(quantifier, max=str(LIMIT)), shares(np.random.default_rng(bad), rates), Verdict.PASS)

    assert wrong <= MOST


def test_the_slice_with_the_worst_estimate_is_not_enough() -> None:
    """To test only the slice that looks worst lets another one through: so the bounds choose which is the worst."""
    rates = [LIMIT + 1e-9, 0.0, 0.0, 0.0, 0.0, 0.07]
    rule = gate(Quantifier.WORST, max=str(LIMIT))

    def naive(one: Measurement) -> bool:
        return max(parts(rule, one), key=_seen).finding.verdict is Verdict.PASS

    results = list(shares(np.random.default_rng(7), rates))
    assert np.mean([naive(one) for one in results]) > 2 * MOST
    assert np.mean([with_slices(rule, one, WHOLE).verdict is Verdict.PASS for one in results]) <= MOST


def _seen(part: object) -> float:
    found = part.measured.candidate  # type: ignore[attr-defined]
    return float(found.estimate)


@pytest.mark.parametrize("quantifier", list(Quantifier))
def test_slices_at_their_limits_are_seldom_blamed_all_together(quantifier: Quantifier) -> None:
    results = list(shares(np.random.default_rng(11), [LIMIT] * len(SIZES)))
    rule = gate(quantifier, max=str(LIMIT))

    assert rate(rule, iter(results), Verdict.FAIL) <= MOST
    uncorrected = np.mean([any(_seen_bound(one) > LIMIT for one in found.slices) for found in results])
    assert uncorrected > 2 * MOST


def _seen_bound(one: SliceMeasurement) -> float:
    assert one.candidate is not None
    return one.candidate.lower


@pytest.mark.parametrize("size", [100, 1_000])
def test_rises_at_their_limits_are_seldom_blamed_all_together(size: int) -> None:
    rule = gate(vsChampion={"maxRise": "0.02"})
    assert rate(rule, rises(np.random.default_rng(13), [0.02] * 10, size), Verdict.FAIL) <= MOST


def test_innocent_slices_are_seldom_blamed_beside_guilty_ones() -> None:
    rates = [LIMIT, LIMIT, 0.2, LIMIT, 0.2, LIMIT]
    rule = gate(max=str(LIMIT))
    blamed = [
        {part.name for part in parts(rule, one) if part.finding.verdict is Verdict.FAIL}
        for one in shares(np.random.default_rng(17), rates)
    ]

    assert np.mean([bool(names - {"s=2", "s=4"}) for names in blamed]) <= MOST
    assert np.mean(["s=4" in names for names in blamed]) > 0.99
