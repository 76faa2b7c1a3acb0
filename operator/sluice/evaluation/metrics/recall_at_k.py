"""Recall@k: the mean over queries of the share of relevant results (label above 0) among the first `k`.

Results with equal scores: the mean over their orders. A query without relevant results does not count; one with a
failed result counts 0. Bounds: bootstrap over queries (or clusters). Source: Manning, Raghavan and Schutze,
Introduction to Information Retrieval (2008), chapter 8.
"""

from collections.abc import Mapping

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums
from sluice.evaluation.queries import over_queries

NAME = "recallAtK"
NEEDS = truth.relevance


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return each query's share."""
    k = int(params["k"])
    return over_queries(answers, lambda ranked: ranked.relevant(k) / ranked.relevant())
