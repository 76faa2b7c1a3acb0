"""Mean average precision (MAP@k): the mean over queries of the mean precision at relevant results (label above 0).

The precision at a result is the share of relevant ones from the top down to it; a result beyond the first `k`, if that
is set, adds nothing, and still counts among the relevant ones. Results with equal scores: the mean over their orders. A
query without relevant results does not count; one with a failed result counts 0. Bounds: bootstrap over queries (or
clusters). Source: Buckley and Voorhees, SIGIR (2000) 33; ties: McSherry and Najork, ECIR (2008) 414.
"""

from collections.abc import Mapping

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums
from sluice.evaluation.queries import over_queries

NAME = "map"
NEEDS = truth.relevance


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return each query's average precision."""
    k = int(params["k"]) if "k" in params else None
    return over_queries(answers, lambda ranked: ranked.average_precision(k))
