"""Results of a query in the order of a model's scores, ties shared out, and metrics that average over queries."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.intervals.interval import Booleans, Floats
from sluice.evaluation.outcomes import Sums, mean_of


@dataclass(frozen=True, eq=False)
class Query:
    """The labels and scores of one query's results."""

    labels: Floats
    scores: Floats

    @property
    def best_gains(self) -> Floats:
        """The labels, greatest first."""
        return np.sort(self.labels)[::-1]

    @property
    def mean_gains(self) -> Floats:
        """The label that is expected at each rank."""
        return self._by_rank(self.labels)

    @property
    def mean_relevant(self) -> Floats:
        """The chance that a relevant result is at each rank."""
        return self._by_rank((self.labels > 0).astype(np.float64))

    @property
    def chance_first(self) -> Floats:
        """The chance that the first relevant result is at each rank."""
        ranks, sizes = self._ties()
        chance = np.zeros(len(self.labels))
        relevant = self._sums((self.labels > 0).astype(np.float64))
        tie = int(np.flatnonzero(relevant)[0])
        start, size, count = int(ranks[tie]), int(sizes[tie]), int(relevant[tie])
        left = 1.0
        for step in range(size - count + 1):
            chance[start + step] = left * count / (size - step)
            left *= 1 - count / (size - step)
        return chance

    def _ties(self) -> tuple[Floats, Floats]:
        """Return the first rank (from 0) and the size of each group of equal scores, highest first."""
        _, sizes = np.unique(-self.scores, return_counts=True)
        return (np.cumsum(sizes) - sizes).astype(np.float64), sizes.astype(np.float64)

    def _sums(self, values: Floats) -> Floats:
        _, place = np.unique(-self.scores, return_inverse=True)
        return np.asarray(np.bincount(place, weights=values), dtype=np.float64)

    def _by_rank(self, values: Floats) -> Floats:
        _, sizes = self._ties()
        return np.repeat(self._sums(values) / sizes, sizes.astype(np.int64))


def over_queries(answers: Answers, value: Callable[[Query], float]) -> Sums:
    """Return the mean of a value from 0 to 1 over the queries that have a relevant result; a failed one has 0."""
    truth, scores = answers.relevance, answers.numbers
    order = np.argsort(answers.queries, kind="stable")
    starts = np.flatnonzero(np.diff(answers.queries[order], prepend=-1))
    values, firsts = [], []
    for items in np.split(order, starts[1:]):
        if (truth[items] > 0).any():
            values.append(0.0 if _failed(scores[items]).any() else value(Query(truth[items], scores[items])))
            firsts.append(items[0])
    clusters = None if answers.clusters is None else answers.clusters[np.array(firsts, dtype=np.int64)]
    return mean_of(np.array(values), (0.0, 1.0), clusters)


def _failed(scores: Floats) -> Booleans:
    return np.isnan(scores)
