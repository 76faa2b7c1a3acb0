"""NDCG@k: the discounted gain of the first `k` results of a query over the best possible one, averaged over queries.

The gain is the label itself (relevance, not below 0), the discount 1 / log2(rank + 1); results with equal scores share
their gains' mean. A query without relevant results says nothing and does not count; one with a failed result counts 0.
Bounds: bootstrap over queries (or clusters). Source: Jarvelin and Kekalainen, ACM Transactions on Information Systems
20 (2002) 422; ties: McSherry and Najork, ECIR (2008) 414.
"""

from collections.abc import Mapping

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums
from sluice.evaluation.queries import over_queries

NAME = "ndcg"
NEEDS = truth.relevance


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return each query's NDCG."""
    k = int(params["k"])
    return over_queries(answers, lambda ranked: ranked.gains(k) / ranked.best_gains(k))
