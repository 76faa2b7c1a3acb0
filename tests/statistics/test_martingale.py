"""The evidence is fair under its null: by enumerating every outcome of small tables, not by sampling."""

from collections.abc import Iterator
from itertools import product
from math import comb, exp, isclose

import pytest

from sluice.core.analysis import progress
from sluice.core.analysis.breach import Breach
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.likelihood import log_increments
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import Settings
from tests.support.analysis import step

ROUNDING = 1e-5
"""Wealth is kept to 2^-20."""

Table = tuple[int, int]
"""Requests of candidate and stable in a round."""


def binomial(successes: int, trials: int, rate: float) -> float:
    return comb(trials, successes) * rate**successes * (1 - rate) ** (trials - successes)


def outcomes(table: Table, rates: tuple[float, float]) -> Iterator[tuple[float, Counts]]:
    """Yield every outcome of a round with its probability."""
    for mine, theirs in product(range(table[0] + 1), range(table[1] + 1)):
        chance = binomial(mine, table[0], rates[0]) * binomial(theirs, table[1], rates[1])
        yield chance, Counts(float(mine), float(table[0]), float(theirs), float(table[1]))


@pytest.mark.parametrize("failures", [1, 2, 5, 9])
@pytest.mark.parametrize(("null", "alternative"), [(1.0, 2.0), (1.05, 21.0), (3.0, 0.6), (1.5, 1.125)])
def test_given_the_total_of_failures_the_likelihood_ratio_is_a_martingale(
    null: float, alternative: float, failures: int
) -> None:
    """Poisson failures: given their total, the candidate's part is binomial, and the expectation is exactly 1."""
    for table in [(10, 90), (50, 50), (3, 7)]:
        share = table[0] / sum(table)
        theta = share * null / (1 + share * (null - 1))
        parts = ((mine, binomial(mine, failures, theta)) for mine in range(failures + 1))
        mean = sum(
            chance * exp(log_increments(Counts(mine, table[0], failures - mine, table[1]), null, [alternative])[0])
            for mine, chance in parts
        )
        assert isclose(mean, 1, rel_tol=1e-12)


NULLS = [
    pytest.param((0.2, 0.2), id="as good"),
    pytest.param((0.05, 0.4), id="better"),
    pytest.param((0.0, 0.3), id="spotless candidate"),
    pytest.param((0.9, 0.9), id="both bad"),
    pytest.param((0.0, 0.0), id="both spotless"),
]
TABLES: list[list[Table]] = [[(3, 4), (2, 5)], [(1, 9), (5, 2)], [(4, 4)]]


@pytest.mark.parametrize("rates", NULLS)
@pytest.mark.parametrize("restarts", [0, 1])
def test_the_breach_evidence_is_fair_whatever_the_split(rates: tuple[float, float], restarts: int) -> None:
    settings = Settings(restarts=restarts, restart_seconds=4)
    for tables in TABLES:
        mean = 0.0
        for path in product(*(outcomes(table, rates) for table in tables)):
            state, chance = Breach(), 1.0
            for place, (probability, counts) in enumerate(path):
                state, chance = (
                    state.extend(Round(5.0 * place, 5.0 * place + 5, counts), settings),
                    chance * probability,
                )
            mean += chance * exp(state.log_evidence())
        assert mean <= 1 + ROUNDING


UNACCEPTABLE = [
    pytest.param((0.3, 0.1), id="the corner: at the margin and at the floor"),
    pytest.param((0.2, 0.0), id="at the floor beside a spotless stable"),
    pytest.param((0.9, 0.3), id="at the margin, far above the floor"),
    pytest.param((0.9, 0.1), id="far worse"),
]


@pytest.mark.parametrize("rates", UNACCEPTABLE)
def test_the_pass_evidence_is_fair_for_every_unacceptable_candidate(rates: tuple[float, float]) -> None:
    at = step(margin=3.0, floor=0.2)
    for tables in TABLES:
        mean = 0.0
        for path in product(*(outcomes(table, rates) for table in tables)):
            state, chance = progress.fresh(), 1.0
            for place, (probability, counts) in enumerate(path):
                state, chance = state.extend(Round(5.0 * place, 5.0 * place + 5, counts), at), chance * probability
            mean += chance * exp(progress.log_evidence(state, at))
        assert mean <= 1 + ROUNDING


def test_a_better_candidate_gains_evidence_for_it() -> None:
    """The bound above is not met by evidence that never grows."""
    at = step(margin=3.0, floor=0.2)
    mean = sum(
        chance * progress.log_evidence(progress.fresh().extend(Round(0, 5, counts), at), at)
        for chance, counts in outcomes((6, 6), (0.05, 0.2))
    )
    assert mean > 0
