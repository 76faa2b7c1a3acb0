"""The evidence is fair under its null: by enumerating every outcome of small tables, not by sampling."""

from collections.abc import Iterator
from itertools import product
from math import comb, exp, isclose

import pytest

from sluice.core.analysis import progress
from sluice.core.analysis.bernoulli import Bernoulli
from sluice.core.analysis.bets import Bets
from sluice.core.analysis.breach import Breach
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.likelihood import Likelihood, beyond, log_increments
from sluice.core.analysis.limit import Limit
from sluice.core.analysis.methods import METHODS, Method
from sluice.core.analysis.methods import gains as gained
from sluice.core.analysis.points import POINTS
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import HardLimit, Settings
from sluice.core.analysis.spread import Spread
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
@pytest.mark.parametrize(("null", "alternative"), [(1.0, 2.0), (1.05, 21.0), (3.0, 0.6), (1.5, 1.125), (0.5, 0.9)])
def test_given_the_total_of_failures_the_likelihood_ratio_is_a_martingale(
    null: float, alternative: float, failures: int
) -> None:
    """Poisson failures: given their total, the candidate's part is binomial, and the expectation is exactly 1."""
    for table in [(10, 90), (50, 50), (3, 7)]:
        share = table[0] / sum(table)
        theta = share * null / (1 + share * (null - 1))
        parts = ((mine, binomial(mine, failures, theta)) for mine in range(failures + 1))
        others = beyond(null, [alternative])
        mean = sum(
            chance * exp(log_increments(Counts(mine, table[0], failures - mine, table[1]), null, others)[0])
            for mine, chance in parts
        )
        assert isclose(mean, 1, rel_tol=1e-12)


NULLS = [
    pytest.param((0.2, 0.2), id="as good"),
    pytest.param((0.05, 0.4), id="better"),
    pytest.param((0.0, 0.3), id="spotless candidate"),
    pytest.param((0.9, 0.9), id="both bad"),
    pytest.param((0.9, 0.95), id="a little better, both bad"),
    pytest.param((0.0, 0.0), id="both spotless"),
    pytest.param((1.0, 1.0), id="nothing but failures"),
]
TABLES: list[list[Table]] = [[(3, 4), (2, 5)], [(1, 9), (5, 2)], [(4, 4)]]


@pytest.mark.parametrize("rates", NULLS)
@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("guess", [0.001, 0.2, 0.5, 0.95])
def test_no_method_gains_on_average_whatever_the_rates_are_taken_to_be(
    name: str, rates: tuple[float, float], guess: float
) -> None:
    """At every alternative by itself, with a guess of the stable's rate that may be wrong."""
    method: Method = METHODS[name]
    for table in [(3, 4), (1, 9), (5, 2)]:
        found = [(chance, method.gains(counts, 1.0, guess)) for chance, counts in outcomes(table, rates)]
        for point in zip(*(gains for _, gains in found), strict=True):
            mean = sum(chance * exp(gain) for (chance, _), gain in zip(found, point, strict=True))
            assert mean <= 1 + 1e-9


@pytest.mark.parametrize("sizes", [(1, 1), (7, 1), (20, 3, 1), (5, 5, 5)])
def test_bets_are_fair_whatever_the_size_of_bursts(sizes: tuple[int, ...]) -> None:
    """Each burst hits the candidate with the chance of its share of requests. Counting single events is not fair."""
    table, share = (10.0, 90.0), 0.1
    means = {"Bets": 0.0, "Counts": 0.0}
    for hits in product([0, 1], repeat=len(sizes)):
        chance = share ** sum(hits) * (1 - share) ** (len(hits) - sum(hits))
        mine = sum(size for size, hit in zip(sizes, hits, strict=True) if hit)
        counts = Counts(float(mine), table[0], float(sum(sizes) - mine), table[1])
        for name, method in (("Bets", Bets()), ("Counts", Likelihood())):
            means[name] += chance * exp(method.gains(counts, 1.0, 0.05)[4])
    assert means["Bets"] == pytest.approx(1)
    assert means["Counts"] >= 1 if max(sizes) > 1 else means["Counts"] == pytest.approx(1)


KNOWN = Counts(stable_failures=40.0, stable_requests=100.0)
SINGLE = Spread(squares=100.0, freedom=100.0, noise=200.0)
BURSTY = Spread(squares=100.0, freedom=20.0, noise=40.0)


@pytest.mark.parametrize(
    ("share", "sizes", "most"),
    [
        pytest.param(0.1, (20, 20), 1, id="two of the largest size"),
        pytest.param(0.5, (20, 20), 1, id="the same at half of the traffic"),
        pytest.param(0.1, (1, 3, 7, 13, 16), 1, id="several, of any size up to that"),
        pytest.param(0.5, (1,) * 9 + (20, 15), 1, id="single events and bursts"),
        pytest.param(0.05, (200,), 4 / 3, id="one of a size that nobody thought of is nearly fair"),
        pytest.param(0.1, (200,), 4 / 3, id="also at a tenth of the traffic"),
    ],
)
def test_rounds_in_doubt_are_fair_for_bursts_of_any_size_that_is_not_ruled_out(
    share: float, sizes: tuple[int, ...], most: float
) -> None:
    """Each hits the candidate with the chance of its share."""
    table, spread = (1000.0 * share, 1000.0 * (1 - share)), Spread(squares=0.5, freedom=2.0, noise=4.0)
    mean = dict.fromkeys(range(len(POINTS)), 0.0)
    for hits in product([0, 1], repeat=len(sizes)):
        chance = share ** sum(hits) * (1 - share) ** (len(hits) - sum(hits))
        mine = sum(size for size, hit in zip(sizes, hits, strict=True) if hit)
        counts = Counts(float(mine), table[0], float(sum(sizes) - mine), table[1])
        for point, gain in enumerate(gained(counts, Counts(), spread, Settings())):
            mean[point] += chance * exp(gain)
    assert max(mean.values()) <= most + 1e-9


@pytest.mark.parametrize("rates", NULLS)
@pytest.mark.parametrize(
    ("before", "method"),
    [
        pytest.param(Breach(spread=SINGLE), "Counts", id="counts"),
        pytest.param(Breach(total=KNOWN, spread=SINGLE), "Trials", id="trials"),
        pytest.param(Breach(), "Bets", id="nothing known"),
        pytest.param(Breach(total=KNOWN, spread=BURSTY), "Bets", id="bets"),
    ],
)
@pytest.mark.parametrize("restarts", [0, 1])
def test_the_breach_evidence_is_fair_whatever_the_split(
    rates: tuple[float, float], before: Breach, method: str, restarts: int
) -> None:
    """Also with a method that is chosen anew for every round, as what came before suggests."""
    settings = Settings(restarts=restarts, restart_seconds=4)
    assert before.method(settings) == method
    for tables in TABLES:
        mean = 0.0
        for path in product(*(outcomes(table, rates) for table in tables)):
            state, chance = before, 1.0
            for place, (probability, counts) in enumerate(path):
                done = Round(5.0 * place, 5.0 * place + 5, counts)
                state, chance = state.extend(done, settings), chance * probability
            mean += chance * exp(state.log_evidence())
        assert mean <= 1 + ROUNDING


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.2])
@pytest.mark.parametrize("bursty", [False, True])
def test_the_evidence_of_the_hard_limit_is_fair_within_it(rate: float, bursty: bool) -> None:  # noqa: FBT001
    settings = Settings(hard_limit=HardLimit(0.2), restarts=1, restart_seconds=4)
    mean = 0.0
    for first, second in product(range(6), range(4)):
        state = Limit()
        for place, (bad, of) in enumerate([(first, 5), (second, 3)]):
            state = state.extend(Counts(float(bad), float(of)), 5.0 * place, settings, bursty=bursty)
        mean += binomial(first, 5, rate) * binomial(second, 3, rate) * exp(state.log_evidence())
    assert mean <= 1 + ROUNDING


UNACCEPTABLE = [
    pytest.param((0.3, 0.1), id="the corner: at the margin and at the floor"),
    pytest.param((0.2, 0.0), id="at the floor beside a spotless stable"),
    pytest.param((0.9, 0.3), id="at the margin, far above the floor"),
    pytest.param((0.9, 0.1), id="far worse"),
]


@pytest.mark.parametrize("rates", UNACCEPTABLE)
@pytest.mark.parametrize("higher", [False, True])
def test_the_pass_evidence_is_fair_for_every_unacceptable_candidate(
    rates: tuple[float, float],
    higher: bool,  # noqa: FBT001
) -> None:
    """Where more is better the rates are of good events, and change places."""
    at = step(margin=3.0, floor=0.2)
    mine, theirs = (1 - rates[1], 1 - rates[0]) if higher else rates
    for tables in TABLES:
        mean = 0.0
        for path in product(*(outcomes(table, (mine, theirs)) for table in tables)):
            state, chance = progress.fresh(), 1.0
            for place, (probability, counts) in enumerate(path):
                done = Round(5.0 * place, 5.0 * place + 5, counts)
                state, chance = state.extend(done, at, higher=higher), chance * probability
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


@pytest.mark.parametrize("method", [Likelihood(), Bernoulli(), Bets()], ids=lambda method: type(method).__name__)
@pytest.mark.parametrize("rate", [0.2, 0.7])
def test_a_worse_candidate_loses_by_every_method(method: Method, rate: float) -> None:
    worse = (rate + 0.2, rate)
    best = max(
        sum(chance * gain for chance, gain in found)
        for found in zip(
            *(
                [(chance, gain) for gain in method.gains(counts, 1.0, rate)]
                for chance, counts in outcomes((6, 6), worse)
            ),
            strict=True,
        )
    )
    assert best > 0
