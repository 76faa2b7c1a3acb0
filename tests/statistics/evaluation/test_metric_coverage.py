"""How often the bounds of whole metrics are right, from answers to measurement, by simulation with a known truth."""

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
import pytest
from scipy.stats import norm

from sluice.api.evaluation_result import Estimate
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.measuring import Scored, measure
from tests.unit.evaluation.builders import numbers, probabilities, scored, wanted

LEVEL = 0.95
Draw: TypeAlias = np.random.Generator
GAPS = (1.4, 1.1)
"""By how much the positives' scores of candidate and champion are higher, in standard deviations."""


def binary(draw: Draw, items: int = 300) -> Scored:
    """Two models whose scores are the log odds shifted: those of the negatives standard normal, correlated by half."""
    truth = draw.random(items) < 0.3
    shared = sqrt(0.5) * draw.normal(size=items)
    chances = [_chance(gap * truth + shared + sqrt(0.5) * draw.normal(size=items)) for gap in GAPS]
    return scored(["yes" if one else "no" for one in truth], *(probabilities(no=1 - one, yes=one) for one in chances))


def _chance(scores: Floats) -> Floats:
    """Return a number from 0 to 1 that is above ½ from a score of 0.8 up."""
    return np.asarray(1 / (1 + np.exp(0.8 - scores)))


def recall(gap: float, threshold: float = 0.8) -> float:
    return float(norm.sf(threshold - gap))


def precision(gap: float) -> float:
    found, alarms = 0.3 * recall(gap), 0.7 * float(norm.sf(0.8))
    return found / (found + alarms)


def f1(gap: float) -> float:
    return 2 * precision(gap) * recall(gap) / (precision(gap) + recall(gap))


def average_precision(gap: float) -> float:
    at = np.linspace(-8, 10, 20_001)
    above, below = 0.3 * norm.sf(at - gap), 0.7 * norm.sf(at)
    return float(np.trapezoid(norm.pdf(at - gap) * above / (above + below), at))


def coverage(make: Callable[[Draw], Scored], metric: str, params: Mapping[str, str], rounds: int) -> Any:
    """Return the estimates of candidate and difference of each simulation."""
    draw = np.random.default_rng(21)
    found = [measure(wanted(metric, params, LEVEL), make(draw)) for _ in range(rounds)]
    return [one.candidate for one in found], [one.difference for one in found]


def missed(estimates: list[Estimate], truth: float, *, most: float = 1.0, short: float = 0.0) -> str:
    """Return which bound is right less often than said, but for chance, or (above `most`) idly often; else nothing.

    `short` says by how much it is known to be right less often.
    """
    rounds = len(estimates)
    allowed = 2 * sqrt(LEVEL * (1 - LEVEL) / rounds)
    lower = float(np.mean([one.lower <= truth for one in estimates]))
    upper = float(np.mean([truth <= one.upper for one in estimates]))
    fine = min(lower, upper) >= LEVEL - short - allowed and max(lower, upper) <= min(1.0, most + allowed)
    return "" if fine else f"lower bound {lower:.3f}, upper bound {upper:.3f}"


YES = {"class": "yes"}
FPR = 0.1


@pytest.mark.parametrize(
    ("metric", "params", "truth", "most", "rounds"),
    [
        pytest.param("precision", YES, precision, 0.975, 600, id="precision"),
        pytest.param("f1", YES, f1, LEVEL, 200, id="f1"),
        pytest.param(
            "balancedAccuracy",
            {},
            lambda gap: (recall(gap) + float(norm.cdf(0.8))) / 2,
            0.975,
            600,
            id="balanced accuracy",
        ),
        pytest.param("prAuc", YES, average_precision, LEVEL, 200, id="average precision"),
        pytest.param(
            "recallAtFpr",
            YES | {"fpr": str(FPR)},
            lambda gap: recall(gap, float(norm.isf(FPR))),
            0.985,
            200,
            id="recall at a false-positive rate",
        ),
        pytest.param(
            "expectedCost",
            {"costs": '[{"actual":"yes","predicted":"no","cost":"10"},{"actual":"no","predicted":"yes","cost":"1"}]'},
            lambda gap: 3 * (1 - recall(gap)) + 0.7 * float(norm.sf(0.8)),
            LEVEL,
            200,
            id="expected cost",
        ),
    ],
)
def test_bounds_of_classification_metrics(
    metric: str, params: Mapping[str, str], truth: Callable[[float], float], most: float, rounds: int
) -> None:
    alone, change = coverage(binary, metric, params, rounds)

    assert missed(alone, truth(GAPS[0]), most=most) == ""
    assert missed(change, truth(GAPS[0]) - truth(GAPS[1]), most=most) == ""


def overconfident(draw: Draw) -> Scored:
    """A model that says 90 % and is right in 80 % of the items, and one that is right in 85 %."""
    labels = ["yes"] * 500
    arms = []
    for right in (0.80, 0.85):
        yes = np.where(draw.random(500) < right, 0.9, 0.1)
        arms.append(probabilities(no=1 - yes, yes=yes))
    return scored(labels, *arms)


def test_bounds_of_the_calibration_error() -> None:
    alone, change = coverage(overconfident, "ece", {"bins": "10"}, 200)

    assert missed(alone, 0.1, most=LEVEL) == ""
    assert missed(change, 0.05, most=LEVEL) == ""


def ranked(draw: Draw) -> Scored:
    """150 queries of 60 users, one relevant result of five in each; users differ in how hard theirs are."""
    users = np.repeat(np.arange(60), 1 + np.arange(60) % 4)
    queries = len(users)
    labels = np.tile([1, 0, 0, 0, 0], queries)
    ease = 1.5 * draw.normal(size=60)[users]
    arms = [
        numbers(*(labels * np.repeat(gap + side * ease, 5) + draw.normal(size=5 * queries)))
        for gap, side in ((1.0, 1.0), (1.0, -1.0))
    ]
    return scored(labels.tolist(), *arms, queries=np.repeat(np.arange(queries), 5), clusters=np.repeat(users, 5))


@pytest.mark.parametrize(("metric", "rounds"), [("mrr", 800), ("map", 200)])
def test_bounds_of_rankings_whose_queries_hang_together(metric: str, rounds: int) -> None:
    """The two models are each other's mirror, so their difference is 0 in truth."""
    _, change = coverage(ranked, metric, {}, rounds)

    assert missed(change, 0.0, most=LEVEL) == ""


WRONG = (0.20, 0.12)
"""How often candidate and champion take one class for the other."""


def of_users(draw: Draw, users: int) -> Scored:
    """Users with 1 to 7 items each: who it is makes them hard for both models, and so does which item it is."""
    who = np.repeat(np.arange(users), draw.integers(1, 8, users))
    labels = np.where(draw.random(len(who)) < 0.5, "no", "yes")
    shared = sqrt(0.3) * draw.normal(size=users)[who] + sqrt(0.3) * draw.normal(size=len(who))
    other = np.where(labels == "no", "yes", "no")
    arms = [
        np.where(shared + sqrt(0.4) * draw.normal(size=len(who)) < norm.ppf(wrong), other, labels).tolist()
        for wrong in WRONG
    ]
    return scored(labels.tolist(), *arms, clusters=who)


@pytest.mark.parametrize(
    ("users", "most", "short"),
    [
        pytest.param(12, 1.0, 0.0, id="12 users: widened by what so few may hide"),
        pytest.param(30, 1.0, 0.02, id="30 users: a bootstrap of so few is a little narrow"),
        pytest.param(100, LEVEL, 0.0, id="100 users"),
    ],
)
@pytest.mark.parametrize(
    ("metric", "params", "sign"),
    [
        pytest.param("accuracy", {}, -1, id="accuracy"),
        pytest.param("confusionCellRate", {"actual": "no", "predicted": "yes"}, 1, id="a confusion cell"),
    ],
)
def test_bounds_of_shares_whose_items_hang_together(
    *, metric: str, params: Mapping[str, str], sign: int, users: int, most: float, short: float
) -> None:
    """Up to 2 points short are differences over 30 users: of 3,000 rounds their bounds were right in 93.3 % and more.

    Fewer users are widened by what so few may hide, where few of them vary; with more the bootstrap is right.
    """
    alone, change = coverage(lambda draw: of_users(draw, users), metric, params, 500)

    assert missed(alone, WRONG[0] if sign > 0 else 1 - WRONG[0], most=most) == ""
    assert missed(change, sign * (WRONG[0] - WRONG[1]), most=most, short=short) == ""


def independent(draw: Draw) -> Scored:
    """150 queries of two results, one of them relevant: each model has a quarter the wrong way round."""
    arms = [numbers(*np.column_stack([draw.random(150) < 0.75, np.full(150, 0.5)]).ravel()) for _ in range(2)]
    return scored([1, 0] * 150, *arms, queries=np.repeat(np.arange(150), 2))


def users(draw: Draw) -> Scored:
    """The same of 60 users, all of whose queries a model has alike."""
    own = np.repeat(np.arange(60), 1 + np.arange(60) % 4)
    first = [(draw.random(60) < 0.75)[own] for _ in range(2)]
    arms = [numbers(*np.column_stack([one, np.full(len(own), 0.5)]).ravel()) for one in first]
    labels, queries = [1, 0] * len(own), np.repeat(np.arange(len(own)), 2)
    return scored(labels, *arms, queries=queries, clusters=np.repeat(own, 2))


@pytest.mark.parametrize(
    ("make", "most", "rounds"),
    [
        pytest.param(independent, 0.985, 400, id="exact, so never too narrow"),
        pytest.param(users, LEVEL, 400, id="users drawn whole"),
    ],
)
def test_bounds_of_the_share_of_queries_that_drop(make: Callable[[Draw], Scored], most: float, rounds: int) -> None:
    alone, _ = coverage(make, "shareOfQueriesDropping", {"by": "mrr"}, rounds)

    assert missed(alone, 0.25 * 0.75, most=most) == ""


def forecasts(draw: Draw) -> Scored:
    """True numbers of a lognormal distribution, and two models that say a number each."""
    truth = np.exp(0.5 * draw.normal(size=300))
    return scored(truth.tolist(), numbers(*np.full(300, 1.5)), numbers(*np.full(300, 1.0)))


AT = np.exp(0.5 * norm.ppf((np.arange(200_000) + 0.5) / 200_000))
"""The same distribution, evenly cut."""


def percentage_error(said: float) -> float:
    return float(np.mean(np.abs(said - AT) / AT))


def pinball(said: float) -> float:
    return float(np.mean(np.where(said < AT, 0.9 * (AT - said), 0.1 * (said - AT))))


@pytest.mark.parametrize(
    ("metric", "params", "truth"),
    [
        pytest.param("mape", {}, percentage_error, id="percentage error"),
        pytest.param("pinball", {"quantile": "0.9"}, pinball, id="pinball loss"),
    ],
)
def test_bounds_of_errors_of_numbers(metric: str, params: Mapping[str, str], truth: Callable[[float], float]) -> None:
    alone, change = coverage(forecasts, metric, params, 200)

    assert missed(alone, truth(1.5), most=LEVEL) == ""
    assert missed(change, truth(1.5) - truth(1.0), most=LEVEL) == ""
