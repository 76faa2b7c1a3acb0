"""Results in the order of a model's scores within their queries, ties shared out, and means over queries.

All queries are worked on at once: results lie one after the other, and what is of a query is summed by its number.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sluice.api.evaluation_spec import MeasurementWanted
from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.evaluation.answers import Answers
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers
from sluice.evaluation.outcomes import Sums, mean_of


class Rankings:
    """The results of queries, numbered from 0; each query has a relevant one."""

    def __init__(self, queries: Integers, labels: Floats, scores: Floats) -> None:
        order = np.lexsort((-scores, queries))
        self._queries, self._labels, scores = queries[order], labels[order], scores[order]
        first = np.diff(self._queries, prepend=-1) != 0
        self.count = int(first.sum())
        self._ranks = _places_since(first)
        new = first | (np.diff(scores, prepend=np.nan) != 0)
        self._ties = np.cumsum(new) - 1
        self._starts = np.flatnonzero(new)
        self._sizes = np.diff(self._starts, append=len(order))

    def gains(self, k: int) -> Floats:
        """Return each query's discounted gain of the first `k` results, each with the gain that is expected there."""
        return self._sum(_discounted(self._expected(self._labels), self._ranks, k))

    def best_gains(self, k: int) -> Floats:
        """Return each query's discounted gain of the first `k` results in the best order."""
        best = self._labels[np.lexsort((-self._labels, self._queries))]
        return self._sum(_discounted(best, self._ranks, k))

    def relevant(self, k: int | None = None) -> Floats:
        """Return how many relevant results are expected among each query's first `k`, or are there at all."""
        expected = self._expected(self._is_relevant)
        return self._sum(expected if k is None else np.where(self._ranks < k, expected, 0.0))

    def first_relevant(self, worth: Callable[[Floats], Floats]) -> Floats:
        """Return what the rank (from 0) of each query's first relevant result is expected to be worth.

        It is in the first tie that has one; each of its orders is as likely as any other.
        """
        counts = self._per_tie(self._is_relevant)
        ties = np.flatnonzero(counts)
        ties = ties[np.diff(self._queries[self._starts[ties]], prepend=-1) != 0]
        start, size, count = self._ranks[self._starts[ties]], self._sizes[ties], counts[ties]
        found, left = np.zeros(len(ties)), np.ones(len(ties))
        for step in range(int((size - count).max(initial=0)) + 1):
            here = np.where(step <= size - count, left * count / np.maximum(size - step, 1), 0.0)
            found += here * worth(start + step)
            left -= here
        return found

    def average_precision(self, k: int | None = None) -> Floats:
        """Return each query's mean precision at its relevant results; one beyond the first `k` adds nothing."""
        counts = self._per_tie(self._is_relevant)
        above = np.cumsum(counts) - counts
        above -= above[self._ties[self._ranks == 0]][self._queries[self._starts]]
        count, size, step = (
            counts[self._ties],
            self._sizes[self._ties],
            self._ranks - self._ranks[self._starts][self._ties],
        )
        seen = above[self._ties] + 1 + step * (count - 1) / np.maximum(size - 1, 1)
        expected = count / size * seen / (self._ranks + 1)
        return self._sum(expected if k is None else np.where(self._ranks < k, expected, 0.0)) / self.relevant()

    @cached_property
    def _is_relevant(self) -> Floats:
        return (self._labels > 0).astype(np.float64)

    def _per_tie(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self._ties, weights=values), dtype=np.float64)

    def _expected(self, values: Floats) -> Floats:
        return np.asarray((self._per_tie(values) / self._sizes)[self._ties], dtype=np.float64)

    def _sum(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self._queries, weights=values, minlength=self.count), dtype=np.float64)


def over_queries(answers: Answers, value: Callable[[Rankings], Floats]) -> Sums:
    """Return the mean of a value from 0 to 1 over the queries that have a relevant result; a failed one has 0.

    All results of a query are of one cluster, as `check_clusters` saw to.
    """
    truth, scores, queries = answers.relevance, answers.numbers, answers.queries
    number = int(queries.max()) + 1
    known = _any(queries, truth > 0, number)
    failed = _any(queries, np.isnan(scores), number)
    whole = known & ~failed
    values = np.zeros(number)
    if whole.any():
        kept = whole[queries]
        values[whole] = value(Rankings((np.cumsum(whole) - 1)[queries[kept]], truth[kept], scores[kept]))
    clusters = None if answers.clusters is None else answers.clusters[_firsts(queries, number)][known]
    return mean_of(values[known], (0.0, 1.0), clusters)


def check_clusters(measurements: Sequence[MeasurementWanted], loaded: Mapping[str, LoadedDataset]) -> None:
    """Refuse clusters that tear a ranking's queries: a query is one draw, of one cluster. Raises EvaluationFailure."""
    for wanted in measurements:
        data = loaded.get(wanted.dataset)
        if data is None or "query" not in FACTS[OfflineMetric(wanted.metric)].columns:
            continue
        if data.queries is None or data.clusters is None:
            continue
        count = torn(data.queries, data.clusters)
        if count:
            what = f"data set {data.source.name} has {count:,} queries with results in more than one cluster"
            cure = "name a column that is one for all results of a query, or none: queries are drawn whole as it is"
            message = f"{what} by {data.source.cluster!r}: {cure}"
            field = f"spec.evaluation.datasets[{data.source.name}].columns.cluster"
            raise EvaluationFailure("ClusterTearsQuery", message, field=field)


def torn(queries: Integers, parts: npt.NDArray[Any]) -> int:
    """Return how many queries have results in more than one part."""
    first = parts[_firsts(queries, int(queries.max(initial=-1)) + 1)]
    return len(np.unique(queries[first[queries] != parts]))


def counted(answers: Answers) -> tuple[Integers, Integers]:
    """Return the numbers of the queries that have a relevant result, and of each the first item."""
    number = int(answers.queries.max()) + 1
    known = np.flatnonzero(_any(answers.queries, answers.relevance > 0, number))
    return known, _firsts(answers.queries, number)[known]


def _any(queries: Integers, which: Booleans, number: int) -> Booleans:
    return np.asarray(np.bincount(queries[which], minlength=number) > 0)


def _firsts(queries: Integers, number: int) -> Integers:
    """Return the place of each query's first result."""
    firsts = np.zeros(number, dtype=np.int64)
    firsts[queries[::-1]] = np.arange(len(queries))[::-1]
    return firsts


def _places_since(first: Booleans) -> Floats:
    """Return how many places each is behind the last one that is first."""
    places = np.arange(len(first))
    return (places - np.maximum.accumulate(np.where(first, places, 0))).astype(np.float64)


def _discounted(gains: Floats, ranks: Floats, k: int) -> Floats:
    return np.where(ranks < k, gains / np.log2(ranks + 2), 0.0)
