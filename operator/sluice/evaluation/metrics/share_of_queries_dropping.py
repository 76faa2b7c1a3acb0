"""Share of queries dropping: of the queries that have a relevant result, the share that fares worse with the candidate.

Worse: its value of the metric `by` (NDCG, MRR, MAP or recall) is lower than with the champion, by more than rounding. A
mean may stay where it is while half of the queries lose what the others gain. The champion against itself drops none,
so the difference is the candidate's share. Without a champion no query counts. Bounds: exact, over queries (clusters:
bootstrap). Source: Wang, Bennett and Collins-Thompson, SIGIR (2012) 761: losses against a baseline, query by query.
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.metrics import mean_average_precision, mrr, ndcg, recall_at_k
from sluice.evaluation.outcomes import Share, Sums

NAME = "shareOfQueriesDropping"
NEEDS = truth.relevance
_BY = {one.NAME: one.measure for one in (ndcg, mrr, mean_average_precision, recall_at_k)}
_LEAST = 1e-9
"""A smaller difference is none, but how numbers are rounded."""


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:
    """Return which queries drop; those that have a relevant result count."""
    by, champion = _BY[params["by"]], answers.champion
    mine = by(answers, params)
    drops = np.zeros(mine.denominator, dtype=np.bool_)
    if champion is None:
        return Share(drops, drops)
    drops = _values(mine) < _values(by(champion, params)) - _LEAST
    return Share(drops, np.ones_like(drops), mine.clusters)


def _values(means: Sums) -> Floats:
    """Return what each query comes to."""
    return np.zeros(means.denominator) if means.values is None else means.values
