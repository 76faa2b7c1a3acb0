"""DeLong's areas and covariances: against scikit-learn and a loop over all pairs of a positive and a negative."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sluice.evaluation.intervals.delong import Areas
from sluice.evaluation.intervals.interval import Booleans, Floats

LEVEL = 0.95


def models(items: int, *, digits: int = 6, seed: int = 3) -> tuple[Booleans, Floats]:
    """Return classes and the scores of two related models, coarse ones with many ties."""
    draw = np.random.default_rng(seed)
    positive = draw.random(items) < 0.3
    shared = draw.normal(size=items)
    scores = [positive + 0.8 * shared + draw.normal(size=items) * noise for noise in (0.5, 0.9)]
    return positive, np.round(np.array(scores, dtype=np.float64), digits).astype(np.float64)


def kernel(positive: Booleans, scores: Floats) -> Floats:
    """Return for each pair of a positive and a negative who is higher: 1, ½ or 0."""
    above, below = scores[positive], scores[~positive]
    return np.array([[float(x > y) + 0.5 * float(x == y) for y in below] for x in above])


@pytest.mark.parametrize("digits", [6, 1, 0])
def test_areas_and_covariance_are_the_loops(digits: int) -> None:
    positive, scores = models(80, digits=digits)
    found = Areas(positive, scores)
    kernels = [kernel(positive, row) for row in scores]
    by_positive = np.cov([one.mean(axis=1) for one in kernels]) / positive.sum()
    by_negative = np.cov([one.mean(axis=0) for one in kernels]) / (~positive).sum()

    assert found.values == pytest.approx([roc_auc_score(positive, row) for row in scores])
    assert found.covariance == pytest.approx(by_positive + by_negative)


def test_items_said_twice_in_one_cluster_are_not_more_evidence() -> None:
    positive, scores = models(60)
    once = Areas(positive, scores)
    thrice = Areas(np.tile(positive, 3), np.tile(scores, 3), np.tile(np.arange(60), 3))

    assert thrice.covariance == pytest.approx(once.covariance)


def test_the_order_of_the_models_is_the_sign() -> None:
    areas = Areas(*models(200))
    one, other = areas.difference(0, 1, LEVEL), areas.difference(1, 0, LEVEL)

    assert (one.lower, one.estimate, one.upper) == pytest.approx((-other.upper, -other.estimate, -other.lower))


def test_equal_rankings_differ_by_less_than_an_unseen_item_could_make() -> None:
    positive, scores = models(300)
    same = Areas(positive, np.array([scores[0], scores[0] * 2 + 1])).difference(0, 1, LEVEL)
    reach = 1 - 0.05 ** (1 / positive.sum())

    assert (same.lower, same.estimate, same.upper) == pytest.approx((-reach, 0.0, reach))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_perfect_ranking_is_not_proof_of_perfection(sign: int) -> None:
    positive = np.arange(120) < 20
    found = Areas(positive, sign * np.array([positive.astype(np.float64)])).interval(0, LEVEL)
    reach = 1 - 0.05 ** (1 / 20)
    want = (1 - reach, 1.0) if sign > 0 else (0.0, reach)

    assert (found.lower, found.upper) == pytest.approx(want)


@pytest.mark.parametrize("positives", [1, 19])
def test_one_item_of_a_class_has_bounds(positives: int) -> None:
    positive = np.arange(20) < positives
    scores = np.random.default_rng(1).normal(size=(2, 20))
    found = [Areas(positive, scores).interval(0, LEVEL), Areas(positive, scores).difference(0, 1, LEVEL)]

    assert all(one.lower <= one.estimate <= one.upper for one in found)
