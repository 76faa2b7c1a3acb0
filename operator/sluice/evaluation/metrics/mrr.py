"""Mean reciprocal rank: the mean over queries of one over the rank of the first relevant result (label above 0).

Results with equal scores: the mean over their orders. A query without relevant results does not count; one with a
failed result counts 0. Bounds: bootstrap over queries (or clusters). Source: Voorhees, TREC-8 (1999) 77.
"""

from collections.abc import Mapping

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums
from sluice.evaluation.queries import over_queries

NAME = "mrr"
NEEDS = truth.relevance


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:  # noqa: ARG001 -- it has no parameters
    """Return each query's reciprocal rank."""
    return over_queries(answers, lambda ranked: ranked.first_relevant(lambda rank: 1 / (rank + 1)))
