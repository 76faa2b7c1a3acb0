"""What is asked in one query, and whose the series of its answer are.

In the normal case one query serves all targets that want a counter. It is split when it would name more than
`MOST_TARGETS`, reach for more than `MOST_TARGET_SECONDS` (many targets catching up after an outage) or, by what the
last answers took, exceed half of what an answer may have. A target whose answer is too large by itself is asked for
alone for a while, so that it costs the others nothing.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sluice.adapters.prometheus_matrix import Found, Matrix
from sluice.adapters.promql import OneOf, raw_samples
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.ports import CounterQuery, SluiceError, Unavailable

NAMESPACE = "namespace"
MOST_TARGETS = 1000
MOST_TARGET_SECONDS = 200_000
ALONE_SECONDS = 600.0
_MOST_REMEMBERED = 1000
_MILLISECOND = 0.001

Portion = Sequence[CounterQuery]
Answers = dict[CounterQuery, tuple[Series, ...] | SluiceError]


def selector(portion: Portion) -> str:
    """Return the PromQL that reads one counter for all targets of a portion. Raises Rejected for an unsafe one."""
    spec = portion[0].spec
    matchers = (
        OneOf(NAMESPACE, frozenset(query.namespace for query in portion)),
        OneOf(spec.target_label, frozenset(query.target for query in portion)),
        *(OneOf(name, frozenset({value})) for name, value in spec.labels),
    )
    return raw_samples(spec.metric, matchers, max(query.seconds for query in portion))


@dataclass
class Portioner:
    """Splits what is wanted of one counter into portions, by what the answers before were like."""

    max_bytes: int
    clock: Callable[[], float]
    _density: dict[CounterSpec, float] = field(default_factory=dict)
    """Bytes that a target costs a second of its window."""
    _alone: dict[tuple[str, str, CounterSpec], float] = field(default_factory=dict)
    """Targets to be asked for by themselves, and until when."""

    def portions(self, wanted: Portion) -> Iterator[Portion]:
        """Yield the portions: those who look far back with each other, so that they do not make all others' long."""
        alone = [query for query in wanted if self._alone.get(_whose(query), 0.0) > self.clock()]
        yield from ([query] for query in alone)
        yield from self._packed(sorted(set(wanted).difference(alone), key=_order))

    def _packed(self, queries: Portion) -> Iterator[Portion]:
        begin = 0
        for end in range(1, len(queries) + 1):
            if end == len(queries) or not self._fits(queries[begin], end + 1 - begin):
                yield queries[begin:end]
                begin = end

    def _fits(self, longest: CounterQuery, count: int) -> bool:
        cost = count * longest.seconds
        expected = cost * self._density.get(longest.spec, 0.0)
        return count <= MOST_TARGETS and cost <= MOST_TARGET_SECONDS and expected <= self.max_bytes / 2

    def learn(self, portion: Portion, size: int) -> None:
        """Take note of how large the answer to a portion was."""
        if len(self._density) >= _MOST_REMEMBERED:
            self._density.clear()
        spec = portion[0].spec
        self._density[spec] = max(size / _cost(portion), 0.9 * self._density.get(spec, 0.0))

    def halves(self, portion: Portion) -> tuple[Portion, ...]:
        """Return what to ask instead of a portion whose answer was too large; nothing when it is one target."""
        if len(portion) > 1:
            middle = len(portion) // 2
            return portion[:middle], portion[middle:]
        if len(self._alone) >= _MOST_REMEMBERED:
            self._alone.clear()
        self._alone[_whose(portion[0])] = self.clock() + ALONE_SECONDS
        return ()


def deal(portion: Portion, matrix: Matrix, at: float) -> Answers:
    """Return each query's own series, cut to its own window. Series that nobody asked for are left out."""
    spec, places = portion[0].spec, defaultdict[tuple[str, str], list[Found]](list)
    for found in matrix.found:
        labels = found.series.labels
        if _is_of(spec, labels):
            places[labels.get(NAMESPACE, ""), labels.get(spec.target_label, "")].append(found)
    return {query: _own(query, places.get((query.namespace, query.target), ()), at) for query in portion}


def _is_of(spec: CounterSpec, labels: Mapping[str, str]) -> bool:
    return labels.get("__name__") == spec.metric and all(labels.get(name) == value for name, value in spec.labels)


def _own(query: CounterQuery, found: Iterable[Found], at: float) -> tuple[Series, ...] | SluiceError:
    mine = tuple(found)
    if any(one.native for one in mine):
        message = f"{query.spec.metric} is a native histogram, which is not read: expose it as a classic one"
        return Unavailable(message, reason="NativeHistogram")
    cut = (_since(one.series, at - query.seconds) for one in mine)
    return tuple(one for one in cut if one.samples)


def _since(series: Series, begin: float) -> Series:
    """Return the samples in the window, both its ends included; times are exact to the millisecond."""
    samples, limit = series.samples, begin - _MILLISECOND / 2
    if not samples or samples[0][0] >= limit:
        return series
    return Series(series.labels, samples[bisect_left(samples, (limit, -float("inf"))) :])


def refusal(query: CounterQuery) -> SluiceError | None:
    """Return why a query is never sent: it would match too much, or is no selection at all."""
    return _refusal(replace(query, seconds=min(query.seconds, 1)))


@lru_cache(maxsize=8192)
def _refusal(query: CounterQuery) -> SluiceError | None:
    try:
        selector((query,))
    except SluiceError as error:
        return error
    return None


def by_counter(queries: Collection[CounterQuery]) -> Iterable[Portion]:
    """Return the queries of each counter."""
    found = defaultdict[CounterSpec, list[CounterQuery]](list)
    for query in queries:
        found[query.spec].append(query)
    return found.values()


def _whose(query: CounterQuery) -> tuple[str, str, CounterSpec]:
    return query.namespace, query.target, query.spec


def _order(query: CounterQuery) -> tuple[int, str, str]:
    return -query.seconds, query.namespace, query.target


def _cost(portion: Portion) -> int:
    return len(portion) * max(query.seconds for query in portion)
