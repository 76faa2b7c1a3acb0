"""Numbers read off a ranking of very many items: drawn in groups between cuts, they spread as those of all items do."""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import average_precision_score

from sluice.api.evaluation_result import Estimate
from sluice.evaluation.intervals.interval import Booleans, Floats
from sluice.evaluation.measuring import Scored, measure
from sluice.evaluation.outcomes.curve import MOST_GROUPS, MOST_ITEMS
from tests.unit.evaluation.builders import numbers_of, scored_arrays, wanted

ITEMS = 20_000
YES = {"class": "1"}


def truth_and_scores(items: int, seed: int) -> tuple[Booleans, Floats, Floats]:
    draw = np.random.default_rng(seed)
    truth = draw.random(items) < 0.1
    shared = sqrt(0.5) * draw.normal(size=items)
    first, second = (gap * truth + shared + sqrt(0.5) * draw.normal(size=items) for gap in (1.4, 1.1))
    return truth, np.asarray(norm.cdf(first)), np.asarray(norm.cdf(second))


def data_of(items: int, seed: int) -> Scored:
    truth, first, second = truth_and_scores(items, seed)
    return scored_arrays(truth.astype(np.float64), numbers_of(first), numbers_of(second))


def _estimate(part: Estimate | None) -> Estimate:
    assert part is not None
    return part


def test_estimates_of_many_items_are_those_of_all_items() -> None:
    assert max(MOST_ITEMS, MOST_GROUPS) < ITEMS
    truth, first, second = truth_and_scores(ITEMS, 1)
    found = measure(wanted("prAuc", YES), data_of(ITEMS, 1))
    want = [average_precision_score(truth, scores) for scores in (first, second)]

    assert (_estimate(found.candidate).estimate, _estimate(found.champion).estimate) == pytest.approx(want, abs=1e-9)
    assert _estimate(found.difference).estimate == pytest.approx(want[0] - want[1], abs=1e-9)


@pytest.mark.parametrize("metric", ["prAuc", "recallAtFpr"])
def test_one_item_more_than_a_few_changes_next_to_nothing(metric: str) -> None:
    params = YES | ({"fpr": "0.1"} if metric == "recallAtFpr" else {})
    few, many = (measure(wanted(metric, params), data_of(items, 5)) for items in (MOST_ITEMS, MOST_ITEMS + 1))
    for one, other in ((few.candidate, many.candidate), (few.difference, many.difference)):
        mine, others = _estimate(one), _estimate(other)
        assert others.upper - others.lower == pytest.approx(mine.upper - mine.lower, rel=0.15)
